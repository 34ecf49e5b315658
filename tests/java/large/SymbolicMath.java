import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;

/** Expressions: parse, simplify, differentiate, evaluate, compile to closures, find roots, integrate; polynomials besides. */
public class SymbolicMath {
    sealed interface Expr permits Num, Var, Sum, Product, Power, Fn {
        double eval(Map<String, Double> env);
        Expr diff(String v);
        default Expr simplify() { return this; }
        DoubleUnaryOperator compile(String v);
    }

    record Num(double v) implements Expr {
        public double eval(Map<String, Double> env) { return v; }
        public Expr diff(String x) { return ZERO; }
        public DoubleUnaryOperator compile(String x) { return t -> v; }
        @Override public String toString() { return v == Math.rint(v) && Math.abs(v) < 1e9 ? (v < 0 ? "(" + (long) v + ")" : Long.toString((long) v)) : Double.toString(v); }
    }

    static final Num ZERO = new Num(0), ONE = new Num(1);

    record Var(String name) implements Expr {
        public double eval(Map<String, Double> env) {
            Double d = env.get(name);
            if (d == null) throw new IllegalArgumentException("no value for " + name);
            return d;
        }
        public Expr diff(String x) { return name.equals(x) ? ONE : ZERO; }
        public DoubleUnaryOperator compile(String x) {
            if (!name.equals(x)) throw new IllegalArgumentException("free variable " + name);
            return t -> t;
        }
        @Override public String toString() { return name; }
    }

    record Sum(Expr a, Expr b) implements Expr {
        public double eval(Map<String, Double> env) { return a.eval(env) + b.eval(env); }
        public Expr diff(String x) { return new Sum(a.diff(x), b.diff(x)); }
        public Expr simplify() {
            Expr p = a.simplify(), q = b.simplify();
            if (p instanceof Num m && q instanceof Num n) return new Num(m.v() + n.v());
            if (p.equals(ZERO)) return q;
            if (q.equals(ZERO)) return p;
            if (p.equals(q)) return new Product(new Num(2), p).simplify();
            if (q instanceof Num) return new Sum(q, p).simplify();
            if (p instanceof Num m && q instanceof Sum s && s.a() instanceof Num n) return new Sum(new Num(m.v() + n.v()), s.b()).simplify();
            if (p instanceof Product u && q instanceof Product w && u.a() instanceof Num m && w.a() instanceof Num n && u.b().equals(w.b())) return new Product(new Num(m.v() + n.v()), u.b()).simplify();
            return new Sum(p, q);
        }
        public DoubleUnaryOperator compile(String x) {
            DoubleUnaryOperator f = a.compile(x), g = b.compile(x);
            return t -> f.applyAsDouble(t) + g.applyAsDouble(t);
        }
        @Override public String toString() { return "(" + a + " + " + b + ")"; }
    }

    record Product(Expr a, Expr b) implements Expr {
        public double eval(Map<String, Double> env) { return a.eval(env) * b.eval(env); }
        public Expr diff(String x) { return new Sum(new Product(a.diff(x), b), new Product(a, b.diff(x))); }
        public Expr simplify() {
            Expr p = a.simplify(), q = b.simplify();
            if (p instanceof Num m && q instanceof Num n) return new Num(m.v() * n.v());
            if (p.equals(ZERO) || q.equals(ZERO)) return ZERO;
            if (p.equals(ONE)) return q;
            if (q.equals(ONE)) return p;
            if (q instanceof Num) return new Product(q, p).simplify();
            if (p instanceof Num m && q instanceof Product s && s.a() instanceof Num n) return new Product(new Num(m.v() * n.v()), s.b()).simplify();
            if (p.equals(q)) return new Power(p, 2).simplify();
            if (p instanceof Power u && u.base().equals(q)) return new Power(q, u.n() + 1).simplify();
            if (q instanceof Power u && u.base().equals(p)) return new Power(p, u.n() + 1).simplify();
            if (p instanceof Power u && q instanceof Power w && u.base().equals(w.base())) return new Power(u.base(), u.n() + w.n()).simplify();
            return new Product(p, q);
        }
        public DoubleUnaryOperator compile(String x) {
            DoubleUnaryOperator f = a.compile(x), g = b.compile(x);
            return t -> f.applyAsDouble(t) * g.applyAsDouble(t);
        }
        @Override public String toString() { return a + "*" + b; }
    }

    record Power(Expr base, int n) implements Expr {
        static double power(double b, int n) {
            if (n < 0) return 1 / power(b, -n);
            double r = 1;
            for (; n > 0; n >>= 1, b *= b) if ((n & 1) == 1) r *= b;
            return r;
        }
        public double eval(Map<String, Double> env) { return power(base.eval(env), n); }
        public Expr diff(String x) { return new Product(new Product(new Num(n), new Power(base, n - 1)), base.diff(x)); }
        public Expr simplify() {
            Expr p = base.simplify();
            if (n == 0) return ONE;
            if (n == 1) return p;
            if (p instanceof Num m) return new Num(power(m.v(), n));
            if (p instanceof Power w) return new Power(w.base(), w.n() * n).simplify();
            return new Power(p, n);
        }
        public DoubleUnaryOperator compile(String x) {
            DoubleUnaryOperator f = base.compile(x);
            return t -> power(f.applyAsDouble(t), n);
        }
        @Override public String toString() { return base + "^" + (n < 0 ? "(" + n + ")" : n); }
    }

