import java.util.ArrayList;
import java.util.List;
import java.util.function.*;

public class Lambdas {
    int field = 10;

    Supplier<Integer> capture(int local) { return () -> field + local; }
    static <T, R> Function<T, R> wrap(Function<T, R> f) { return x -> f.apply(x); }
    interface Tri<A, B, C> { A apply(A a, B b, C c); default String named() { return "tri"; } }
    interface Prims { double f(byte a, short b, char c, int d, long e, float g, double h, boolean i); }

    public static void main(String[] args) throws Exception {
        Lambdas l = new Lambdas();
        Supplier<Integer> s = l.capture(5);
        l.field = 20;
        System.out.println(s.get());
        Function<Integer, Function<Integer, Integer>> add = a -> b -> a + b;
        System.out.println(add.apply(3).apply(4) + wrap((String x) -> x.length()).apply("four"));
        IntBinaryOperator gcd = new IntBinaryOperator() {
            public int applyAsInt(int a, int b) { return b == 0 ? a : applyAsInt(b, a % b); }
        };
        IntBinaryOperator max = Math::max;
        System.out.println(gcd.applyAsInt(84, 36) + max.applyAsInt(3, 9));
        Tri<String, Integer, Character> t = (a, b, c) -> a + b + c;
        System.out.println(t.apply("s", 1, 'c') + t.named());
        Prims p = (a, b, c, d, e, g, h, i) -> a + b + c + d + e + g + h + (i ? 1 : 0);
        System.out.println(p.f((byte) 1, (short) 2, 'a', 4, 5L, 6.5f, 7.25, true));
        List<Runnable> rs = new ArrayList<>();
        StringBuilder log = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            int j = i * i;
            rs.add(() -> log.append(j).append(','));
        }
        rs.forEach(Runnable::run);
        System.out.println(log);
        Runnable same1 = null, same2 = null;
        for (int i = 0; i < 2; i++) {
            Runnable r = () -> {};
            if (i == 0) same1 = r; else same2 = r;
        }
        System.out.println(same1 == same2);
        Object o = (Runnable & java.io.Serializable) () -> System.out.println("marker");
        System.out.println(o instanceof java.io.Serializable);
        ((Runnable) o).run();
        BiFunction<Integer, Integer, Integer>[] ops = new BiFunction[] {(BiFunction<Integer, Integer, Integer>) (a, b) -> a - b, (BiFunction<Integer, Integer, Integer>) (a, b) -> a * b};
        System.out.println(ops[0].andThen(x -> x * 2).apply(9, 4) + " " + ops[1].apply(6, 7));
        Supplier<Supplier<Supplier<String>>> deep = () -> () -> () -> "deep";
        System.out.println(deep.get().get().get());
        Predicate<String> e = String::isEmpty;
        System.out.println(e.negate().and(x -> x.length() > 2).or(x -> x.equals("q")).test("abc"));
        Function<Object, String> id = Object::toString;
        System.out.println(id.compose((Integer x) -> x + 1).apply(41) + Function.<String>identity().apply("id"));
        UnaryOperator<String> up = String::toUpperCase;
        System.out.println(up.apply("up"));
        try {
            Supplier<Object> thrower = () -> { throw new IllegalStateException("from lambda"); };
            thrower.get();
        } catch (IllegalStateException x) {
            System.out.println(x.getMessage() + " " + x.getStackTrace()[0].getMethodName() + " " + x.getStackTrace()[1].getMethodName());
        }
    }
}
