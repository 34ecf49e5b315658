import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A Prolog: terms, unification with a trail, backtracking, cut, arithmetic, assert, negation, findall; programs and queries. */
public class PrologEngine {
    static abstract class Term {}

    static final class Var extends Term {
        static int counter;
        final String name;
        final int id = counter++;
        Term ref;
        Var(String name) { this.name = name; }
    }

    static final class Num extends Term {
        final long v;
        Num(long v) { this.v = v; }
    }

    static final class Struct extends Term {
        final String name;
        final Term[] args;
        Struct(String name, Term... args) { this.name = name; this.args = args; }
        String key() { return name + "/" + args.length; }
    }

    static final class PrologError extends RuntimeException {
        PrologError(String m) { super(m); }
    }

    record Clause(Struct head, List<Term> body) {}

    static Term deref(Term t) {
        while (t instanceof Var v && v.ref != null) t = v.ref;
        return t;
    }

    static String show(Term t) {
        t = deref(t);
        if (t instanceof Num n) return Long.toString(n.v);
        if (t instanceof Var v) return "_" + v.name;
        Struct s = (Struct) t;
        if (s.name.equals(".") && s.args.length == 2) {
            StringBuilder b = new StringBuilder("[").append(show(s.args[0]));
            Term tail = deref(s.args[1]);
            while (tail instanceof Struct c && c.name.equals(".") && c.args.length == 2) {
                b.append(',').append(show(c.args[0]));
                tail = deref(c.args[1]);
            }
            if (!(tail instanceof Struct e && e.name.equals("[]"))) b.append('|').append(show(tail));
            return b.append(']').toString();
        }
        if (s.args.length == 0) return s.name;
        if (s.args.length == 2 && "+-*/<>=".indexOf(s.name.charAt(0)) >= 0) return "(" + show(s.args[0]) + s.name + show(s.args[1]) + ")";
        List<String> as = new ArrayList<>();
        for (Term a : s.args) as.add(show(a));
        return s.name + "(" + String.join(",", as) + ")";
    }

    static final class Parser {
        final String s;
        int i;
        Map<String, Var> vars = new LinkedHashMap<>();
        Parser(String s) { this.s = s; }

        void skip() {
            while (i < s.length() && (Character.isWhitespace(s.charAt(i)) || s.charAt(i) == '%')) {
                if (s.charAt(i) == '%') while (i < s.length() && s.charAt(i) != '\n') i++;
                else i++;
            }
        }
        boolean accept(String t) {
            skip();
            if (!s.startsWith(t, i)) return false;
            i += t.length();
            return true;
        }
        void expect(String t) { if (!accept(t)) throw new PrologError("expected " + t + " at '" + s.substring(i, Math.min(i + 10, s.length())) + "'"); }

        Clause clause() {
            vars = new LinkedHashMap<>();
            Term h = primary();
            if (!(h instanceof Struct head)) throw new PrologError("a clause needs a head");
            List<Term> body = accept(":-") ? goals() : List.of();
            expect(".");
            return new Clause(head, body);
        }
        List<Term> goals() {
            List<Term> g = new ArrayList<>();
            do g.add(goal()); while (accept(","));
            return g;
        }
        static final String[] OPS = {"=:=", "=\\=", "\\=", "=<", ">=", "<", ">", "="};
        Term goal() {
            if (accept("\\+")) return new Struct("\\+", goal());
            Term l = sum();
            skip();
            if (s.startsWith("is ", i)) {
                i += 3;
                return new Struct("is", l, sum());
            }
            for (String op : OPS) if (accept(op)) return new Struct(op, l, sum());
            return l;
        }
        Term sum() {
            Term t = product();
            while (true) {
                if (accept("+")) t = new Struct("+", t, product());
                else if (accept("-")) t = new Struct("-", t, product());
                else return t;
            }
        }
        Term product() {
            Term t = primary();
            while (true) {
                if (accept("*")) t = new Struct("*", t, primary());
                else if (accept("//")) t = new Struct("//", t, primary());
                else if (accept("mod ")) t = new Struct("mod", t, primary());
                else return t;
            }
        }
        Term primary() {
            skip();
            if (i >= s.length()) throw new PrologError("unexpected end");
            char c = s.charAt(i);
            int start = i;
            if (accept("(")) {
                Term t = goal();
                expect(")");
                return t;
            }
            if (accept("!")) return new Struct("!");
            if (accept("[")) {
                if (accept("]")) return new Struct("[]");
                List<Term> items = new ArrayList<>();
                do items.add(sum()); while (accept(","));
                Term tail = accept("|") ? sum() : new Struct("[]");
                expect("]");
                for (int k = items.size() - 1; k >= 0; k--) tail = new Struct(".", items.get(k), tail);
                return tail;
            }
            if (Character.isDigit(c) || c == '-' && Character.isDigit(s.charAt(i + 1))) {
                i++;
                while (i < s.length() && Character.isDigit(s.charAt(i))) i++;
                return new Num(Long.parseLong(s.substring(start, i)));
            }
            while (i < s.length() && (Character.isLetterOrDigit(s.charAt(i)) || s.charAt(i) == '_')) i++;
            String w = s.substring(start, i);
            if (w.isEmpty()) throw new PrologError("unexpected " + c);
            if (Character.isUpperCase(c) || c == '_') return w.equals("_") ? new Var("_") : vars.computeIfAbsent(w, Var::new);
            if (!s.startsWith("(", i)) return new Struct(w);
            i++;
            List<Term> args = new ArrayList<>();
            do args.add(goal()); while (accept(","));
            expect(")");
            return new Struct(w, args.toArray(new Term[0]));
        }
    }

