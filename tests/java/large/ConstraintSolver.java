import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** An incremental one-way constraint solver with strengths, in the manner of DeltaBlue: chains, projections, edits. */
public class ConstraintSolver {
    enum Strength { REQUIRED, STRONG_PREFERRED, PREFERRED, STRONG_DEFAULT, NORMAL, WEAK_DEFAULT, WEAKEST;
        boolean strongerThan(Strength o) { return ordinal() < o.ordinal(); }
        Strength weaker(Strength o) { return ordinal() > o.ordinal() ? this : o; }
        Strength next() { return values()[Math.min(ordinal() + 1, WEAKEST.ordinal())]; }
    }

    static final class Variable {
        final String name;
        int value;
        final List<Constraint> constraints = new ArrayList<>();
        Constraint determinedBy;
        int mark;
        Strength walk = Strength.WEAKEST;
        boolean stay = true;
        Variable(String name, int value) { this.name = name; this.value = value; }
        @Override public String toString() { return name + "=" + value + "/" + walk; }
    }

    static final class Failure extends RuntimeException {
        Failure(String m) { super(m); }
    }

    static abstract class Constraint {
        final Strength strength;
        Constraint(Strength s) { strength = s; }
        abstract List<Variable> variables();
        abstract boolean satisfied();
        abstract void choose(int mark);
        abstract Variable output();
        abstract List<Variable> inputs();
        abstract void unsatisfy();
        abstract void execute();
        boolean input() { return false; }

        void recalculate() {
            Variable out = output();
            Strength w = strength;
            boolean stay = !input();
            for (Variable v : inputs()) {
                w = w.weaker(v.walk);
                stay &= v.stay;
            }
            out.walk = w;
            out.stay = stay;
            if (stay) execute();
        }

        boolean inputsKnown(int mark) {
            for (Variable v : inputs()) if (!(v.mark == mark || v.stay || v.determinedBy == null)) return false;
            return true;
        }
    }

    static abstract class Unary extends Constraint {
        final Variable out;
        boolean on;
        Unary(Variable v, Strength s) { super(s); out = v; }
        List<Variable> variables() { return List.of(out); }
        boolean satisfied() { return on; }
        void choose(int mark) { on = out.mark != mark && strength.strongerThan(out.walk); }
        Variable output() { return out; }
        List<Variable> inputs() { return List.of(); }
        void unsatisfy() { on = false; }
        void execute() {}
    }

    static final class Stay extends Unary { Stay(Variable v, Strength s) { super(v, s); } }

    static final class Edit extends Unary {
        int value;
        Edit(Variable v, Strength s) { super(v, s); }
        @Override boolean input() { return true; }
        @Override void execute() { out.value = value; }
    }

    enum Direction { NONE, FORWARD, BACKWARD }

    static abstract class Binary extends Constraint {
        final Variable a, b;
        Direction d = Direction.NONE;
        Binary(Variable a, Variable b, Strength s) { super(s); this.a = a; this.b = b; }
        List<Variable> variables() { return List.of(a, b); }
        boolean satisfied() { return d != Direction.NONE; }
        Variable output() { return d == Direction.FORWARD ? b : a; }
        List<Variable> inputs() { return List.of(d == Direction.FORWARD ? a : b); }
        void unsatisfy() { d = Direction.NONE; }

        void choose(int mark) {
            if (a.mark == mark) d = b.mark != mark && strength.strongerThan(b.walk) ? Direction.FORWARD : Direction.NONE;
            else if (b.mark == mark) d = strength.strongerThan(a.walk) ? Direction.BACKWARD : Direction.NONE;
            else if (a.walk.ordinal() > b.walk.ordinal()) d = strength.strongerThan(a.walk) ? Direction.BACKWARD : Direction.NONE;
            else d = strength.strongerThan(b.walk) ? Direction.FORWARD : Direction.NONE;
        }
    }

    static final class Equal extends Binary {
        Equal(Variable a, Variable b, Strength s) { super(a, b, s); }
        void execute() { if (d == Direction.FORWARD) b.value = a.value; else a.value = b.value; }
    }

    static final class Scale extends Binary {
        final Variable scale, offset;
        Scale(Variable a, Variable scale, Variable offset, Variable b, Strength s) { super(a, b, s); this.scale = scale; this.offset = offset; }
        @Override List<Variable> variables() { return List.of(a, b, scale, offset); }
        @Override List<Variable> inputs() { return List.of(d == Direction.FORWARD ? a : b, scale, offset); }
        void execute() { if (d == Direction.FORWARD) b.value = a.value * scale.value + offset.value; else a.value = (b.value - offset.value) / scale.value; }
    }

    static final class Planner {
        int mark;
        int propagated;

        void add(Constraint c) {
            for (Variable v : c.variables()) v.constraints.add(c);
            incrementalAdd(c);
        }

        void incrementalAdd(Constraint c) {
            int m = ++mark;
            for (Constraint over = satisfy(c, m); over != null; over = satisfy(over, m)) {}
        }

        Constraint satisfy(Constraint c, int m) {
            c.choose(m);
            if (!c.satisfied()) {
                if (c.strength == Strength.REQUIRED) throw new Failure("a required constraint cannot be satisfied");
                return null;
            }
            for (Variable v : c.inputs()) v.mark = m;
            Variable out = c.output();
            Constraint overridden = out.determinedBy;
            if (overridden != null) overridden.unsatisfy();
            out.determinedBy = c;
            propagate(c, m);
            out.mark = m;
            return overridden;
        }

