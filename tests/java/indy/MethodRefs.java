import java.util.*;
import java.util.function.*;

public class MethodRefs {
    final String name;
    MethodRefs(String name) { this.name = name; }
    MethodRefs() { this("none"); }
    MethodRefs(int a, long b) { this(a + ":" + b); }
    String greet(String who) { return name + " greets " + who; }
    static String stat(Object o) { return "stat " + o; }
    static int sum(int... v) { int s = 0; for (int x : v) s += x; return s; }
    static long widen(int x) { return x * 2L; }
    protected String prot() { return "prot " + name; }

    static class Sub extends MethodRefs {
        Sub() { super("sub"); }
        @Override String greet(String who) { return "sub overrides " + super.greet(who); }
        Function<String, String> viaSuper() { return super::greet; }
        Supplier<String> viaProt() { return this::prot; }
    }

    class Inner { final int n; Inner(int n) { this.n = n; } public String toString() { return name + n; } }
    IntFunction<Inner> inners() { return Inner::new; }

    public static void main(String[] args) {
        MethodRefs m = new MethodRefs("m");
        Function<String, String> bound = m::greet;
        BiFunction<MethodRefs, String, String> unbound = MethodRefs::greet;
        Function<Object, String> st = MethodRefs::stat;
        Supplier<MethodRefs> ctor = MethodRefs::new;
        Function<String, MethodRefs> ctor1 = MethodRefs::new;
        BiFunction<Integer, Integer, MethodRefs> ctor2 = MethodRefs::new;
        System.out.println(bound.apply("a") + unbound.apply(new Sub(), "b") + st.apply(5) + ctor.get().name + ctor1.apply("x").name + ctor2.apply(1, 2).name);
        System.out.println(new Sub().viaSuper().apply("c") + new Sub().viaProt().get() + m.inners().apply(7));
        IntFunction<int[]> arr = int[]::new;
        Function<Integer, String[][]> arr2 = String[][]::new;
        System.out.println(arr.apply(3).length + arr2.apply(4).length);
        IntBinaryOperator va = MethodRefs::sum;
        ToLongFunction<Integer> w = MethodRefs::widen;
        IntSupplier boxed = Integer.valueOf(77)::intValue;
        Consumer<Object> ignore = MethodRefs::stat;
        ignore.accept("result dropped");
        System.out.println(va.applyAsInt(3, 4) + w.applyAsLong(21) + boxed.getAsInt());
        Supplier<int[]> clone = new int[] {1, 2, 3}::clone;
        System.out.println(clone.get().length);
        Comparator<String> c = Comparator.comparing(String::length).thenComparing(Comparator.reverseOrder());
        List<String> l = new ArrayList<>(List.of("bb", "a", "ccc", "c", "aa"));
        l.sort(c);
        System.out.println(l);
        l.sort(String::compareTo);
        System.out.println(l + " " + l.stream().map(MethodRefs::new).map(x -> x.name).reduce("", String::concat));
        try {
            MethodRefs none = null;
            Function<String, String> f = none::greet;
            System.out.println("not reached" + f);
        } catch (NullPointerException e) {
            System.out.println("receiver checked at creation");
        }
        try {
            unbound.apply(null, "x");
        } catch (NullPointerException e) {
            System.out.println("receiver checked at call");
        }
        Callback cb = System.out::println;
        cb.call("printed");
        Function<List<String>, Integer> size = List::size;
        System.out.println(size.apply(l));
    }

    interface Callback { void call(String s); }
}