    /** Goals still to do; {@code cut} is the choice-point depth to return to at a cut. */
    record Goals(Term goal, int cut, Goals next) {}
    record Choice(Goals goals, int trail, List<Clause> clauses, int at) {}

    final Map<String, List<Clause>> rules = new HashMap<>();
    final List<Var> trail = new ArrayList<>();
    final StringBuilder out = new StringBuilder();
    long inferences;

    void bind(Var v, Term t) {
        v.ref = t;
        trail.add(v);
    }

    void undo(int to) { while (trail.size() > to) trail.remove(trail.size() - 1).ref = null; }

    boolean unify(Term a, Term b) {
        a = deref(a);
        b = deref(b);
        if (a == b) return true;
        if (a instanceof Var v) { bind(v, b); return true; }
        if (b instanceof Var v) { bind(v, a); return true; }
        if (a instanceof Num x && b instanceof Num y) return x.v == y.v;
        if (!(a instanceof Struct x) || !(b instanceof Struct y) || !x.name.equals(y.name) || x.args.length != y.args.length) return false;
        for (int i = 0; i < x.args.length; i++) if (!unify(x.args[i], y.args[i])) return false;
        return true;
    }

    static Term copy(Term t, Map<Var, Var> map) {
        t = deref(t);
        if (t instanceof Var v) return map.computeIfAbsent(v, k -> new Var(k.name));
        if (!(t instanceof Struct s) || s.args.length == 0) return t;
        Term[] as = new Term[s.args.length];
        for (int i = 0; i < as.length; i++) as[i] = copy(s.args[i], map);
        return new Struct(s.name, as);
    }

    long eval(Term t) {
        t = deref(t);
        if (t instanceof Num n) return n.v;
        if (t instanceof Var) throw new PrologError("unbound variable in arithmetic");
        Struct s = (Struct) t;
        if (s.args.length != 2) throw new PrologError("not a number: " + show(s));
        long a = eval(s.args[0]), b = eval(s.args[1]);
        return switch (s.name) {
            case "+" -> Math.addExact(a, b);
            case "-" -> a - b;
            case "*" -> Math.multiplyExact(a, b);
            case "//" -> { if (b == 0) throw new PrologError("division by zero"); yield a / b; }
            case "mod" -> Math.floorMod(a, b);
            default -> throw new PrologError("not arithmetic: " + s.name);
        };
    }

