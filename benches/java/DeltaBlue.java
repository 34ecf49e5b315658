import java.util.ArrayList;

/**
 * An incremental solver for one-way constraints with strengths: adding a constraint revokes weaker ones, and a
 * plan is the order in which the chosen methods run. Deep class hierarchy, lists, many short virtual calls.
 */
public class DeltaBlue extends Harness {
    private static final int REQUIRED = 0, PREFERRED = 2, DEFAULT = 4, WEAKEST = 6;

    static final class Variable {
        long value;
        final ArrayList<Constraint> constraints = new ArrayList<>();
        Constraint determinedBy;
        int mark;
        int walkStrength = WEAKEST;
        boolean stays = true;

        Variable(long value) {
            this.value = value;
        }
    }

    abstract static class Constraint {
        final int strength;

        Constraint(int strength) {
            this.strength = strength;
        }

        abstract boolean isSatisfied();

        abstract void chooseMethod(int mark);

        abstract void markInputs(int mark);

        abstract boolean inputsKnown(int mark);

        abstract Variable output();

        abstract void recalculate();

        abstract void execute();

        abstract void unsatisfy();

        abstract void connect();

        abstract void disconnect();

        boolean isInput() {
            return false;
        }

        final void add(Planner planner) {
            connect();
            planner.incrementalAdd(this);
        }

        final void destroy(Planner planner) {
            if (isSatisfied()) {
                planner.incrementalRemove(this);
            }
            disconnect();
        }

        /** Takes the output variable; returns the constraint that is overridden by that. */
        final Constraint satisfy(int mark, Planner planner) {
            chooseMethod(mark);
            if (!isSatisfied()) {
                if (strength == REQUIRED) {
                    throw new IllegalStateException("a required constraint cannot be satisfied");
                }
                return null;
            }
            markInputs(mark);
            Variable out = output();
            Constraint overridden = out.determinedBy;
            if (overridden != null) {
                overridden.unsatisfy();
            }
            out.determinedBy = this;
            if (!planner.addPropagate(this, mark)) {
                throw new IllegalStateException("cycle");
            }
            out.mark = mark;
            return overridden;
        }
    }

    abstract static class Unary extends Constraint {
        final Variable variable;
        boolean satisfied;

        Unary(Variable variable, int strength) {
            super(strength);
            this.variable = variable;
        }

        @Override
        void connect() {
            variable.constraints.add(this);
            satisfied = false;
        }

        @Override
        void disconnect() {
            variable.constraints.remove(this);
            satisfied = false;
        }

        @Override
        boolean isSatisfied() {
            return satisfied;
        }

        @Override
        void chooseMethod(int mark) {
            satisfied = variable.mark != mark && strength < variable.walkStrength;
        }

        @Override
        void markInputs(int mark) {
        }

        @Override
        boolean inputsKnown(int mark) {
            return true;
        }

        @Override
        Variable output() {
            return variable;
        }

        @Override
        void recalculate() {
            variable.walkStrength = strength;
            variable.stays = !isInput();
            if (variable.stays) {
                execute();
            }
        }

        @Override
        void unsatisfy() {
            satisfied = false;
        }
    }

    static final class Stay extends Unary {
        Stay(Variable v, int strength) {
            super(v, strength);
        }

        @Override
        void execute() {
        }
    }

    static final class Edit extends Unary {
        Edit(Variable v, int strength) {
            super(v, strength);
        }

        @Override
        boolean isInput() {
            return true;
        }

        @Override
        void execute() {
        }
    }

    abstract static class Binary extends Constraint {
        static final int NONE = 0, FORWARD = 1, BACKWARD = -1;
        final Variable left, right;
        int direction = NONE;

        Binary(Variable left, Variable right, int strength) {
            super(strength);
            this.left = left;
            this.right = right;
        }

        @Override
        boolean isSatisfied() {
            return direction != NONE;
        }

        @Override
        void connect() {
            left.constraints.add(this);
            right.constraints.add(this);
            direction = NONE;
        }

        @Override
        void disconnect() {
            left.constraints.remove(this);
            right.constraints.remove(this);
            direction = NONE;
        }

        @Override
        void chooseMethod(int mark) {
            if (left.mark == mark) {
                direction = right.mark != mark && strength < right.walkStrength ? FORWARD : NONE;
            } else if (right.mark == mark) {
                direction = strength < left.walkStrength ? BACKWARD : NONE;
            } else if (left.walkStrength > right.walkStrength) {
                direction = strength < left.walkStrength ? BACKWARD : NONE;
            } else {
                direction = strength < right.walkStrength ? FORWARD : NONE;
            }
        }

        @Override
        void markInputs(int mark) {
            input().mark = mark;
        }

        @Override
        boolean inputsKnown(int mark) {
            Variable in = input();
            return in.mark == mark || in.stays || in.determinedBy == null;
        }

        Variable input() {
            return direction == FORWARD ? left : right;
        }

        @Override
        Variable output() {
            return direction == FORWARD ? right : left;
        }

        @Override
        void unsatisfy() {
            direction = NONE;
        }

        @Override
        void recalculate() {
            Variable in = input(), out = output();
            out.walkStrength = Math.max(strength, in.walkStrength);
            out.stays = in.stays;
            if (out.stays) {
                execute();
            }
        }
    }

    static final class Equal extends Binary {
        Equal(Variable a, Variable b, int strength) {
            super(a, b, strength);
        }

        @Override
        void execute() {
            output().value = input().value;
        }
    }

    /** right = left * scale + offset. */
    static final class Scale extends Binary {
        final Variable scale, offset;

        Scale(Variable left, Variable scale, Variable offset, Variable right, int strength) {
            super(left, right, strength);
            this.scale = scale;
            this.offset = offset;
        }