        void propagate(Constraint c, int m) {
            ArrayDeque<Constraint> todo = new ArrayDeque<>();
            todo.push(c);
            while (!todo.isEmpty()) {
                Constraint d = todo.pop();
                propagated++;
                if (d.output().mark == m) throw new Failure("cycle");
                d.recalculate();
                for (Constraint e : d.output().constraints) if (e != d.output().determinedBy && e.satisfied()) todo.push(e);
            }
        }

        void remove(Constraint c) {
            Variable out = c.satisfied() ? c.output() : null;
            c.unsatisfy();
            for (Variable v : c.variables()) v.constraints.remove(c);
            if (out == null) return;
            out.determinedBy = null;
            out.walk = Strength.WEAKEST;
            out.stay = true;
            List<Constraint> unsatisfied = new ArrayList<>();
            ArrayDeque<Variable> todo = new ArrayDeque<>(List.of(out));
            while (!todo.isEmpty()) {
                Variable v = todo.pop();
                for (Constraint x : v.constraints) {
                    if (!x.satisfied()) unsatisfied.add(x);
                    else if (x != v.determinedBy) {
                        x.recalculate();
                        todo.push(x.output());
                    }
                }
            }
            unsatisfied.sort((x, y) -> x.strength.compareTo(y.strength));
            for (Constraint x : unsatisfied) if (!x.satisfied()) incrementalAdd(x);
        }

        List<Constraint> plan(List<? extends Constraint> sources) {
            int m = ++mark;
            ArrayDeque<Constraint> todo = new ArrayDeque<>(sources);
            List<Constraint> plan = new ArrayList<>();
            while (!todo.isEmpty()) {
                Constraint c = todo.poll();
                if (!c.satisfied() || c.output().mark == m || !c.inputsKnown(m)) continue;
                plan.add(c);
                c.output().mark = m;
                for (Constraint d : c.output().constraints) if (d != c.output().determinedBy && d.satisfied()) todo.add(d);
            }
            return plan;
        }

        void change(Variable v, int... values) {
            Edit e = new Edit(v, Strength.PREFERRED);
            add(e);
            List<Constraint> p = plan(List.of(e));
            for (int x : values) {
                e.value = x;
                for (Constraint c : p) c.execute();
            }
            remove(e);
        }
    }

    static void chain(int n) {
        Planner p = new Planner();
        List<Variable> vs = new ArrayList<>();
        for (int i = 0; i <= n; i++) vs.add(new Variable("v" + i, 0));
        for (int i = 0; i < n; i++) p.add(new Equal(vs.get(i), vs.get(i + 1), Strength.REQUIRED));
        p.add(new Stay(vs.get(n), Strength.STRONG_DEFAULT));
        Edit e = new Edit(vs.get(0), Strength.PREFERRED);
        p.add(e);
        List<Constraint> plan = p.plan(List.of(e));
        int good = 0;
        for (int i = 0; i < 50; i++) {
            e.value = i;
            for (Constraint c : plan) c.execute();
            if (vs.get(n).value == i) good++;
        }
        System.out.println("chain " + n + " plan " + plan.size() + " good " + good + " propagated " + p.propagated);
    }

    static void projection(int n) {
        Planner p = new Planner();
        Variable scale = new Variable("scale", 10), offset = new Variable("offset", 1000);
        List<Variable> dest = new ArrayList<>();
        Variable src = null, dst = null;
        for (int i = 0; i < n; i++) {
            src = new Variable("src" + i, i);
            dst = new Variable("dst" + i, i);
            dest.add(dst);
            p.add(new Stay(src, Strength.NORMAL));
            p.add(new Scale(src, scale, offset, dst, Strength.REQUIRED));
        }
        p.change(src, 17);
        System.out.println("projection " + dst + " " + src);
        p.change(dst, 1050);
        System.out.println("back " + src + " " + dst);
        p.change(scale, 5);
        int sum = 0;
        for (Variable d : dest) sum += d.value;
        System.out.println("scaled " + sum + " " + dest.get(n / 2));
        p.change(offset, 2000, 3000);
        sum = 0;
        for (Variable d : dest) sum += d.value;
        System.out.println("offset " + sum + " propagated " + p.propagated);
    }

    static void conflicts() {
        Planner p = new Planner();
        Variable a = new Variable("a", 1), b = new Variable("b", 2), c = new Variable("c", 3);
        Stay weak = new Stay(a, Strength.WEAK_DEFAULT), strong = new Stay(b, Strength.STRONG_PREFERRED);
        Equal ab = new Equal(a, b, Strength.REQUIRED), bc = new Equal(b, c, Strength.NORMAL);
        for (Constraint x : List.of(weak, strong, ab, bc)) p.add(x);
        System.out.println(a + " " + b + " " + c + " weak holds " + weak.satisfied());
        p.remove(strong);
        p.change(c, 42);
        System.out.println(a + " " + b + " " + c + " weak holds " + weak.satisfied());
        p.remove(bc);
        p.change(a, 7);
        System.out.println(a + " " + b + " " + c);
        Variable x = new Variable("x", 0);
        p.add(new Stay(x, Strength.REQUIRED));
        try {
            p.add(new Stay(x, Strength.REQUIRED));
            System.out.println("two required constraints");
        } catch (Failure f) {
            System.out.println(f.getMessage());
        }
        List<Strength> all = new ArrayList<>(List.of(Strength.values()));
        Collections.reverse(all);
        System.out.println(all + " " + Strength.NORMAL.next() + Strength.WEAKEST.next());
    }

    public static void main(String[] args) {
        for (int n : new int[] {1, 10, 100, 1000}) chain(n);
        for (int n : new int[] {1, 10, 200}) projection(n);
        conflicts();
    }
}