    /** Runs the goals; {@code found} is called for each solution and says whether to go on. */
    void solve(List<Term> query, Predicate<Void> found) {
        List<Choice> choices = new ArrayList<>();
        int base = trail.size();
        Goals g = null;
        for (int i = query.size() - 1; i >= 0; i--) g = new Goals(query.get(i), 0, g);
        while (true) {
            boolean ok;
            if (g == null) {
                if (!found.test(null)) break;
                ok = false;
            } else {
                inferences++;
                Term t = deref(g.goal());
                if (!(t instanceof Struct s)) throw new PrologError("not callable: " + show(t));
                List<Clause> cs = rules.get(s.key());
                if (cs != null) {
                    Goals r = resolve(s, g, cs, 0, choices);
                    ok = r != FAILED;
                    if (ok) g = r;
                } else {
                    int cut = g.cut();
                    if (s.name.equals("!")) while (choices.size() > cut) choices.remove(choices.size() - 1);
                    ok = s.name.equals("!") || builtin(s);
                    g = g.next();
                }
            }
            while (!ok) {
                if (choices.isEmpty()) {
                    undo(base);
                    return;
                }
                Choice c = choices.remove(choices.size() - 1);
                undo(c.trail());
                Goals r = resolve((Struct) deref(c.goals().goal()), c.goals(), c.clauses(), c.at(), choices);
                ok = r != FAILED;
                if (ok) g = r;
            }
        }
        undo(base);
    }

    static final Goals FAILED = new Goals(null, -1, null);

    Goals resolve(Struct s, Goals g, List<Clause> cs, int from, List<Choice> choices) {
        int mark = trail.size(), depth = choices.size();
        for (int i = from; i < cs.size(); i++) {
            Map<Var, Var> map = new HashMap<>();
            if (unify(s, copy(cs.get(i).head(), map))) {
                if (i + 1 < cs.size()) choices.add(new Choice(g, mark, cs, i + 1));
                Goals next = g.next();
                for (int k = cs.get(i).body().size() - 1; k >= 0; k--) next = new Goals(copy(cs.get(i).body().get(k), map), depth, next);
                return next;
            }
            undo(mark);
        }
        return FAILED;
    }

    boolean builtin(Struct s) {
        Term[] a = s.args;
        switch (s.key()) {
            case "true/0": return true;
            case "fail/0": return false;
            case "=/2": return unify(a[0], a[1]);
            case "\\=/2": {
                int m = trail.size();
                boolean u = unify(a[0], a[1]);
                undo(m);
                return !u;
            }
            case "is/2": return unify(a[0], new Num(eval(a[1])));
            case "</2": return eval(a[0]) < eval(a[1]);
            case ">/2": return eval(a[0]) > eval(a[1]);
            case "=</2": return eval(a[0]) <= eval(a[1]);
            case ">=/2": return eval(a[0]) >= eval(a[1]);
            case "=:=/2": return eval(a[0]) == eval(a[1]);
            case "=\\=/2": return eval(a[0]) != eval(a[1]);
            case "\\+/1": {
                boolean[] any = new boolean[1];
                solve(List.of(a[0]), x -> {
                    any[0] = true;
                    return false;
                });
                return !any[0];
            }
            case "write/1": out.append(show(a[0])); return true;
            case "nl/0": out.append('\n'); return true;
            case "assert/1": {
                Struct c = (Struct) copy(a[0], new HashMap<>());
                rules.computeIfAbsent(c.key(), k -> new ArrayList<>()).add(new Clause(c, List.of()));
                return true;
            }
            case "findall/3": {
                List<Term> all = new ArrayList<>();
                solve(List.of(a[1]), x -> all.add(copy(a[0], new HashMap<>())));
                Term l = new Struct("[]");
                for (int i = all.size() - 1; i >= 0; i--) l = new Struct(".", all.get(i), l);
                return unify(a[2], l);
            }
            default: throw new PrologError("unknown procedure " + s.key());
        }
    }

    void consult(String text) {
        Parser p = new Parser(text);
        for (p.skip(); p.i < text.length(); p.skip()) {
            Clause c = p.clause();
            rules.computeIfAbsent(c.head().key(), k -> new ArrayList<>()).add(c);
        }
    }

    void query(String q, int max) {
        System.out.println("?- " + q);
        int[] n = new int[1];
        try {
            Parser p = new Parser(q);
            List<Term> goals = p.goals();
            solve(goals, x -> {
                StringBuilder b = new StringBuilder("   ");
                p.vars.forEach((name, v) -> b.append(name).append('=').append(show(v)).append(' '));
                System.out.println(p.vars.isEmpty() ? "   yes" : b.toString().stripTrailing());
                return ++n[0] < max;
            });
        } catch (PrologError | ArithmeticException e) {
            System.out.println("   error: " + e.getMessage());
        }
        if (out.length() > 0) System.out.print(out);
        out.setLength(0);
        if (n[0] == 0) System.out.println("   no");
    }

