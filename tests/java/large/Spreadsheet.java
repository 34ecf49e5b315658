import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;

/** A spreadsheet: formulas parsed into trees, dependencies tracked, recalculation in order, cycles and errors found, copies relocated. */
public class Spreadsheet {
    record Ref(int column, int row) implements Comparable<Ref> {
        static Ref parse(String s) {
            int i = 0, c = 0;
            while (i < s.length() && Character.isLetter(s.charAt(i))) c = c * 26 + Character.toUpperCase(s.charAt(i++)) - 'A' + 1;
            return new Ref(c - 1, Integer.parseInt(s.substring(i)) - 1);
        }
        @Override public String toString() {
            StringBuilder b = new StringBuilder();
            for (int c = column + 1; c > 0; c = (c - 1) / 26) b.insert(0, (char) ('A' + (c - 1) % 26));
            return b.append(row + 1).toString();
        }
        @Override public int compareTo(Ref o) { return row != o.row ? Integer.compare(row, o.row) : Integer.compare(column, o.column); }
    }

    sealed interface Value permits Number1, Text, Err, Blank {}
    record Number1(double v) implements Value {
        @Override public String toString() { return v == Math.rint(v) && Math.abs(v) < 1e12 ? Long.toString((long) v) : String.format(Locale.ROOT, "%.4f", v); }
    }
    record Text(String s) implements Value { @Override public String toString() { return s; } }
    record Err(String code) implements Value { @Override public String toString() { return "#" + code; } }
    enum Blank implements Value { BLANK; @Override public String toString() { return ""; } }

    static final class FormulaError extends RuntimeException {
        final String code;
        FormulaError(String code) { super(code, null, false, false); this.code = code; }
    }

    interface Expr {
        Value eval(Spreadsheet s);
        default void refs(Set<Ref> out) {}
        Expr shift(int dc, int dr);
        String show();
    }

    record Const(Value v) implements Expr {
        public Value eval(Spreadsheet s) { return v; }
        public Expr shift(int dc, int dr) { return this; }
        public String show() { return v instanceof Text ? '"' + v.toString() + '"' : v.toString(); }
    }

    record CellRef(Ref r, boolean fixedColumn, boolean fixedRow) implements Expr {
        public Value eval(Spreadsheet s) { return s.value(r); }
        public void refs(Set<Ref> out) { out.add(r); }
        public Expr shift(int dc, int dr) {
            Ref n = new Ref(fixedColumn ? r.column() : r.column() + dc, fixedRow ? r.row() : r.row() + dr);
            return n.column() < 0 || n.row() < 0 ? new Const(new Err("REF")) : new CellRef(n, fixedColumn, fixedRow);
        }
        public String show() {
            String t = r.toString(), letters = t.replaceAll("\\d", "");
            return (fixedColumn ? "$" : "") + letters + (fixedRow ? "$" : "") + t.substring(letters.length());
        }
    }

    record Range(CellRef a, CellRef b) implements Expr {
        public Value eval(Spreadsheet s) { throw new FormulaError("VALUE"); }
        List<Ref> cells() {
            List<Ref> out = new ArrayList<>();
            for (int r = Math.min(a.r().row(), b.r().row()); r <= Math.max(a.r().row(), b.r().row()); r++)
                for (int c = Math.min(a.r().column(), b.r().column()); c <= Math.max(a.r().column(), b.r().column()); c++) out.add(new Ref(c, r));
            return out;
        }
        public void refs(Set<Ref> out) { out.addAll(cells()); }
        public Expr shift(int dc, int dr) {
            Expr x = a.shift(dc, dr), y = b.shift(dc, dr);
            return x instanceof CellRef p && y instanceof CellRef q ? new Range(p, q) : new Const(new Err("REF"));
        }
        public String show() { return a.show() + ":" + b.show(); }
    }

    record Binary(String op, Expr l, Expr r) implements Expr {
        static final Map<String, DoubleBinaryOperator> OPS = Map.of("+", Double::sum, "-", (a, b) -> a - b, "*", (a, b) -> a * b, "^", StrictMath::pow,
                "/", (a, b) -> {
                    if (b == 0) throw new FormulaError("DIV/0");
                    return a / b;
                }, "<", (a, b) -> a < b ? 1 : 0, ">", (a, b) -> a > b ? 1 : 0, "=", (a, b) -> a == b ? 1 : 0);
        public Value eval(Spreadsheet s) {
            if (op.equals("&")) return new Text(check(l.eval(s)).toString() + check(r.eval(s)));
            return new Number1(OPS.get(op).applyAsDouble(number(l.eval(s)), number(r.eval(s))));
        }
        public void refs(Set<Ref> out) { l.refs(out); r.refs(out); }
        public Expr shift(int dc, int dr) { return new Binary(op, l.shift(dc, dr), r.shift(dc, dr)); }
        public String show() { return "(" + l.show() + op + r.show() + ")"; }
    }

