import java.lang.invoke.*;
import java.lang.invoke.MethodHandles.Lookup;
import java.util.*;
import static java.lang.invoke.MethodType.methodType;

/** Every kind of member through a handle, every primitive type through adapters; long argument lists. */
public class Shapes {
    interface Itf { default String def(int x) { return "Itf.def" + x; } String abs(long y); static String st(double d) { return "Itf.st" + d; } private String pr() { return "Itf.pr"; } boolean equals(Object o); }
    interface Sub extends Itf { default String def(int x) { return "Sub.def" + x + Itf.super.def(1); } }
    static abstract class Abs implements Sub { public final String fin(int a) { return "fin" + a; } protected String prot() { return "prot"; } String pack() { return "pack"; } }
    static class Impl extends Abs { public String abs(long y) { return "Impl.abs" + y; } protected String prot() { return "Impl" + super.prot(); } private String priv(float f) { return "priv" + f; } public String toString() { return "Impl!"; } }
    static final class Other extends Abs { public String abs(long y) { return "Other.abs" + y; } }
    enum E { A { String m() { return "A.m"; } }, B; String m() { return "E.m"; } }
    record Rec(int a, String b, double c) {}
    static class Fields { boolean z = true; byte b = -1; char c = 'c'; short s = -2; int i = 3; long j = 1L << 33; float f = 1.5f; double d = 2.5; Object l = "l"; volatile long vj = 9;
        static boolean sz = true; static byte sb = -1; static char sc = 'c'; static short ss = -2; static int si = 3; static long sj = 1L << 33; static float sf = 1.5f; static double sd = 2.5; static Object sl = "l"; final int fin = 4; static final String SF = "sf"; }
    static boolean z(boolean x) { return !x; } static byte b(byte x) { return (byte) (x + 1); } static char c(char x) { return (char) (x + 1); } static short s(short x) { return (short) (x + 1); }
    static int i(int x) { return x + 1; } static long j(long x) { return x + 1; } static float f(float x) { return x + 1; } static double d(double x) { return x + 1; } static Object l(Object x) { return "<" + x + ">"; } static void v(Object x) { System.out.println("void " + x); }
    static String many(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object l, long j2, double d2, int i2) { return "" + z + b + c + s + i + j + f + d + l + j2 + d2 + i2; }
    static String var(String p, Object... r) { return p + Arrays.toString(r); }
    static String varInts(int... r) { return Arrays.toString(r); }
    static long sum(long a, double b, int c) { return a + (long) b + c; }

    static void show(String what, ThrowingSupplier s) { try { System.out.println(what + ": " + s.get()); } catch (Throwable t) { System.out.println((what + " ! " + t).replaceAll("@[0-9a-f]+", "@h")); } }
    interface ThrowingSupplier { Object get() throws Throwable; }

