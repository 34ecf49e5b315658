import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/** A Scheme-like interpreter: closures, tail calls, macros by quasi-quotation, exceptions, bignums on overflow. */
public class LispInterpreter {
    static final class Symbol {
        static final Map<String, Symbol> TABLE = new HashMap<>();
        final String name;
        private Symbol(String name) { this.name = name; }
        static Symbol of(String name) { return TABLE.computeIfAbsent(name, Symbol::new); }
        @Override public String toString() { return name; }
    }

    static final class Pair {
        Object car, cdr;
        Pair(Object car, Object cdr) { this.car = car; this.cdr = cdr; }
    }

    static final Object NIL = new Object() { @Override public String toString() { return "()"; } };
    static final Object UNSET = new Object() { @Override public String toString() { return "#<unspecified>"; } };

    static final class LispError extends RuntimeException {
        final Object payload;
        LispError(String m) { super(m); payload = m; }
        LispError(Object p) { super(show(p)); payload = p; }
    }

    interface Builtin { Object call(List<Object> args); }

    static final class Env {
        final Map<Symbol, Object> vars = new HashMap<>();
        final Env up;
        Env(Env up) { this.up = up; }
        Object get(Symbol s) {
            for (Env e = this; e != null; e = e.up) {
                Object v = e.vars.get(s);
                if (v != null) return v;
            }
            throw new LispError("unbound: " + s);
        }
        void set(Symbol s, Object v) {
            for (Env e = this; e != null; e = e.up) {
                if (e.vars.containsKey(s)) {
                    e.vars.put(s, v);
                    return;
                }
            }
            throw new LispError("set!: unbound " + s);
        }
    }

    record Lambda(Object params, Object body, Env env, String name) {}
    record Macro(Lambda expander) {}

    static final class Reader {
        final String s;
        int i;
        Reader(String s) { this.s = s; }
        void skip() {
            while (i < s.length()) {
                if (s.charAt(i) == ';') while (i < s.length() && s.charAt(i) != '\n') i++;
                else if (Character.isWhitespace(s.charAt(i))) i++;
                else return;
            }
        }
        boolean more() { skip(); return i < s.length(); }
        Object read() {
            skip();
            if (i >= s.length()) throw new LispError("end of input");
            char c = s.charAt(i++);
            switch (c) {
                case '(': {
                    List<Object> items = new ArrayList<>();
                    Object tail = NIL;
                    while (true) {
                        skip();
                        if (i >= s.length()) throw new LispError("unclosed list");
                        if (s.charAt(i) == ')') { i++; break; }
                        if (s.startsWith(". ", i)) { i++; tail = read(); } else items.add(read());
                    }
                    for (int k = items.size() - 1; k >= 0; k--) tail = new Pair(items.get(k), tail);
                    return tail;
                }
                case ')': throw new LispError("unexpected )");
                case '\'': return list(Symbol.of("quote"), read());
                case '`': return list(Symbol.of("quasiquote"), read());
                case ',': if (s.charAt(i) == '@') { i++; return list(Symbol.of("unquote-splicing"), read()); } return list(Symbol.of("unquote"), read());
                case '"': {
                    StringBuilder b = new StringBuilder();
                    while (s.charAt(i) != '"') { if (s.charAt(i) == '\\') i++; b.append(s.charAt(i++)); }
                    i++;
                    return b.toString();
                }
                default: {
                    int start = i - 1;
                    while (i < s.length() && " ()\n\t\"';".indexOf(s.charAt(i)) < 0) i++;
                    String t = s.substring(start, i);
                    if (t.equals("#t")) return true;
                    if (t.equals("#f")) return false;
                    if (t.matches("-?\\d+")) return norm(new java.math.BigInteger(t));
                    if (t.matches("-?\\d*\\.\\d+")) return Double.parseDouble(t);
                    return Symbol.of(t);
                }
            }
        }
    }