    record Call(String name, List<Expr> args) implements Expr {
        public Value eval(Spreadsheet s) {
            switch (name) {
                case "IF": return number(args.get(0).eval(s)) != 0 ? args.get(1).eval(s) : args.size() > 2 ? args.get(2).eval(s) : new Number1(0);
                case "IFERROR":
                    try {
                        return check(args.get(0).eval(s));
                    } catch (FormulaError e) {
                        return args.get(1).eval(s);
                    }
                case "LEN": return new Number1(check(args.get(0).eval(s)).toString().length());
                case "ROUND": return new Number1(Math.round(number(args.get(0).eval(s)) * 100) / 100.0);
                default:
            }
            List<Double> ns = new ArrayList<>();
            for (Expr e : args) {
                if (e instanceof Range r) {
                    for (Ref c : r.cells()) if (check(s.value(c)) instanceof Number1 n) ns.add(n.v());
                } else ns.add(number(e.eval(s)));
            }
            return new Number1(switch (name) {
                case "SUM" -> ns.stream().mapToDouble(d -> d).sum();
                case "COUNT" -> ns.size();
                case "MAX" -> ns.stream().mapToDouble(d -> d).max().orElse(0);
                case "MIN" -> ns.stream().mapToDouble(d -> d).min().orElse(0);
                case "AVERAGE" -> ns.stream().mapToDouble(d -> d).average().orElseThrow(() -> new FormulaError("DIV/0"));
                default -> throw new FormulaError("NAME");
            });
        }
        public void refs(Set<Ref> out) { args.forEach(a -> a.refs(out)); }
        public Expr shift(int dc, int dr) { return new Call(name, args.stream().map(a -> a.shift(dc, dr)).toList()); }
        public String show() { return name + "(" + String.join(",", args.stream().map(Expr::show).toList()) + ")"; }
    }

    static Value check(Value v) {
        if (v instanceof Err e) throw new FormulaError(e.code());
        return v;
    }

    static double number(Value v) {
        check(v);
        if (v instanceof Number1 n) return n.v();
        if (v == Blank.BLANK) return 0;
        throw new FormulaError("VALUE");
    }

    static final class Parser {
        final String s;
        int i;
        Parser(String s) { this.s = s; }
        char peek() {
            while (i < s.length() && s.charAt(i) == ' ') i++;
            return i < s.length() ? s.charAt(i) : 0;
        }
        Expr all() {
            Expr e = level(0);
            if (peek() != 0) throw new FormulaError("SYNTAX");
            return e;
        }
        static final String[] LEVELS = {"<>=", "&", "+-", "*/", "^"};
        Expr level(int n) {
            if (n == LEVELS.length) return unary();
            Expr e = level(n + 1);
            while (peek() != 0 && LEVELS[n].indexOf(peek()) >= 0) e = new Binary(String.valueOf(s.charAt(i++)), e, level(n + 1));
            return e;
        }
        Expr unary() {
            char c = peek();
            if (c == '-') { i++; return new Binary("-", new Const(new Number1(0)), unary()); }
            if (c == '(') {
                i++;
                Expr e = level(0);
                if (peek() != ')') throw new FormulaError("SYNTAX");
                i++;
                return e;
            }
            if (c == '"') {
                int end = s.indexOf('"', i + 1);
                if (end < 0) throw new FormulaError("SYNTAX");
                Expr e = new Const(new Text(s.substring(i + 1, end)));
                i = end + 1;
                return e;
            }
            int start = i;
            while (i < s.length() && (Character.isLetterOrDigit(s.charAt(i)) || s.charAt(i) == '.' || s.charAt(i) == '$')) i++;
            String w = s.substring(start, i);
            if (w.isEmpty()) throw new FormulaError("SYNTAX");
            if (Character.isDigit(w.charAt(0)) || w.charAt(0) == '.') return new Const(new Number1(Double.parseDouble(w)));
            if (peek() == '(') {
                i++;
                List<Expr> args = new ArrayList<>();
                while (peek() != ')') {
                    args.add(level(0));
                    if (peek() == ',') i++;
                    else if (peek() != ')') throw new FormulaError("SYNTAX");
                }
                i++;
                return new Call(w.toUpperCase(Locale.ROOT), args);
            }
            CellRef a = cell(w);
            if (peek() == ':') {
                i++;
                int from = i;
                while (i < s.length() && (Character.isLetterOrDigit(s.charAt(i)) || s.charAt(i) == '$')) i++;
                return new Range(a, cell(s.substring(from, i)));
            }
            return a;
        }
        static CellRef cell(String w) {
            if (!w.matches("\\$?[A-Za-z]{1,3}\\$?[1-9]\\d*")) throw new FormulaError("NAME");
            return new CellRef(Ref.parse(w.replace("$", "")), w.startsWith("$"), w.indexOf('$', 1) > 0);
        }
    }

    final Map<Ref, Expr> formulas = new TreeMap<>();
    final Map<Ref, Value> values = new HashMap<>();
    final Map<Ref, Set<Ref>> users = new HashMap<>();
    int recalculated;

