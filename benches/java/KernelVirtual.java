/** Interpreter kernel: virtual calls with one, two and many receiver classes, and super calls. */
public class KernelVirtual extends Harness {
    abstract static class Shape {
        int calls;

        abstract int area(int x);

        int twice(int x) {
            calls++;
            return area(x) * 2;
        }
    }

    static final class Square extends Shape {
        @Override
        int area(int x) {
            return x * x;
        }
    }

    static class Line extends Shape {
        @Override
        int area(int x) {
            return x;
        }
    }

    static final class Thick extends Line {
        @Override
        int area(int x) {
            return super.area(x) + 1;
        }

        @Override
        int twice(int x) {
            return super.twice(x) + 1;
        }
    }

    static final class Dot extends Shape {
        @Override
        int area(int x) {
            return 0;
        }
    }

    @Override
    protected long iterate() {
        Shape[] shapes = {new Square(), new Line(), new Thick(), new Dot()};
        Shape one = shapes[0];
        long sum = 0;
        for (int i = 0; i < 60_000; i++) {
            sum += one.area(i);
            sum += shapes[i & 1].area(i);
            sum += shapes[i & 3].twice(i);
        }
        return sum * 31 + shapes[2].calls;
    }

    public static void main(String[] args) {
        new KernelVirtual().start(args);
    }
}