    enum F {
        SIN(StrictMath::sin) { Expr diff(Expr u) { return new Fn(COS, u); } },
        COS(StrictMath::cos) { Expr diff(Expr u) { return new Product(new Num(-1), new Fn(SIN, u)); } },
        EXP(StrictMath::exp) { Expr diff(Expr u) { return new Fn(EXP, u); } },
        LOG(StrictMath::log) { Expr diff(Expr u) { return new Power(u, -1); } },
        SQRT(Math::sqrt) { Expr diff(Expr u) { return new Product(new Num(0.5), new Power(new Fn(SQRT, u), -1)); } };
        final DoubleUnaryOperator f;
        F(DoubleUnaryOperator f) { this.f = f; }
        abstract Expr diff(Expr u);
    }

    record Fn(F f, Expr u) implements Expr {
        public double eval(Map<String, Double> env) { return f.f.applyAsDouble(u.eval(env)); }
        public Expr diff(String x) { return new Product(f.diff(u), u.diff(x)); }
        public Expr simplify() {
            Expr p = u.simplify();
            if (f == F.LOG && p instanceof Fn g && g.f() == F.EXP) return g.u();
            if (p.equals(ZERO)) return f == F.SIN || f == F.SQRT ? ZERO : f == F.LOG ? new Fn(f, p) : ONE;
            return new Fn(f, p);
        }
        public DoubleUnaryOperator compile(String x) { return u.compile(x).andThen(f.f); }
        @Override public String toString() { return f.name().toLowerCase(java.util.Locale.ROOT) + "(" + u + ")"; }
    }

    static final class Parser {
        final String s;
        int i;
        Parser(String s) { this.s = s.replace(" ", ""); }
        static Expr parse(String s) {
            Parser p = new Parser(s);
            Expr e = p.sum();
            if (p.i < p.s.length()) throw new IllegalArgumentException("at " + p.i + " of " + p.s + ": " + p.s.charAt(p.i));
            return e;
        }
        char peek() { return i < s.length() ? s.charAt(i) : '$'; }
        Expr sum() {
            Expr e = product();
            while (peek() == '+' || peek() == '-') {
                char c = s.charAt(i++);
                Expr r = product();
                e = new Sum(e, c == '+' ? r : new Product(new Num(-1), r));
            }
            return e;
        }
        Expr product() {
            Expr e = power();
            while (peek() == '*' || peek() == '/') {
                char c = s.charAt(i++);
                Expr r = power();
                e = new Product(e, c == '*' ? r : new Power(r, -1));
            }
            return e;
        }
        Expr power() {
            Expr e = atom();
            if (peek() == '^') {
                i++;
                boolean neg = peek() == '-';
                if (neg) i++;
                int start = i;
                while (Character.isDigit(peek())) i++;
                int n = Integer.parseInt(s.substring(start, i));
                return new Power(e, neg ? -n : n);
            }
            return e;
        }
        Expr atom() {
            int start = i;
            char c = peek();
            if (c == '-') {
                i++;
                return new Product(new Num(-1), power());
            }
            if (c == '(') {
                i++;
                Expr e = sum();
                if (peek() != ')') throw new IllegalArgumentException("missing )");
                i++;
                return e;
            }
            if (Character.isDigit(c)) {
                while (Character.isDigit(peek()) || peek() == '.') i++;
                return new Num(Double.parseDouble(s.substring(start, i)));
            }
            while (Character.isLetter(peek())) i++;
            String w = s.substring(start, i);
            if (w.isEmpty()) throw new IllegalArgumentException("expected something at " + i);
            if (peek() != '(') return new Var(w);
            i++;
            Expr u = sum();
            if (peek() != ')') throw new IllegalArgumentException("missing )");
            i++;
            return new Fn(F.valueOf(w.toUpperCase(java.util.Locale.ROOT)), u);
        }
    }

    static double newton(Expr e, double x) {
        DoubleUnaryOperator f = e.compile("x"), d = e.diff("x").simplify().compile("x");
        for (int i = 0; i < 60; i++) x -= f.applyAsDouble(x) / d.applyAsDouble(x);
        return x;
    }

    static double simpson(DoubleUnaryOperator f, double a, double b, int n) {
        double h = (b - a) / n, s = f.applyAsDouble(a) + f.applyAsDouble(b);
        for (int i = 1; i < n; i++) s += (i % 2 == 1 ? 4 : 2) * f.applyAsDouble(a + i * h);
        return s * h / 3;
    }