    Value value(Ref r) { return values.getOrDefault(r, Blank.BLANK); }

    void set(String at, String text) {
        Ref r = Ref.parse(at);
        Expr e;
        try {
            if (text.startsWith("=")) e = new Parser(text.substring(1)).all();
            else if (text.matches("-?\\d+(\\.\\d+)?")) e = new Const(new Number1(Double.parseDouble(text)));
            else e = new Const(new Text(text));
        } catch (FormulaError x) {
            e = new Const(new Err(x.code));
        }
        put(r, e);
    }

    void put(Ref r, Expr e) {
        Expr old = formulas.put(r, e);
        Set<Ref> refs = new HashSet<>();
        if (old != null) old.refs(refs);
        refs.forEach(x -> users.getOrDefault(x, Set.of()).remove(r));
        refs.clear();
        e.refs(refs);
        refs.forEach(x -> users.computeIfAbsent(x, k -> new HashSet<>()).add(r));
        recalculate(r);
    }

    void recalculate(Ref changed) {
        LinkedHashSet<Ref> order = new LinkedHashSet<>(), cycle = new LinkedHashSet<>();
        visit(changed, new LinkedHashSet<>(), order, cycle);
        List<Ref> list = new ArrayList<>(order);
        for (int i = list.size() - 1; i >= 0; i--) {
            Ref r = list.get(i);
            recalculated++;
            Expr e = formulas.get(r);
            try {
                values.put(r, cycle.contains(r) ? new Err("CYCLE") : e.eval(this));
            } catch (FormulaError x) {
                values.put(r, new Err(x.code));
            }
        }
    }

    void visit(Ref r, LinkedHashSet<Ref> path, LinkedHashSet<Ref> done, Set<Ref> cycle) {
        if (path.contains(r)) {
            boolean in = false;
            for (Ref p : path) if (in |= p.equals(r)) cycle.add(p);
            return;
        }
        if (done.contains(r)) return;
        path.add(r);
        users.getOrDefault(r, Set.of()).stream().sorted().forEach(u -> visit(u, path, done, cycle));
        path.remove(r);
        done.add(r);
    }

    void copy(String from, String to) {
        Ref a = Ref.parse(from), b = Ref.parse(to);
        put(b, formulas.get(a).shift(b.column() - a.column(), b.row() - a.row()));
    }

    String show(String... cells) {
        StringBuilder b = new StringBuilder();
        for (String c : cells) b.append(c).append('=').append(value(Ref.parse(c))).append(' ');
        return b.toString().trim();
    }

    public static void main(String[] args) {
        Spreadsheet s = new Spreadsheet();
        for (int i = 1; i <= 10; i++) s.set("A" + i, "" + i * i);
        s.set("B1", "=SUM(A1:A10)");
        s.set("B2", "=AVERAGE(A1:A10)*2+MAX(A1:A3)^2");
        s.set("B3", "=IF(B1>100,\"big \"&B1,\"small\")");
        s.set("B4", "=LEN(B3)-COUNT(A1:B2)");
        s.set("C1", "=A1+1");
        for (int i = 2; i <= 10; i++) s.copy("C1", "C" + i);
        s.set("D1", "=$A$1*A1+$A2*B$1");
        s.copy("D1", "E3");
        System.out.println(s.show("B1", "B2", "B3", "B4", "C1", "C10", "D1", "E3"));
        System.out.println(s.formulas.get(Ref.parse("C7")).show() + " " + s.formulas.get(Ref.parse("E3")).show() + " " + s.formulas.get(Ref.parse("B2")).show());
        s.set("A1", "-100");
        System.out.println(s.show("B1", "B2", "B3", "B4", "C1", "D1"));
        for (String f : new String[] {"=1/0", "=A1+", "=(1", "=NOPE(1)", "=\"x\"+1", "=A1:A2", "=Z99", "=nonsense", "=IFERROR(1/0,\"saved\")", "=1/3", "=2^3^2", "=-2^2", "=1<2", "text", "=ROUND(2/3)", "=SUM()", "=AVERAGE(Q1:Q3)", "=\"a\"&1&\"b\""}) {
            s.set("F1", f);
            System.out.println(f + " -> " + s.show("F1"));
        }
        s.set("G1", "=G2+1");
        s.set("G2", "=G3+1");
        s.set("G3", "5");
        System.out.println(s.show("G1", "G2", "G3"));
        s.set("G3", "=G1");
        System.out.println(s.show("G1", "G2", "G3"));
        s.set("G3", "7");
        System.out.println(s.show("G1", "G2", "G3"));
        s.copy("C2", "A50");
        System.out.println(s.show("A50") + " " + new Ref(701, 4) + " " + Ref.parse("ABC12").column());
        s.set("H1", "1");
        for (int i = 2; i <= 300; i++) s.set("H" + i, "=H" + (i - 1) + "+H1");
        int before = s.recalculated;
        s.set("H1", "2");
        System.out.println(s.show("H300") + " recalculated " + (s.recalculated - before));
    }
}