    public static void main(String[] args) {
        PrologEngine e = new PrologEngine();
        e.consult("""
                parent(tom, bob). parent(tom, liz). parent(bob, ann). parent(bob, pat). parent(pat, jim).
                anc(X, Y) :- parent(X, Y).
                anc(X, Y) :- parent(X, Z), anc(Z, Y).
                append([], L, L).
                append([H|T], L, [H|R]) :- append(T, L, R).
                member(X, [X|_]).
                member(X, [_|T]) :- member(X, T).
                select(X, [X|T], T).
                select(X, [H|T], [H|R]) :- select(X, T, R).
                perm([], []).
                perm(L, [H|T]) :- select(H, L, R), perm(R, T).
                len([], 0).
                len([_|T], N) :- len(T, M), N is M + 1.
                range(N, N, [N]) :- !.
                range(A, B, [A|T]) :- A < B, C is A + 1, range(C, B, T).
                rev(L, R) :- rev(L, [], R).
                rev([], A, A).
                rev([H|T], A, R) :- rev(T, [H|A], R).
                queens(N, Qs) :- range(1, N, L), place(L, [], Qs).
                place([], Qs, Qs).
                place(Free, Safe, Qs) :- select(Q, Free, Rest), \\+ attack(Q, 1, Safe), place(Rest, [Q|Safe], Qs).
                attack(Q, D, [P|_]) :- Q =:= P + D.
                attack(Q, D, [P|_]) :- Q =:= P - D.
                attack(Q, D, [_|T]) :- E is D + 1, attack(Q, E, T).
                max(X, Y, X) :- X >= Y, !.
                max(_, Y, Y).
                fib(0, 0). fib(1, 1).
                fib(N, F) :- N > 1, A is N - 1, B is N - 2, fib(A, X), fib(B, Y), F is X + Y.
                hanoi(0, _, _, _) :- !.
                hanoi(N, A, B, C) :- M is N - 1, hanoi(M, A, C, B), write(A), write(C), write(go), hanoi(M, B, A, C).
                colour(red). colour(green). colour(blue).
                map(A, B, C, D) :- colour(A), colour(B), A \\= B, colour(C), C \\= A, C \\= B, colour(D), D \\= B, D \\= C.
                d(x, 1). d(N, 0) :- \\+ N = x, \\+ N = plus(_, _), \\+ N = times(_, _).
                d(plus(A, B), plus(X, Y)) :- d(A, X), d(B, Y).
                d(times(A, B), plus(times(X, B), times(A, Y))) :- d(A, X), d(B, Y).
                loop(N) :- loop(N).
                """);
        e.query("anc(tom, X)", 10);
        e.query("anc(X, jim), X \\= tom", 10);
        e.query("append(X, Y, [1,2,3])", 10);
        e.query("append([1|T], [9], [1,5,9])", 10);
        e.query("member(X, [a,f(Y),[c]]), member(Y, [1,2])", 4);
        e.query("perm([1,2,3], P)", 10);
        e.query("range(1, 10, L), len(L, N), rev(L, R)", 2);
        e.query("queens(6, Q)", 10);
        e.query("queens(8, Q)", 1);
        e.query("max(3, 7, M), max(9, 2, K)", 5);
        e.query("fib(15, F)", 1);
        e.query("hanoi(3, a, b, c), nl", 1);
        e.query("map(A, B, C, D)", 3);
        e.query("findall(X, (member(X, [1,2,3,4])), L)", 1);
        e.query("findall(S, (anc(tom, S)), L), len(L, N)", 1);
        e.query("d(times(x, plus(x, 3)), D)", 1);
        e.query("assert(seen(1)), assert(seen(2)), seen(X)", 5);
        e.query("seen(3)", 1);
        e.query("X is 7 mod 3 + 2 * 5 // 3", 1);
        e.query("X is Y + 1", 1);
        e.query("X is 1 // 0", 1);
        e.query("nosuch(1)", 1);
        e.query("X = f(Z, Y), Y = 3, \\+ Y = 4, true", 1);
        e.query("member(X, ", 1);
        e.query("range(1, 400, L), rev(L, [H|_])", 1);
        System.out.println(e.inferences);
    }
}
