import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import static java.lang.invoke.MethodHandles.*;
import static java.lang.invoke.MethodType.methodType;

public class Combinators {
    static String join(String a, int b, long c) { return a + b + c; }
    static boolean positive(int x) { return x > 0; }
    static String pos(int x) { return "pos " + x; }
    static String neg(int x) { return "neg " + x; }
    static int half(String s) { return s.length() / 2; }
    static String handler(IllegalStateException e, int x) { return "caught " + e.getMessage() + x; }
    static String thrower(int x) { if (x > 1) throw new IllegalStateException("t"); return "fine" + x; }
    static String cleanup(Throwable t, String r, int x) { return "cleanup " + t + " " + r + " " + x; }
    static void log(String s) { System.out.println("log " + s); }
    static int step(int acc, int i) { return acc * 2 + i; }
    static boolean less(int acc, int i, int n) { return acc < n; }
    static MethodHandle h(String name, Class<?> r, Class<?>... p) throws Exception { return lookup().findStatic(Combinators.class, name, methodType(r, p)); }

    public static void main(String[] args) throws Throwable {
        MethodHandle join = h("join", String.class, String.class, int.class, long.class);
        System.out.println(insertArguments(join, 1, 5).invoke("a", 6L));
        System.out.println((String) insertArguments(join, 0, "b", 7, 8L).invokeExact());
        System.out.println((String) dropArguments(join, 1, double.class, Object.class).invokeExact("c", 1.0, (Object) "dropped", 2, 3L));
        System.out.println((String) permuteArguments(join, methodType(String.class, long.class, String.class, int.class), 1, 2, 0).invokeExact(9L, "d", 8));
        System.out.println((String) permuteArguments(join, methodType(String.class, long.class, int.class, String.class), 2, 1, 0).invokeExact(9L, 8, "e"));
        System.out.println((String) guardWithTest(h("positive", boolean.class, int.class), h("pos", String.class, int.class), h("neg", String.class, int.class)).invokeExact(5));
        System.out.println((String) guardWithTest(h("positive", boolean.class, int.class), h("pos", String.class, int.class), h("neg", String.class, int.class)).invokeExact(-5));
        System.out.println((String) filterArguments(join, 1, h("half", int.class, String.class)).invokeExact("f", "123456", 1L));
        System.out.println((int) filterReturnValue(join, h("half", int.class, String.class)).invokeExact("gggg", 11, 22L));
        System.out.println((String) foldArguments(join, h("pos", String.class, int.class)).invokeExact(3, 4L));
        MethodHandle c = catchException(h("thrower", String.class, int.class), IllegalStateException.class, h("handler", String.class, IllegalStateException.class, int.class));
        System.out.println((String) c.invokeExact(1) + (String) c.invokeExact(2));
        MethodHandle tf = tryFinally(h("thrower", String.class, int.class), h("cleanup", String.class, Throwable.class, String.class, int.class));
        System.out.println((String) tf.invokeExact(1));
        try {
            System.out.println((String) tf.invokeExact(3));
        } catch (IllegalStateException e) {
            System.out.println("through tryFinally " + e.getMessage());
        }
        MethodHandle spread = join.asSpreader(Object[].class, 3);
        System.out.println(spread.invoke(new Object[] {"h", 1, 2L}));
        try {
            spread.invoke(new Object[] {"h", 1});
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        MethodHandle collect = lookup().findStatic(Arrays.class, "asList", methodType(List.class, Object[].class)).asCollector(Object[].class, 3);
        System.out.println(collect.invoke(1, "2", 3.0));
        System.out.println(collect.asType(methodType(Object.class, int.class, String.class, char.class)).invoke(1, "b", 'c'));
        System.out.println((long) constant(long.class, 99L).invokeExact() + (int) identity(int.class).invokeExact(4) + (double) zero(double.class).invokeExact() + " " + (Object) empty(methodType(Object.class, int.class)).invokeExact(1));
        MethodHandle loop = countedLoop(constant(int.class, 10), constant(int.class, 1), h("step", int.class, int.class, int.class));
        System.out.println((int) loop.invokeExact());
        MethodHandle w = whileLoop(constant(int.class, 1), dropArguments(h("positive", boolean.class, int.class), 1, int.class).asType(methodType(boolean.class, int.class, int.class)),
                lookup().findStatic(Math.class, "subtractExact", methodType(int.class, int.class, int.class)));
        System.out.println((int) w.invokeExact(1));
        MethodHandle it = iteratedLoop(null, constant(int.class, 0), lookup().findStatic(Integer.class, "sum", methodType(int.class, int.class, int.class)).asType(methodType(int.class, int.class, Integer.class)));
        System.out.println((int) it.invoke(List.of(1, 2, 3, 4)));
        MethodHandle get = arrayElementGetter(int[].class), set = arrayElementSetter(String[].class), len = arrayLength(long[].class), mk = arrayConstructor(char[].class);
        String[] sa = new String[2];
        set.invokeExact(sa, 1, "set");
        System.out.println((int) get.invokeExact(new int[] {4, 5}, 1) + sa[1] + (int) len.invokeExact(new long[7]) + ((char[]) mk.invokeExact(3)).length);
        System.out.println((int) explicitCastArguments(identity(int.class), methodType(int.class, double.class)).invokeExact(3.99) + " " + explicitCastArguments(identity(boolean.class), methodType(boolean.class, int.class)).invoke(2)
                + " " + (byte) explicitCastArguments(identity(byte.class), methodType(byte.class, Object.class)).invokeExact((Object) null));
        MethodHandle inv = invoker(methodType(String.class, String.class, int.class, long.class)), exact = exactInvoker(join.type()), spr = spreadInvoker(join.type(), 1);
        System.out.println((String) inv.invokeExact(join, "i", 1, 2L) + (String) exact.invokeExact(join, "j", 3, 4L) + (String) spr.invokeExact(join, "k", new Object[] {5, 6L}));
        MethodHandle coll = collectArguments(join, 2, lookup().findStatic(Math.class, "addExact", methodType(long.class, long.class, long.class)));
        System.out.println((String) coll.invokeExact("l", 1, 20L, 30L));
        MethodHandle sw = tableSwitch(dropArguments(constant(String.class, "default"), 0, int.class), dropArguments(constant(String.class, "zero"), 0, int.class), h("pos", String.class, int.class));
        System.out.println((String) sw.invokeExact(0) + (String) sw.invokeExact(1) + (String) sw.invokeExact(7));
        MethodHandle big = lookup().findVirtual(String.class, "formatted", methodType(String.class, Object[].class));
        System.out.println(big.invoke("%s %s %s", 1, 2, 3) + " " + big.asFixedArity().invoke("%s", new Object[] {"fixed"}) + big.withVarargs(false).isVarargsCollector());
        MethodHandle th = throwException(int.class, IllegalArgumentException.class);
        try {
            int x = (int) th.invokeExact(new IllegalArgumentException("thrown by handle"));
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        MethodHandle sum = identity(int.class);
        for (int i = 0; i < 100; i++) sum = filterReturnValue(sum, insertArguments(lookup().findStatic(Integer.class, "sum", methodType(int.class, int.class, int.class)), 0, i));
        System.out.println((int) sum.invokeExact(1));
        MethodHandle many = dropArguments(constant(int.class, 5), 0, java.util.Collections.nCopies(100, long.class));
        List<Object> argsList = new ArrayList<>(java.util.Collections.nCopies(100, 3L));
        System.out.println(many.invokeWithArguments(argsList));
        long acc = 0;
        MethodHandle add = lookup().findStatic(Math.class, "addExact", methodType(long.class, long.class, long.class));
        for (int i = 0; i < 50000; i++) acc = (long) add.invokeExact(acc, (long) i);
        System.out.println(acc);
    }
}