    static Object norm(java.math.BigInteger b) { return b.bitLength() < 63 ? (Object) b.longValue() : b; }
    static Object list(Object... xs) {
        Object l = NIL;
        for (int k = xs.length - 1; k >= 0; k--) l = new Pair(xs[k], l);
        return l;
    }
    static List<Object> items(Object l) {
        List<Object> out = new ArrayList<>();
        for (; l instanceof Pair p; l = p.cdr) out.add(p.car);
        if (l != NIL) throw new LispError("improper list");
        return out;
    }
    static String show(Object o) {
        if (o instanceof Pair) {
            StringBuilder b = new StringBuilder("(");
            String sep = "";
            while (o instanceof Pair p) { b.append(sep).append(show(p.car)); sep = " "; o = p.cdr; }
            if (o != NIL) b.append(" . ").append(show(o));
            return b.append(")").toString();
        }
        if (o instanceof Boolean b) return b ? "#t" : "#f";
        if (o instanceof String s) return '"' + s + '"';
        if (o instanceof Lambda l) return "#<lambda " + l.name() + ">";
        if (o instanceof Builtin) return "#<builtin>";
        return String.valueOf(o);
    }

    final Env global = new Env(null);
    final StringBuilder out = new StringBuilder();
    long steps;

    static Pair pair(Object o) { if (o instanceof Pair p) return p; throw new LispError("not a pair: " + show(o)); }

    static Object arith(String op, Object a, Object b) {
        if (a instanceof Double || b instanceof Double) {
            if (!(a instanceof Number x) || !(b instanceof Number y)) throw new LispError(op + ": not a number");
            double p = x.doubleValue(), q = y.doubleValue();
            return switch (op) { case "+" -> p + q; case "-" -> p - q; case "*" -> p * q; default -> p / q; };
        }
        if (a instanceof Long x && b instanceof Long y) {
            try {
                return switch (op) { case "+" -> Math.addExact(x, y); case "-" -> Math.subtractExact(x, y); case "*" -> Math.multiplyExact(x, y); default -> { if (y == 0) throw new LispError("division by zero"); yield x / y; } };
            } catch (ArithmeticException e) {
                // falls through to big numbers
            }
        }
        if (!(a instanceof Number) || !(b instanceof Number)) throw new LispError(op + ": not a number: " + show(a instanceof Number ? b : a));
        var x = new java.math.BigInteger(a.toString());
        var y = new java.math.BigInteger(b.toString());
        return norm(switch (op) { case "+" -> x.add(y); case "-" -> x.subtract(y); case "*" -> x.multiply(y); default -> x.divide(y); });
    }