        @Override
        void connect() {
            super.connect();
            scale.constraints.add(this);
            offset.constraints.add(this);
        }

        @Override
        void disconnect() {
            super.disconnect();
            scale.constraints.remove(this);
            offset.constraints.remove(this);
        }

        @Override
        void markInputs(int mark) {
            super.markInputs(mark);
            scale.mark = mark;
            offset.mark = mark;
        }

        @Override
        void execute() {
            if (direction == FORWARD) {
                right.value = left.value * scale.value + offset.value;
            } else {
                left.value = (right.value - offset.value) / scale.value;
            }
        }

        @Override
        void recalculate() {
            Variable in = input(), out = output();
            out.walkStrength = Math.max(strength, in.walkStrength);
            out.stays = in.stays && scale.stays && offset.stays;
            if (out.stays) {
                execute();
            }
        }
    }

    static final class Planner {
        int mark;

        void incrementalAdd(Constraint c) {
            int m = ++mark;
            for (Constraint o = c.satisfy(m, this); o != null; ) {
                o = o.satisfy(m, this);
            }
        }

        void incrementalRemove(Constraint c) {
            Variable out = c.output();
            c.unsatisfy();
            c.disconnect();
            ArrayList<Constraint> unsatisfied = removePropagate(out);
            for (int strength = REQUIRED; strength <= WEAKEST; strength++) {
                for (Constraint u : unsatisfied) {
                    if (u.strength == strength) {
                        incrementalAdd(u);
                    }
                }
            }
        }

        ArrayList<Constraint> makePlan(ArrayList<Constraint> sources) {
            int m = ++mark;
            ArrayList<Constraint> plan = new ArrayList<>();
            ArrayList<Constraint> todo = sources;
            while (!todo.isEmpty()) {
                Constraint c = todo.remove(todo.size() - 1);
                if (c.output().mark != m && c.inputsKnown(m)) {
                    plan.add(c);
                    c.output().mark = m;
                    addConsumers(c.output(), todo);
                }
            }
            return plan;
        }

        boolean addPropagate(Constraint c, int m) {
            ArrayList<Constraint> todo = new ArrayList<>();
            todo.add(c);
            while (!todo.isEmpty()) {
                Constraint d = todo.remove(todo.size() - 1);
                if (d.output().mark == m) {
                    incrementalRemove(c);
                    return false;
                }
                d.recalculate();
                addConsumers(d.output(), todo);
            }
            return true;
        }

        private ArrayList<Constraint> removePropagate(Variable out) {
            out.determinedBy = null;
            out.walkStrength = WEAKEST;
            out.stays = true;
            ArrayList<Constraint> unsatisfied = new ArrayList<>();
            ArrayList<Variable> todo = new ArrayList<>();
            todo.add(out);
            while (!todo.isEmpty()) {
                Variable v = todo.remove(todo.size() - 1);
                for (Constraint c : v.constraints) {
                    if (!c.isSatisfied()) {
                        unsatisfied.add(c);
                    }
                }
                for (Constraint c : v.constraints) {
                    if (c != v.determinedBy && c.isSatisfied()) {
                        c.recalculate();
                        todo.add(c.output());
                    }
                }
            }
            return unsatisfied;
        }

        private void addConsumers(Variable v, ArrayList<Constraint> into) {
            for (Constraint c : v.constraints) {
                if (c != v.determinedBy && c.isSatisfied()) {
                    into.add(c);
                }
            }
        }

        void change(Variable v, long value) {
            Edit edit = new Edit(v, PREFERRED);
            edit.add(this);
            ArrayList<Constraint> sources = new ArrayList<>();
            sources.add(edit);
            ArrayList<Constraint> plan = makePlan(sources);
            for (int i = 0; i < 10; i++) {
                v.value = value + i;
                for (Constraint c : plan) {
                    c.execute();
                }
            }
            edit.destroy(this);
        }
    }

    /** A chain of equalities, changed at its head. */
    static long chain(int n) {
        Planner planner = new Planner();
        Variable first = new Variable(0);
        Variable last = first;
        for (int i = 0; i < n; i++) {
            Variable next = new Variable(0);
            new Equal(last, next, REQUIRED).add(planner);
            last = next;
        }
        new Stay(last, DEFAULT).add(planner);
        long sum = 0;
        for (int i = 0; i < 10; i++) {
            planner.change(first, i * 10L);
            sum = sum * 31 + last.value;
        }
        return sum;
    }

    /** Many pairs bound by one linear relation, whose parameters change too. */
    static long projection(int n) {
        Planner planner = new Planner();
        Variable scale = new Variable(10), offset = new Variable(1000);
        ArrayList<Variable> sources = new ArrayList<>(), targets = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Variable s = new Variable(i), t = new Variable(i);
            new Stay(s, DEFAULT).add(planner);
            new Scale(s, scale, offset, t, REQUIRED).add(planner);
            sources.add(s);
            targets.add(t);
        }
        planner.change(sources.get(0), 17);
        long sum = targets.get(0).value;
        planner.change(targets.get(1), 1050);
        sum = sum * 31 + sources.get(1).value;
        planner.change(scale, 5);
        for (Variable t : targets) {
            sum = sum * 31 + t.value;
        }
        planner.change(offset, 2000);
        for (Variable t : targets) {
            sum = sum * 31 + t.value;
        }
        return sum;
    }

    @Override
    protected long iterate() {
        long sum = 0;
        for (int i = 0; i < 4; i++) {
            sum = sum * 31 + chain(1000) + projection(400);
        }
        return sum;
    }

    public static void main(String[] args) {
        new DeltaBlue().start(args);
    }
}
