/** Calls through interfaces with more and more receivers, some of which fail. */
public class InterfaceReceivers {
    interface Shape {
        int area(int x);

        default int twice(int x) {
            return 2 * area(x);
        }
    }

    interface Named extends Shape {
        String name();
    }

    static class A implements Shape {
        public int area(int x) {
            return x;
        }
    }

    static class B extends A {
        @Override
        public int twice(int x) {
            return 5 * x;
        }
    }

    static class C implements Named {
        public int area(int x) {
            return 3 * x;
        }

        public String name() {
            return "C";
        }
    }

    enum D implements Named {
        ONE, OTHER {
            @Override
            public int area(int x) {
                return -x;
            }
        };

        public int area(int x) {
            return ordinal() + x;
        }
    }

    private static Shape[] shapes(int count) {
        Shape[] all = {new A(), new B(), new C(), D.ONE, D.OTHER, x -> x * x, x -> x - 1, x -> x ^ 5, new A() {
            @Override
            public int area(int x) {
                return 11;
            }
        }, new C() {
            @Override
            public int twice(int x) {
                return 13;
            }
        }, x -> {
            if (x == 77) {
                throw new IllegalStateException("seventy-seven");
            }
            return 1;
        }, x -> 2, x -> 3, x -> 4, x -> 6, x -> 8};
        return java.util.Arrays.copyOf(all, count);
    }

    private static long sum(Shape[] shapes, int rounds) {
        long sum = 0;
        for (int i = 0; i < rounds; i++) {
            Shape s = shapes[i % shapes.length];
            try {
                sum = sum * 31 + s.area(i & 127) + s.twice(i & 127);
            } catch (IllegalStateException e) {
                sum += e.getMessage().length();
            } catch (NullPointerException e) {
                sum++;
            }
        }
        return sum;
    }

    public static void main(String[] args) {
        for (int count = 1; count <= 16; count++) {
            System.out.println(count + ": " + sum(shapes(count), 30_000));
        }
        System.out.println("with nulls: " + sum(shapes(20), 30_000));
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            Named named = (i & 3) == 0 ? new C() : (i & 3) == 1 ? D.ONE : D.OTHER;
            if (i < 6) {
                names.append(named.name()).append(' ');
            } else {
                names.setLength(names.length() - named.name().length() + named.name().length());
            }
        }
        System.out.println(names);
    }
}