    public static void main(String[] a) throws Throwable {
        Lookup L = MethodHandles.lookup();
        Impl impl = new Impl();
        show("def", () -> L.findVirtual(Itf.class, "def", methodType(String.class, int.class)).invoke((Itf) impl, 5));
        show("def via class", () -> (String) L.findVirtual(Impl.class, "def", methodType(String.class, int.class)).invokeExact(impl, 5));
        show("def via abstract", () -> (String) L.findVirtual(Abs.class, "def", methodType(String.class, int.class)).invoke(new Other(), 5));
        show("abs via abstract", () -> (String) L.findVirtual(Abs.class, "abs", methodType(String.class, long.class)).invoke((Abs) new Other(), 5L));
        show("abs", () -> L.findVirtual(Itf.class, "abs", methodType(String.class, long.class)).invoke(impl, 7));
        show("abs wrong", () -> L.findVirtual(Itf.class, "abs", methodType(String.class, long.class)).invoke("x", 7L));
        show("st", () -> L.findStatic(Itf.class, "st", methodType(String.class, double.class)).invoke(1.5));
        show("pr", () -> L.findSpecial(Itf.class, "pr", methodType(String.class), Itf.class));
        show("pr virtual", () -> L.findVirtual(Itf.class, "pr", methodType(String.class)).invoke(impl));
        show("equals", () -> L.findVirtual(Itf.class, "equals", methodType(boolean.class, Object.class)).invoke(impl, (Object) impl));
        show("hashCode", () -> (int) L.findVirtual(Itf.class, "hashCode", methodType(int.class)).invoke(impl) == impl.hashCode());
        show("toString", () -> L.findVirtual(Itf.class, "toString", methodType(String.class)).invoke(impl));
        show("getClass", () -> L.findVirtual(Itf.class, "getClass", methodType(Class.class)).invoke(impl));
        show("fin", () -> L.findVirtual(Impl.class, "fin", methodType(String.class, int.class)).invoke(impl, 1));
        show("prot", () -> L.findVirtual(Abs.class, "prot", methodType(String.class)).invoke(impl));
        show("pack", () -> L.findVirtual(Abs.class, "pack", methodType(String.class)).invoke(impl));
        show("priv", () -> L.findVirtual(Impl.class, "priv", methodType(String.class, float.class)).invoke(impl, 2f));
        show("super prot", () -> MethodHandles.privateLookupIn(Impl.class, L).findSpecial(Abs.class, "prot", methodType(String.class), Impl.class).invoke(impl));
        show("super def", () -> MethodHandles.privateLookupIn(Abs.class, L).findSpecial(Sub.class, "def", methodType(String.class, int.class), Abs.class).invoke(impl, 3));
        show("indirect def", () -> MethodHandles.privateLookupIn(Impl.class, L).findSpecial(Itf.class, "def", methodType(String.class, int.class), Impl.class).invoke(impl, 3));
        
        show("enum", () -> L.findVirtual(E.class, "m", methodType(String.class)).invoke(E.A) + "" + L.findVirtual(E.class, "m", methodType(String.class)).invoke(E.B));
        show("record", () -> L.findConstructor(Rec.class, methodType(void.class, int.class, String.class, double.class)).invoke(1, "b", 2.0));
        show("accessor", () -> (double) L.findVirtual(Rec.class, "c", methodType(double.class)).invokeExact(new Rec(1, "x", 9.5)));
        show("abstract new", () -> L.findConstructor(Abs.class, methodType(void.class)).invoke());
        show("array clone", () -> ((int[]) L.findVirtual(int[].class, "clone", methodType(Object.class)).invoke(new int[]{1, 2})).length);
        show("array ctor", () -> ((long[][]) MethodHandles.arrayConstructor(long[][].class).invoke(3)).length);
        show("array length", () -> MethodHandles.arrayLength(String[].class).invoke(new String[4]));
        Object[] vals = {true, (byte) 5, 'x', (short) 6, 7, 8L, 9.5f, 10.5, "obj"};
        Class<?>[] types = {boolean.class, byte.class, char.class, short.class, int.class, long.class, float.class, double.class, Object.class};
        String[] names = {"z", "b", "c", "s", "i", "j", "f", "d", "l"};
        for (int k = 0; k < 9; k++) {
            int q = k;
            Fields o = new Fields();
            show(names[k] + " call", () -> L.findStatic(Shapes.class, names[q], methodType(types[q], types[q])).invoke(vals[q]));
            show(names[k] + " spread", () -> L.findStatic(Shapes.class, names[q], methodType(types[q], types[q])).asSpreader(Object[].class, 1).invoke(new Object[]{vals[q]}));
            show(names[k] + " bound", () -> MethodHandles.insertArguments(L.findStatic(Shapes.class, names[q], methodType(types[q], types[q])), 0, vals[q]).invoke());
            show(names[k] + " get", () -> L.findGetter(Fields.class, names[q], types[q]).invoke(o));
            show(names[k] + " set", () -> { L.findSetter(Fields.class, names[q], types[q]).invoke(o, vals[q]); return L.findGetter(Fields.class, names[q], types[q]).invoke(o); });
            show(names[k] + " static", () -> { L.findStaticSetter(Fields.class, "s" + names[q], types[q]).invoke(vals[q]); return L.findStaticGetter(Fields.class, "s" + names[q], types[q]).invoke(); });
            show(names[k] + " array", () -> { Object arr = java.lang.reflect.Array.newInstance(types[q], 2); Class<?> ac = arr.getClass(); MethodHandles.arrayElementSetter(ac).invoke(arr, 1, vals[q]); return MethodHandles.arrayElementGetter(ac).invoke(arr, 1); });
            show(names[k] + " array bounds", () -> { Object arr = java.lang.reflect.Array.newInstance(types[q], 2); return MethodHandles.arrayElementGetter(arr.getClass()).invoke(arr, 2); });
            show(names[k] + " zero", () -> MethodHandles.zero(types[q]).invoke());
            show(names[k] + " constant", () -> MethodHandles.constant(types[q], vals[q]).invoke());
            show(names[k] + " identity", () -> MethodHandles.identity(types[q]).invoke(vals[q]));
            for (int m = 0; m < 9; m++) {
                int r = m;
                show(names[k] + " explicit to " + names[m], () -> MethodHandles.explicitCastArguments(MethodHandles.identity(types[q]), methodType(types[r], types[q])).invoke(vals[q]));
                show(names[k] + " asType to " + names[m], () -> MethodHandles.identity(types[q]).asType(methodType(types[r], types[q])).invoke(vals[q]));
            }
        }
        MethodType mt = methodType(String.class, boolean.class, byte.class, char.class, short.class, int.class, long.class, float.class, double.class, Object.class, long.class, double.class, int.class);
        MethodHandle many = L.findStatic(Shapes.class, "many", mt);
        show("many", () -> (String) many.invokeExact(true, (byte) 1, 'c', (short) 2, 3, 4L, 5f, 6d, (Object) "o", 7L, 8d, 9));
        show("many generic", () -> many.invoke(true, 1, 'c', 2, 3, 4, 5, 6, "o", 7, 8, 9));
        show("many byte", () -> many.invoke(true, (byte) 1, 'c', (byte) 2, 'd', 4, 5L, 6, "o", 'e', 8f, (short) 9));
        MethodHandle rev = MethodHandles.permuteArguments(many, methodType(String.class, int.class, double.class, long.class, Object.class, double.class, float.class, long.class, int.class, short.class, char.class, byte.class, boolean.class), 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        show("permuted", () -> (String) rev.invokeExact(9, 8d, 7L, (Object) "o", 6d, 5f, 4L, 3, (short) 2, 'c', (byte) 1, true));
        show("inserted", () -> MethodHandles.insertArguments(many, 3, (short) 2, 3, 4L, 5f, 6d).invoke(true, (byte) 1, 'c', "o", 7L, 8d, 9));
        show("var", () -> L.findStatic(Shapes.class, "var", methodType(String.class, String.class, Object[].class)).invoke("p", 1, 'c', 2L));
        show("var none", () -> L.findStatic(Shapes.class, "var", methodType(String.class, String.class, Object[].class)).invoke("p"));
        show("var array", () -> L.findStatic(Shapes.class, "var", methodType(String.class, String.class, Object[].class)).invoke("p", new Object[]{1}));
        show("varInts", () -> L.findStatic(Shapes.class, "varInts", methodType(String.class, int[].class)).invoke(1, (byte) 2, 'c'));
        show("collector", () -> L.findStatic(Shapes.class, "varInts", methodType(String.class, int[].class)).asCollector(int[].class, 3).invoke(1, 2, 3));
        for (int n : new int[]{1, 10, 50, 100, 200, 250, 251, 252, 253}) {
            show("collect " + n, () -> {
                MethodHandle h = L.findStatic(Shapes.class, "var", methodType(String.class, String.class, Object[].class)).asFixedArity().asCollector(Object[].class, n);
                Object[] args = new Object[n + 1]; Arrays.fill(args, 1); args[0] = "n";
                return ((String) h.invokeWithArguments(args)).length();
            });
        }
        show("sum", () -> (long) L.findStatic(Shapes.class, "sum", methodType(long.class, long.class, double.class, int.class)).invokeExact(1L, 2.0, 3));
        MethodHandle sum = L.findStatic(Shapes.class, "sum", methodType(long.class, long.class, double.class, int.class));
        show("fold", () -> MethodHandles.foldArguments(MethodHandles.dropArguments(sum, 3, Object.class), MethodHandles.dropArguments(MethodHandles.constant(long.class, 100L), 0, double.class)).invoke(2.0, 3, "x"));
        show("filter", () -> MethodHandles.filterArguments(sum, 0, MethodHandles.explicitCastArguments(MethodHandles.identity(int.class), methodType(long.class, int.class)), null, L.findStatic(Shapes.class, "i", methodType(int.class, int.class))).invoke(1, 2.0, 3));
        show("guard", () -> MethodHandles.guardWithTest(L.findStatic(Shapes.class, "z", methodType(boolean.class, boolean.class)), MethodHandles.dropArguments(MethodHandles.constant(long.class, 1L), 0, boolean.class), MethodHandles.dropArguments(MethodHandles.constant(long.class, 2L), 0, boolean.class)).invoke(true));
        show("catch", () -> MethodHandles.catchException(L.findStatic(Integer.class, "parseInt", methodType(int.class, String.class)), NumberFormatException.class, MethodHandles.dropArguments(MethodHandles.constant(int.class, -1), 0, NumberFormatException.class)).invoke("zz"));
        show("finally", () -> MethodHandles.tryFinally(MethodHandles.identity(long.class), MethodHandles.dropArguments(MethodHandles.identity(long.class), 0, Throwable.class)).invoke(5L));
        show("counted", () -> MethodHandles.countedLoop(MethodHandles.constant(int.class, 10), MethodHandles.constant(long.class, 1L), MethodHandles.dropArguments(MethodHandles.filterReturnValue(MethodHandles.identity(long.class), L.findStatic(Shapes.class, "j", methodType(long.class, long.class))), 1, int.class)).invoke());
        show("table", () -> MethodHandles.tableSwitch(MethodHandles.dropArguments(MethodHandles.constant(String.class, "d"), 0, int.class), MethodHandles.dropArguments(MethodHandles.constant(String.class, "0"), 0, int.class), MethodHandles.dropArguments(MethodHandles.constant(String.class, "1"), 0, int.class)).invoke(1));
        SwitchPoint sp = new SwitchPoint();
        MethodHandle sw = sp.guardWithTest(MethodHandles.constant(int.class, 1), MethodHandles.constant(int.class, 2));
        show("switch point", () -> { int one = (int) sw.invokeExact(); SwitchPoint.invalidateAll(new SwitchPoint[]{sp}); return one + " " + (int) sw.invokeExact(); });
        show("throw", () -> MethodHandles.throwException(int.class, Exception.class).invoke(new Exception("thrown")));
        show("uninitialised", () -> L.findStatic(Late.class, "m", methodType(int.class)).invoke());
        show("late field", () -> L.findStaticGetter(Late2.class, "x", int.class).invoke());
        show("late new", () -> L.findConstructor(Late3.class, methodType(void.class)).invoke().getClass());
        show("failing init", () -> L.findStatic(Bad.class, "m", methodType(int.class)).invoke());
        show("failing init again", () -> L.findStatic(Bad.class, "m", methodType(int.class)).invoke());
        show("reveal", () -> { StringBuilder s = new StringBuilder(); for (MethodHandle h : new MethodHandle[]{L.findVirtual(Itf.class, "equals", methodType(boolean.class, Object.class)), L.findVirtual(Impl.class, "def", methodType(String.class, int.class)), L.findVirtual(Impl.class, "fin", methodType(String.class, int.class)), L.findGetter(Fields.class, "j", long.class), L.findStaticSetter(Fields.class, "sd", double.class), L.findConstructor(Rec.class, methodType(void.class, int.class, String.class, double.class)), L.unreflect(Itf.class.getDeclaredMethod("pr"))}) { MethodHandleInfo i = L.revealDirect(h); s.append("\n  ").append(i).append(' ').append(i.reflectAs(java.lang.reflect.Member.class, L)); } return s; });
        show("set final", () -> L.findSetter(Fields.class, "fin", int.class));
        show("set static final", () -> L.findStaticSetter(Fields.class, "SF", String.class));
        show("unreflect set final", () -> { var fld = Fields.class.getDeclaredField("fin"); fld.setAccessible(true); Fields o = new Fields(); L.unreflectSetter(fld).invoke(o, 77); return fld.get(o); });
    }
    static class Late { static { System.out.println("Late init"); } static int m() { return 1; } }
    static class Late2 { static int x = 5; static { System.out.println("Late2 init"); } }
    static class Late3 { static { System.out.println("Late3 init"); } }
    static class Bad { static int n = 1 / Integer.parseInt("0"); static int m() { return 1; } }
}