    static int cmp(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) return Long.compare(x, y);
        if (a instanceof Double || b instanceof Double) return Double.compare(((Number) a).doubleValue(), ((Number) b).doubleValue());
        return new java.math.BigInteger(a.toString()).compareTo(new java.math.BigInteger(b.toString()));
    }

    void def(String n, Builtin b) { global.vars.put(Symbol.of(n), b); }

    LispInterpreter() {
        for (String op : new String[] {"+", "-", "*", "/"}) {
            BinaryOperator<Object> f = (a, b) -> arith(op, a, b);
            def(op, a -> a.size() == 1 && op.equals("-") ? f.apply(0L, a.get(0)) : a.stream().reduce(f).orElse(op.equals("*") ? 1L : 0L));
        }
        def("=", a -> cmp(a.get(0), a.get(1)) == 0);
        def("<", a -> cmp(a.get(0), a.get(1)) < 0);
        def(">", a -> cmp(a.get(0), a.get(1)) > 0);
        def("modulo", a -> Math.floorMod((Long) a.get(0), (Long) a.get(1)));
        def("car", a -> pair(a.get(0)).car);
        def("cdr", a -> pair(a.get(0)).cdr);
        def("cons", a -> new Pair(a.get(0), a.get(1)));
        def("list", a -> list(a.toArray()));
        def("null?", a -> a.get(0) == NIL);
        def("pair?", a -> a.get(0) instanceof Pair);
        def("symbol?", a -> a.get(0) instanceof Symbol);
        def("eq?", a -> a.get(0) == a.get(1) || a.get(0) instanceof Long && a.get(0).equals(a.get(1)));
        def("not", a -> a.get(0).equals(false));
        def("string-append", a -> String.join("", a.stream().map(String.class::cast).toList()));
        def("display", a -> { out.append(a.get(0) instanceof String s ? s : show(a.get(0))); return UNSET; });
        def("newline", a -> { out.append('\n'); return UNSET; });
        def("apply", a -> apply(a.get(0), items(a.get(1))));
        def("raise", a -> { throw new LispError(a.get(0)); });
        def("with-handler", a -> { try { return apply(a.get(1), List.of()); } catch (LispError e) { return apply(a.get(0), List.of(e.payload)); } });
        def("gensym", a -> new Symbol("g" + steps));
        def("set-car!", a -> { pair(a.get(0)).car = a.get(1); return UNSET; });
    }

    Object apply(Object f, List<Object> args) {
        if (f instanceof Builtin b) return b.call(args);
        if (f instanceof Lambda l) return body(l.body(), bind(l, args));
        throw new LispError("not a function: " + show(f));
    }

    Env bind(Lambda l, List<Object> args) {
        Env e = new Env(l.env());
        Object p = l.params();
        int i = 0;
        for (; p instanceof Pair q; p = q.cdr) {
            if (i >= args.size()) throw new LispError(l.name() + ": too few arguments");
            e.vars.put((Symbol) q.car, args.get(i++));
        }
        if (p instanceof Symbol rest) e.vars.put(rest, list(args.subList(i, args.size()).toArray()));
        else if (i < args.size()) throw new LispError(l.name() + ": too many arguments");
        return e;
    }

    Object body(Object forms, Env e) {
        Object v = UNSET;
        for (; forms instanceof Pair p; forms = p.cdr) v = eval(p.car, e);
        return v;
    }

    Object quasi(Object x, Env e) {
        if (!(x instanceof Pair p)) return x;
        if (p.car == Symbol.of("unquote")) return eval(pair(p.cdr).car, e);
        if (p.car instanceof Pair q && q.car == Symbol.of("unquote-splicing")) {
            Object rest = quasi(p.cdr, e);
            List<Object> l = items(eval(pair(q.cdr).car, e));
            for (int i = l.size() - 1; i >= 0; i--) rest = new Pair(l.get(i), rest);
            return rest;
        }
        return new Pair(quasi(p.car, e), quasi(p.cdr, e));
    }

    Object eval(Object x, Env e) {
        while (true) {
            steps++;
            if (x instanceof Symbol s) return e.get(s);
            if (!(x instanceof Pair p)) return x;
            if (p.car instanceof Symbol s) {
                switch (s.name) {
                    case "quote": return pair(p.cdr).car;
                    case "quasiquote": return quasi(pair(p.cdr).car, e);
                    case "if": {
                        List<Object> a = items(p.cdr);
                        if (!Boolean.FALSE.equals(eval(a.get(0), e))) x = a.get(1);
                        else if (a.size() > 2) x = a.get(2);
                        else return UNSET;
                        continue;
                    }
                    case "define": {
                        Pair a = pair(p.cdr);
                        if (a.car instanceof Pair sig) e.vars.put((Symbol) sig.car, new Lambda(sig.cdr, a.cdr, e, sig.car.toString()));
                        else e.vars.put((Symbol) a.car, eval(pair(a.cdr).car, e));
                        return UNSET;
                    }
                    case "define-macro": {
                        Pair a = pair(p.cdr), sig = pair(a.car);
                        e.vars.put((Symbol) sig.car, new Macro(new Lambda(sig.cdr, a.cdr, e, sig.car.toString())));
                        return UNSET;
                    }
                    case "set!": e.set((Symbol) pair(p.cdr).car, eval(pair(pair(p.cdr).cdr).car, e)); return UNSET;
                    case "lambda": return new Lambda(pair(p.cdr).car, pair(p.cdr).cdr, e, "?");
                    case "begin": {
                        Object f = p.cdr;
                        if (f == NIL) return UNSET;
                        while (pair(f).cdr != NIL) { eval(pair(f).car, e); f = pair(f).cdr; }
                        x = pair(f).car;
                        continue;
                    }
                    default:
                }
            }
            Object f = eval(p.car, e);
            if (f instanceof Macro m) {
                x = apply(m.expander(), items(p.cdr));
                continue;
            }
            List<Object> args = new ArrayList<>();
            for (Object a : items(p.cdr)) args.add(eval(a, e));
            if (f instanceof Lambda l) {
                e = bind(l, args);
                Object forms = l.body();
                while (pair(forms).cdr != NIL) { eval(pair(forms).car, e); forms = pair(forms).cdr; }
                x = pair(forms).car;
                continue;
            }
            return apply(f, args);
        }
    }

    void run(String source) {
        Reader r = new Reader(source);
        while (r.more()) {
            try {
                Object v = eval(r.read(), global);
                if (out.length() > 0) { System.out.print(out); out.setLength(0); }
                if (v != UNSET) System.out.println("=> " + show(v));
            } catch (LispError err) {
                System.out.println("error: " + err.getMessage());
                if (err.getMessage().startsWith("un") && !r.more()) return;
            } catch (StackOverflowError err) {
                System.out.println("error: recursion too deep");
            }
        }
    }

    public static void main(String[] args) {
        LispInterpreter l = new LispInterpreter();
        l.run("""
                (define (fact n) (if (= n 0) 1 (* n (fact (- n 1)))))
                (fact 10) (fact 30)
                (define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
                (fib 17)
                (define (loop n acc) (if (= n 0) acc (loop (- n 1) (+ acc n))))
                (loop 20000 0)
                (define (map f l) (if (null? l) '() (cons (f (car l)) (map f (cdr l)))))
                (define (filter p l) (if (null? l) '() (if (p (car l)) (cons (car l) (filter p (cdr l))) (filter p (cdr l)))))
                (define (range a b) (if (< a b) (cons a (range (+ a 1) b)) '()))
                (define (append a b) (if (null? a) b (cons (car a) (append (cdr a) b))))
                (define (sort l) (if (null? l) l
                  (append (sort (filter (lambda (x) (< x (car l))) (cdr l)))
                          (cons (car l) (sort (filter (lambda (x) (not (< x (car l)))) (cdr l)))))))
                (sort '(5 3 9 1 7 3 8 2))
                (map (lambda (x) (* x x)) (range 0 10))
                (define-macro (when c . body) `(if ,c (begin ,@body)))
                (define-macro (let bindings . body) `((lambda ,(map car bindings) ,@body) ,@(map (lambda (b) (car (cdr b))) bindings)))
                (define-macro (while c . body) (let ((name (gensym))) `(begin (define (,name) (when ,c ,@body (,name))) (,name))))
                (let ((a 1) (b 2)) (+ a b))
                (define i 0)
                (while (< i 5) (display i) (display " ") (set! i (+ i 1)))
                (newline)
                (define (make-counter) (let ((n 0)) (lambda () (set! n (+ n 1)) n)))
                (define c1 (make-counter)) (define c2 (make-counter))
                (c1) (c1) (c2)
                (define (compose . fs) (if (null? fs) (lambda (x) x) (lambda (x) ((car fs) ((apply compose (cdr fs)) x)))))
                ((compose (lambda (x) (* x 2)) (lambda (x) (+ x 1))) 5)
                (define (sieve l) (if (null? l) l (cons (car l) (sieve (filter (lambda (x) (not (= 0 (modulo x (car l))))) (cdr l))))))
                (sieve (range 2 60))
                (with-handler (lambda (e) (list 'caught e)) (lambda () (+ 1 (raise '(my error)))))
                (with-handler (lambda (e) e) (lambda () (car 5)))
                (define (hanoi n a b c) (if (= n 0) 0 (+ (hanoi (- n 1) a c b) 1 (hanoi (- n 1) c b a))))
                (hanoi 9 'a 'b 'c)
                '(1 . 2) '(1 2 . 3) `(1 ,(+ 1 1) ,@(list 3 4))
                (/ 1 0) (undefined-thing) (car '()) (5 5) ((lambda (x) x)) ((lambda (x) x) 1 2) (+ 'a 1)
                (* 1.5 4) (/ 7 2) (/ 7.0 2) (- 5) 9223372036854775807 (+ 9223372036854775807 1)
                (define (infinite n) (+ 1 (infinite n)))
                (infinite 0)
                (fact 5)
                fact car
                (string-append "a" "b")
                (define (acker m n) (if (= m 0) (+ n 1) (if (= n 0) (acker (- m 1) 1) (acker (- m 1) (acker m (- n 1))))))
                (acker 2 5)
                )
                (unclosed
                """);
    }
}
