import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A small SQL engine: create, insert, select with joins, grouping, ordering and limits, update, delete, transactions with undo, indexes. */
public class SqlEngine {
    static class SqlError extends RuntimeException {
        SqlError(String m) { super(m); }
    }

    record Row(Object[] v) {
        @Override public String toString() { return Arrays.toString(v); }
    }

    static final class Table {
        final String name;
        final List<String> columns;
        final List<Row> rows = new ArrayList<>();
        final Map<String, Map<Object, List<Row>>> indexes = new HashMap<>();
        String key;

        Table(String name, List<String> columns) {
            this.name = name;
            this.columns = columns;
        }

        int column(String c) {
            int i = columns.indexOf(c);
            if (i < 0) throw new SqlError("no column " + c + " in " + name);
            return i;
        }

        void insert(Row r) {
            if (r.v().length != columns.size()) throw new SqlError(r.v().length + " values for " + columns.size() + " columns");
            if (key != null && indexes.get(key).containsKey(r.v()[column(key)])) throw new SqlError("duplicate key " + r.v()[column(key)]);
            rows.add(r);
            indexes.forEach((c, ix) -> ix.computeIfAbsent(r.v()[column(c)], k -> new ArrayList<>()).add(r));
        }

        void delete(Row r) {
            rows.remove(r);
            indexes.forEach((c, ix) -> ix.computeIfPresent(r.v()[column(c)], (k, l) -> {
                l.remove(r);
                return l.isEmpty() ? null : l;
            }));
        }

        void index(String c) {
            Map<Object, List<Row>> ix = new HashMap<>();
            for (Row r : rows) ix.computeIfAbsent(r.v()[column(c)], k -> new ArrayList<>()).add(r);
            indexes.put(c, ix);
        }
    }

