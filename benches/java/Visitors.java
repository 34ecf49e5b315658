/** An expression language as a tree: visitors through interfaces evaluate, differentiate, simplify and print it. */
public class Visitors extends Harness {
    interface Visitor<R> {
        R number(Num n);

        R variable(Var v);

        R sum(Sum s);

        R product(Product p);

        R negation(Neg n);
    }

    interface Expr {
        <R> R accept(Visitor<R> v);
    }

    record Num(long value) implements Expr {
        public <R> R accept(Visitor<R> v) {
            return v.number(this);
        }
    }

    record Var(int index) implements Expr {
        public <R> R accept(Visitor<R> v) {
            return v.variable(this);
        }
    }

    record Sum(Expr left, Expr right) implements Expr {
        public <R> R accept(Visitor<R> v) {
            return v.sum(this);
        }
    }

    record Product(Expr left, Expr right) implements Expr {
        public <R> R accept(Visitor<R> v) {
            return v.product(this);
        }
    }

    record Neg(Expr inner) implements Expr {
        public <R> R accept(Visitor<R> v) {
            return v.negation(this);
        }
    }

    static final class Evaluator implements Visitor<Long> {
        final long[] values;

        Evaluator(long... values) {
            this.values = values;
        }

        public Long number(Num n) {
            return n.value();
        }

        public Long variable(Var v) {
            return values[v.index()];
        }

        public Long sum(Sum s) {
            return s.left().accept(this) + s.right().accept(this);
        }

        public Long product(Product p) {
            return p.left().accept(this) * p.right().accept(this);
        }

        public Long negation(Neg n) {
            return -n.inner().accept(this);
        }
    }

    static final class Derivative implements Visitor<Expr> {
        final int by;

        Derivative(int by) {
            this.by = by;
        }

        public Expr number(Num n) {
            return new Num(0);
        }

        public Expr variable(Var v) {
            return new Num(v.index() == by ? 1 : 0);
        }

        public Expr sum(Sum s) {
            return new Sum(s.left().accept(this), s.right().accept(this));
        }

        public Expr product(Product p) {
            return new Sum(new Product(p.left().accept(this), p.right()), new Product(p.left(), p.right().accept(this)));
        }

        public Expr negation(Neg n) {
            return new Neg(n.inner().accept(this));
        }
    }

    static final class Simplifier implements Visitor<Expr> {
        public Expr number(Num n) {
            return n;
        }

        public Expr variable(Var v) {
            return v;
        }

        public Expr sum(Sum s) {
            Expr l = s.left().accept(this), r = s.right().accept(this);
            if (l instanceof Num a && r instanceof Num b) {
                return new Num(a.value() + b.value());
            }
            return l instanceof Num a && a.value() == 0 ? r : r instanceof Num b && b.value() == 0 ? l : new Sum(l, r);
        }

        public Expr product(Product p) {
            Expr l = p.left().accept(this), r = p.right().accept(this);
            if (l instanceof Num a) {
                if (a.value() == 0) {
                    return a;
                }
                if (a.value() == 1) {
                    return r;
                }
            }
            if (r instanceof Num b) {
                if (b.value() == 0) {
                    return b;
                }
                if (b.value() == 1) {
                    return l;
                }
            }
            return new Product(l, r);
        }

        public Expr negation(Neg n) {
            Expr e = n.inner().accept(this);
            return e instanceof Neg m ? m.inner() : e instanceof Num a ? new Num(-a.value()) : new Neg(e);
        }
    }

    static final class Size implements Visitor<Integer> {
        public Integer number(Num n) {
            return 1;
        }

        public Integer variable(Var v) {
            return 1;
        }

        public Integer sum(Sum s) {
            return 1 + s.left().accept(this) + s.right().accept(this);
        }

        public Integer product(Product p) {
            return 1 + p.left().accept(this) + p.right().accept(this);
        }

        public Integer negation(Neg n) {
            return 1 + n.inner().accept(this);
        }
    }

    private int seed;

    private Expr random(int depth) {
        seed = seed * 1103515245 + 12345;
        int choice = (seed >>> 16) % (depth == 0 ? 2 : 7);
        return switch (choice) {
            case 0 -> new Num((seed >>> 20) % 5);
            case 1 -> new Var((seed >>> 20) % 3);
            case 2 -> new Neg(random(depth - 1));
            case 3, 4 -> new Sum(random(depth - 1), random(depth - 1));
            default -> new Product(random(depth - 1), random(depth - 1));
        };
    }

    @Override
    protected long iterate() {
        seed = 99;
        long sum = 0;
        Simplifier simplify = new Simplifier();
        for (int i = 0; i < 400; i++) {
            Expr e = new Product(random(8), random(6));
            for (int d = 0; d < 2; d++) {
                Expr f = e.accept(new Derivative(i % 3)).accept(simplify);
                sum = sum * 31 + e.accept(new Evaluator(i, 2, 3)) + f.accept(new Evaluator(1, i, 5)) + f.accept(new Size());
                e = e.accept(simplify);
            }
        }
        return sum;
    }

    public static void main(String[] args) {
        new Visitors().start(args);
    }
}