    /** Coefficients by degree. */
    record Poly(TreeMap<Integer, Double> c) {
        static Poly of(double... cs) {
            TreeMap<Integer, Double> m = new TreeMap<>();
            for (int i = 0; i < cs.length; i++) if (cs[i] != 0) m.put(i, cs[i]);
            return new Poly(m);
        }
        Poly plus(Poly o, double k) {
            TreeMap<Integer, Double> m = new TreeMap<>(c);
            o.c.forEach((d, x) -> m.merge(d, x * k, (p, q) -> p + q == 0 ? null : p + q));
            return new Poly(m);
        }
        Poly times(Poly o) {
            TreeMap<Integer, Double> m = new TreeMap<>();
            c.forEach((d, x) -> o.c.forEach((e, y) -> m.merge(d + e, x * y, (p, q) -> p + q == 0 ? null : p + q)));
            return new Poly(m);
        }
        Poly[] divide(Poly o) {
            Poly q = of(), r = this;
            while (!r.c.isEmpty() && r.c.lastKey() >= o.c.lastKey()) {
                TreeMap<Integer, Double> t = new TreeMap<>(Map.of(r.c.lastKey() - o.c.lastKey(), r.c.lastEntry().getValue() / o.c.lastEntry().getValue()));
                q = q.plus(new Poly(t), 1);
                r = r.plus(new Poly(t).times(o), -1);
            }
            return new Poly[] {q, r};
        }
        double at(double x) {
            double v = 0;
            for (int d = c.isEmpty() ? 0 : c.lastKey(); d >= 0; d--) v = v * x + c.getOrDefault(d, 0.0);
            return v;
        }
        @Override public String toString() { return c.descendingMap().toString(); }
    }

    public static void main(String[] args) {
        Map<String, Double> env = Map.of("x", 1.5, "y", -0.5);
        for (String s : List.of("x^3 + 2*x*y - 4", "sin(x)*cos(y) + exp(x*y)", "x/(1+x^2)", "log(exp(x)) + 0*y + x + x", "sqrt(x^2+y^2)", "-x^2 - -x", "(x+1)^3*(x+1)^-2", "2*3*x*4", "x-x")) {
            Expr e = Parser.parse(s), d = e.diff("x").simplify();
            double h = 1e-5, num = (e.eval(Map.of("x", 1.5 + h, "y", -0.5)) - e.eval(Map.of("x", 1.5 - h, "y", -0.5))) / (2 * h);
            System.out.println(s + " => " + e.simplify() + " = " + e.eval(env) + "\n  d/dx " + d + " = " + d.eval(env) + " close " + (Math.abs(d.eval(env) - num) < 1e-6) + " same " + (Math.abs(e.simplify().eval(env) - e.eval(env)) < 1e-12));
        }
        for (String s : List.of("x +", "(x", "x)", "foo(x)", "x^y", "2 $ 3")) {
            try {
                System.out.println(Parser.parse(s));
            } catch (IllegalArgumentException e) {
                System.out.println(s + ": " + e.getClass().getSimpleName() + " " + e.getMessage());
            }
        }
        System.out.println(newton(Parser.parse("x^2 - 2"), 1) + " " + newton(Parser.parse("cos(x) - x"), 1) + " " + newton(Parser.parse("exp(x) - 5"), 1));
        System.out.println(simpson(Parser.parse("sin(x)").compile("x"), 0, StrictMath.PI, 200) + " " + simpson(Parser.parse("1/(1+x^2)").compile("x"), 0, 1, 200) * 4);
        try {
            Parser.parse("x*z").eval(env);
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        Expr nested = new Var("x");
        for (int i = 0; i < 6; i++) nested = new Fn(F.SIN, new Product(nested, nested));
        Expr d6 = nested.diff("x").simplify();
        System.out.println(d6.toString().length() + " " + d6.eval(Map.of("x", 0.9)));
        Poly p = Poly.of(-1, 0, 0, 1), q = Poly.of(-1, 1);
        System.out.println(p.divide(q)[0] + " " + p.divide(q)[1] + " " + p.times(q) + " " + p.plus(p, -1) + " " + p.at(3) + " " + Poly.of(1, 2, 3).divide(Poly.of(5, 1))[1]);
        Random r = new Random(4);
        int bad = 0;
        Map<Integer, Integer> degrees = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            double[] a = r.ints(1 + r.nextInt(8), -9, 10).asDoubleStream().toArray(), b = r.ints(1 + r.nextInt(4), -9, 10).asDoubleStream().toArray();
            b[b.length - 1] = 1;
            Poly x = Poly.of(a), y = Poly.of(b);
            Poly[] qr = x.divide(y);
            if (!qr[0].times(y).plus(qr[1], 1).equals(x)) bad++;
            degrees.merge(qr[1].c().isEmpty() ? -1 : qr[1].c().lastKey(), 1, Integer::sum);
        }
        System.out.println("bad " + bad + " " + new TreeMap<>(degrees));
    }
}