    /** Rows of a query with qualified names of their columns. */
    record Rel(List<String> names, List<Object[]> rows) {
        int find(String n) {
            List<Integer> hits = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) if (names.get(i).equals(n) || names.get(i).endsWith("." + n)) hits.add(i);
            if (hits.isEmpty()) throw new SqlError("unknown column " + n);
            if (hits.size() > 1) throw new SqlError("ambiguous column " + n);
            return hits.get(0);
        }
    }

    final Map<String, Table> tables = new HashMap<>();
    List<Runnable> undo;
    long scanned;

    private List<String> tokens;
    private int at;
    static final Pattern TOKEN = Pattern.compile("'[^']*'|[A-Za-z_][\\w.]*|\\d+(?:\\.\\d+)?|<=|>=|<>|[-+*/%(),=<>]");

    String next() {
        if (at >= tokens.size()) throw new SqlError("unexpected end");
        return tokens.get(at++);
    }
    boolean is(String w) { return at < tokens.size() && tokens.get(at).equalsIgnoreCase(w); }
    boolean accept(String w) {
        if (!is(w)) return false;
        at++;
        return true;
    }
    void expect(String w) { if (!accept(w)) throw new SqlError("expected " + w + " but found " + (at < tokens.size() ? tokens.get(at) : "the end")); }

    Table table(String n) {
        Table t = tables.get(n);
        if (t == null) throw new SqlError("no table " + n);
        return t;
    }

    interface Expr { Object eval(Rel rel, Object[] row); default boolean aggregate() { return false; } }

    record Agg(String fn, Expr arg, boolean distinct) implements Expr {
        public Object eval(Rel rel, Object[] row) { throw new SqlError(fn + " outside a group"); }
        public boolean aggregate() { return true; }
        Object over(Rel rel, List<Object[]> group) {
            List<Object> vs = group.stream().map(r -> arg == null ? Boolean.TRUE : arg.eval(rel, r)).filter(v -> v != null).collect(Collectors.toList());
            if (distinct) vs = vs.stream().distinct().toList();
            return switch (fn) {
                case "COUNT" -> (long) vs.size();
                case "SUM" -> vs.isEmpty() ? null : vs.stream().reduce((a, b) -> arith("+", a, b)).get();
                case "AVG" -> vs.isEmpty() ? null : vs.stream().mapToDouble(v -> ((Number) v).doubleValue()).average().getAsDouble();
                case "MIN" -> vs.stream().min(SqlEngine::compare).orElse(null);
                default -> vs.stream().max(SqlEngine::compare).orElse(null);
            };
        }
    }

    static Object arith(String op, Object a, Object b) {
        if (a == null || b == null) return null;
        if (a instanceof String || b instanceof String) {
            if (op.equals("+")) return a.toString() + b;
            throw new SqlError("cannot " + op + " text");
        }
        if (a instanceof Long x && b instanceof Long y) {
            return switch (op) { case "+" -> x + y; case "-" -> x - y; case "*" -> x * y; case "%" -> x % y; default -> { if (y == 0) yield null; yield x / y; } };
        }
        double x = ((Number) a).doubleValue(), y = ((Number) b).doubleValue();
        return switch (op) { case "+" -> x + y; case "-" -> x - y; case "*" -> x * y; case "%" -> x % y; default -> x / y; };
    }

    static int compare(Object a, Object b) {
        if (a == null || b == null) return a == b ? 0 : a == null ? -1 : 1;
        if (a instanceof Number x && b instanceof Number y) return Double.compare(x.doubleValue(), y.doubleValue());
        return a.toString().compareTo(b.toString());
    }

    Expr or() {
        Expr l = and();
        while (accept("OR")) {
            Expr a = l, b = and();
            l = (rel, r) -> Boolean.TRUE.equals(a.eval(rel, r)) || Boolean.TRUE.equals(b.eval(rel, r));
        }
        return l;
    }

    Expr and() {
        Expr l = not();
        while (accept("AND")) {
            Expr a = l, b = not();
            l = (rel, r) -> Boolean.TRUE.equals(a.eval(rel, r)) && Boolean.TRUE.equals(b.eval(rel, r));
        }
        return l;
    }

    Expr not() {
        if (accept("NOT")) {
            Expr e = not();
            return (rel, r) -> {
                Object v = e.eval(rel, r);
                return v == null ? null : !(Boolean) v;
            };
        }
        Expr l = sum();
        for (String op : new String[] {"<=", ">=", "<>", "=", "<", ">"}) {
            if (!accept(op)) continue;
            Expr rhs = sum();
            return (rel, r) -> {
                Object a = l.eval(rel, r), b = rhs.eval(rel, r);
                if (a == null || b == null) return null;
                int c = compare(a, b);
                return switch (op) { case "<=" -> c <= 0; case ">=" -> c >= 0; case "<>" -> c != 0; case "=" -> c == 0; case "<" -> c < 0; default -> c > 0; };
            };
        }
        if (accept("IS")) {
            boolean not = accept("NOT");
            expect("NULL");
            return (rel, r) -> l.eval(rel, r) == null != not;
        }
        if (accept("LIKE")) {
            String p = next();
            Pattern re = Pattern.compile(Arrays.stream(p.substring(1, p.length() - 1).split("%", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
            return (rel, r) -> l.eval(rel, r) instanceof String s && re.matcher(s).matches();
        }
        if (accept("IN")) {
            expect("(");
            List<Expr> es = list();
            return (rel, r) -> es.stream().anyMatch(e -> compare(e.eval(rel, r), l.eval(rel, r)) == 0);
        }
        if (accept("BETWEEN")) {
            Expr lo = sum();
            expect("AND");
            Expr hi = sum();
            return (rel, r) -> compare(l.eval(rel, r), lo.eval(rel, r)) >= 0 && compare(l.eval(rel, r), hi.eval(rel, r)) <= 0;
        }
        return l;
    }

    List<Expr> list() {
        List<Expr> es = new ArrayList<>();
        do es.add(or()); while (accept(","));
        expect(")");
        return es;
    }

    Expr sum() {
        Expr l = product();
        while (is("+") || is("-")) {
            String op = next();
            Expr a = l, b = product();
            l = (rel, r) -> arith(op, a.eval(rel, r), b.eval(rel, r));
        }
        return l;
    }

    Expr product() {
        Expr l = atom();
        while (is("*") || is("/") || is("%")) {
            String op = next();
            Expr a = l, b = atom();
            l = (rel, r) -> arith(op, a.eval(rel, r), b.eval(rel, r));
        }
        return l;
    }

    Expr atom() {
        String t = next();
        if (t.equals("(")) {
            Expr e = or();
            expect(")");
            return e;
        }
        if (t.equals("-")) {
            Expr e = atom();
            return (rel, r) -> arith("-", 0L, e.eval(rel, r));
        }
        if (t.startsWith("'")) return (rel, r) -> t.substring(1, t.length() - 1);
        if (Character.isDigit(t.charAt(0))) {
            Object v = t.contains(".") ? (Object) Double.parseDouble(t) : (Object) Long.parseLong(t);
            return (rel, r) -> v;
        }
        if (t.equalsIgnoreCase("NULL")) return (rel, r) -> null;
        if (!Character.isLetter(t.charAt(0))) throw new SqlError("unexpected " + t);
        if (accept("(")) {
            String fn = t.toUpperCase(Locale.ROOT);
            if (List.of("COUNT", "SUM", "AVG", "MIN", "MAX").contains(fn)) {
                boolean distinct = accept("DISTINCT");
                Expr arg = accept("*") ? null : or();
                expect(")");
                return new Agg(fn, arg, distinct);
            }
            List<Expr> as = list();
            return switch (fn) {
                case "UPPER" -> (rel, r) -> as.get(0).eval(rel, r).toString().toUpperCase(Locale.ROOT);
                case "LENGTH" -> (rel, r) -> (long) as.get(0).eval(rel, r).toString().length();
                case "COALESCE" -> (rel, r) -> as.stream().map(e -> e.eval(rel, r)).filter(v -> v != null).findFirst().orElse(null);
                default -> throw new SqlError("unknown function " + t);
            };
        }
        return (rel, r) -> r[rel.find(t)];
    }

    Rel scan(String n, String alias) {
        Table t = table(n);
        scanned += t.rows.size();
        return new Rel(t.columns.stream().map(c -> alias + "." + c).toList(), t.rows.stream().map(Row::v).collect(Collectors.toList()));
    }

    Rel select() {
        int items = at, depth = 0;
        while (at < tokens.size() && !(is("FROM") && depth == 0)) {
            if (is("(")) depth++;
            if (is(")")) depth--;
            at++;
        }
        expect("FROM");
        String t = next(), alias = at < tokens.size() && tokens.get(at).length() == 1 && Character.isLetter(tokens.get(at).charAt(0)) ? next() : t;
        Rel rel = scan(t, alias);
        while (is("JOIN") || is("LEFT")) {
            boolean left = accept("LEFT");
            expect("JOIN");
            String u = next(), ua = at < tokens.size() && tokens.get(at).length() == 1 && Character.isLetter(tokens.get(at).charAt(0)) ? next() : u;
            expect("ON");
            Rel right = scan(u, ua);
            List<String> names = new ArrayList<>(rel.names());
            names.addAll(right.names());
            Rel joined = new Rel(names, new ArrayList<>());
            Expr on = or();
            for (Object[] a : rel.rows()) {
                boolean any = false;
                for (Object[] b : right.rows()) {
                    Object[] ab = Arrays.copyOf(a, a.length + b.length);
                    System.arraycopy(b, 0, ab, a.length, b.length);
                    if (Boolean.TRUE.equals(on.eval(joined, ab))) {
                        joined.rows().add(ab);
                        any = true;
                    }
                }
                if (left && !any) joined.rows().add(Arrays.copyOf(a, names.size()));
            }
            rel = joined;
        }
        Rel from = rel;
        if (accept("WHERE")) {
            Expr w = or();
            from.rows().removeIf(r -> !Boolean.TRUE.equals(w.eval(from, r)));
        }
        List<Expr> group = new ArrayList<>();
        boolean grouped = accept("GROUP");
        if (grouped) {
            expect("BY");
            do group.add(or()); while (accept(","));
        }
        Expr having = accept("HAVING") ? or() : null;
        int after = at;
        at = items;
        boolean distinct = accept("DISTINCT");
        List<Expr> out = new ArrayList<>();
        List<String> names = new ArrayList<>();
        do {
            if (accept("*")) {
                for (int i = 0; i < from.names().size(); i++) {
                    int k = i;
                    out.add((x, r) -> r[k]);
                    names.add(from.names().get(i));
                }
            } else {
                int start = at;
                out.add(or());
                names.add(accept("AS") ? next() : String.join("", tokens.subList(start, at)));
            }
        } while (accept(","));
        expect("FROM");
        at = after;
        Rel result = new Rel(names, new ArrayList<>());
        if (grouped || out.stream().anyMatch(Expr::aggregate)) {
            Map<List<Object>, List<Object[]>> groups = new LinkedHashMap<>();
            if (!grouped) groups.put(List.of(), new ArrayList<>());
            for (Object[] r : from.rows()) {
                List<Object> k = new ArrayList<>();
                for (Expr g : group) k.add(g.eval(from, r));
                groups.computeIfAbsent(k, x -> new ArrayList<>()).add(r);
            }
            groups.forEach((k, rs) -> result.rows().add(out.stream().map(e -> e instanceof Agg a ? a.over(from, rs) : e.eval(from, rs.get(0))).toArray()));
        } else for (Object[] r : from.rows()) result.rows().add(out.stream().map(e -> e.eval(from, r)).toArray());
        if (having != null) result.rows().removeIf(r -> !Boolean.TRUE.equals(having.eval(result, r)));
        if (distinct) {
            List<List<Object>> seen = new ArrayList<>();
            result.rows().removeIf(r -> {
                if (seen.contains(Arrays.asList(r))) return true;
                seen.add(Arrays.asList(r));
                return false;
            });
        }
        if (accept("ORDER")) {
            expect("BY");
            Comparator<Object[]> c = null;
            do {
                Expr e = or();
                Comparator<Object[]> k = (a, b) -> compare(e.eval(result, a), e.eval(result, b));
                if (accept("DESC")) k = k.reversed();
                else accept("ASC");
                c = c == null ? k : c.thenComparing(k);
            } while (accept(","));
            result.rows().sort(c);
        }
        if (accept("LIMIT")) {
            int n = Integer.parseInt(next());
            if (n < result.rows().size()) result.rows().subList(n, result.rows().size()).clear();
        }
        return result;
    }

    void remember(Runnable r) { if (undo != null) undo.add(r); }

    String run(String sql) {
        tokens = new ArrayList<>();
        Matcher m = TOKEN.matcher(sql);
        while (m.find()) tokens.add(m.group());
        at = 0;
        String verb = next().toUpperCase(Locale.ROOT);
        String done = switch (verb) {
            case "CREATE" -> {
                if (accept("INDEX")) {
                    expect("ON");
                    Table t = table(next());
                    expect("(");
                    t.index(next());
                    expect(")");
                    yield "indexed";
                }
                expect("TABLE");
                String n = next();
                expect("(");
                List<String> cols = new ArrayList<>();
                String key = null;
                do {
                    cols.add(next());
                    if (accept("KEY")) key = cols.get(cols.size() - 1);
                } while (accept(","));
                expect(")");
                Table t = new Table(n, cols);
                if (tables.putIfAbsent(n, t) != null) throw new SqlError("table " + n + " exists");
                if (key != null) {
                    t.index(key);
                    t.key = key;
                }
                yield "created";
            }
            case "INSERT" -> {
                expect("INTO");
                Table t = table(next());
                expect("VALUES");
                int n = 0;
                do {
                    expect("(");
                    Row r = new Row(list().stream().map(e -> e.eval(null, null)).toArray());
                    t.insert(r);
                    remember(() -> t.delete(r));
                    n++;
                } while (accept(","));
                yield n + " inserted";
            }
            case "SELECT" -> {
                Rel r = select();
                StringBuilder b = new StringBuilder(String.join(" | ", r.names()));
                for (Object[] row : r.rows()) b.append("\n    ").append(Arrays.stream(row).map(v -> v instanceof Double d ? String.format(Locale.ROOT, "%.2f", d) : String.valueOf(v)).collect(Collectors.joining(" | ")));
                yield b.append("\n    (").append(r.rows().size()).append(" rows)").toString();
            }
            case "UPDATE", "DELETE" -> {
                if (verb.equals("DELETE")) expect("FROM");
                Table t = table(next());
                Map<Integer, Expr> sets = new LinkedHashMap<>();
                if (verb.equals("UPDATE")) {
                    expect("SET");
                    do {
                        int c = t.column(next());
                        expect("=");
                        sets.put(c, sum());
                    } while (accept(","));
                }
                Predicate<Object[]> where = r -> true;
                Rel rel = scan(t.name, t.name);
                if (accept("WHERE")) {
                    Expr w = or();
                    where = r -> Boolean.TRUE.equals(w.eval(rel, r));
                }
                int n = 0;
                for (Row r : new ArrayList<>(t.rows)) {
                    if (!where.test(r.v())) continue;
                    n++;
                    t.delete(r);
                    if (verb.equals("DELETE")) remember(() -> t.insert(r));
                    else {
                        Object[] v = r.v().clone();
                        sets.forEach((c, e) -> v[c] = e.eval(rel, r.v()));
                        Row fresh = new Row(v);
                        t.insert(fresh);
                        remember(() -> {
                            t.delete(fresh);
                            t.insert(r);
                        });
                    }
                }
                yield n + (verb.equals("DELETE") ? " deleted" : " updated");
            }
            case "BEGIN" -> {
                undo = new ArrayList<>();
                yield "begun";
            }
            case "COMMIT" -> {
                undo = null;
                yield "committed";
            }
            case "ROLLBACK" -> {
                if (undo == null) throw new SqlError("no transaction");
                List<Runnable> u = undo;
                undo = null;
                Collections.reverse(u);
                u.forEach(Runnable::run);
                yield u.size() + " undone";
            }
            default -> throw new SqlError("unknown statement " + verb);
        };
        if (at < tokens.size()) throw new SqlError("trailing " + tokens.get(at));
        return done;
    }

    public static void main(String[] args) {
        SqlEngine db = new SqlEngine();
        String script = """
                CREATE TABLE emp (id KEY, name, dept, pay, boss)
                CREATE TABLE dept (code, title)
                INSERT INTO dept VALUES ('d', 'Development'), ('o', 'Operations'), ('x', 'Empty')
                INSERT INTO emp VALUES (1, 'Ann', 'd', 100, NULL), (2, 'Bob', 'd', 80, 1), (3, 'Cyd', 'o', 70.5, 1), (4, 'Dan', 'o', 90, 3), (5, 'Eve', 'q', 60, 3)
                SELECT * FROM dept
                SELECT name, pay * 12 AS year FROM emp WHERE pay > 75 ORDER BY year DESC
                SELECT e.name, b.name AS boss FROM emp e JOIN emp b ON e.boss = b.id ORDER BY e.name
                SELECT e.name, d.title FROM emp e LEFT JOIN dept d ON e.dept = d.code ORDER BY name
                SELECT dept, COUNT(*) AS n, AVG(pay), MAX(name) FROM emp GROUP BY dept ORDER BY n DESC, dept
                SELECT dept, SUM(pay) AS total FROM emp GROUP BY dept HAVING total > 100 ORDER BY total
                SELECT COUNT(*), MIN(pay), COUNT(DISTINCT dept), SUM(boss) FROM emp
                SELECT DISTINCT dept FROM emp ORDER BY dept LIMIT 2
                SELECT name FROM emp WHERE name LIKE '%a%' OR name LIKE 'E%'
                SELECT name FROM emp WHERE id IN (1, 3, 9) AND NOT pay BETWEEN 90 AND 200
                SELECT name FROM emp WHERE boss IS NULL
                SELECT UPPER(name) + '!' AS loud, LENGTH(name), COALESCE(boss, 0) FROM emp WHERE (id + 1) % 2 = 0 ORDER BY id
                BEGIN
                UPDATE emp SET pay = pay + 10, name = name + '2' WHERE dept = 'd'
                DELETE FROM emp WHERE id > 3
                INSERT INTO emp VALUES (9, 'New', 'd', 1, 1)
                SELECT id, name, pay FROM emp ORDER BY id
                ROLLBACK
                SELECT id, name, pay FROM emp ORDER BY id
                INSERT INTO emp VALUES (2, 'Twin', 'd', 1, 1)
                INSERT INTO emp VALUES (7, 'Short')
                SELECT nope FROM emp
                SELECT name FROM emp e JOIN emp b ON e.boss = b.id
                SELECT * FROM nowhere
                SELECT name FROM emp WHERE
                SELECT name + FROM emp
                DROP TABLE emp
                CREATE TABLE emp (a)
                ROLLBACK
                SELECT FOO(1) FROM emp
                SELECT name - 1 FROM emp
                SELECT name FROM emp LIMIT 1 garbage
                SELECT 1 / 0, 7 / 2, 7.0 / 2, -3 + 1, NULL + 1 FROM dept LIMIT 1
                """;
        for (String sql : script.lines().toList()) {
            try {
                System.out.println(sql + "\n    " + db.run(sql));
            } catch (SqlError e) {
                System.out.println(sql + "\n    error: " + e.getMessage());
            }
        }
        db.run("CREATE TABLE big (k KEY, g, v)");
        Random r = new Random(8);
        for (int i = 0; i < 1500; i++) db.run("INSERT INTO big VALUES (" + i + ", 'g" + r.nextInt(7) + "', " + r.nextInt(1000) + ")");
        System.out.println(db.run("SELECT g, COUNT(*) AS n, SUM(v) AS s, MAX(v) FROM big WHERE k % 3 = 1 GROUP BY g ORDER BY s DESC LIMIT 4"));
        System.out.println(db.run("UPDATE big SET v = v * 2 WHERE v < 100") + " " + db.run("DELETE FROM big WHERE v > 900") + " " + db.run("SELECT COUNT(*), SUM(v) FROM big") + " scanned " + db.scanned);
        Function<Object, Object> same = Function.identity();
        System.out.println(db.table("big").indexes.get("k").size() == (int) same.apply(db.table("big").rows.size()));
    }
}
