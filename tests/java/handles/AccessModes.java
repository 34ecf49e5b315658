import java.lang.invoke.*;
import java.nio.*;
import java.util.*;

/** Every access mode of every kind of VarHandle and type: through handles, and directly with exact and inexact types. */
public class AccessModes {
    static class F { boolean z; byte b; char c; short s; int i; long j; float f; double d; String l;
        static boolean sz; static byte sb; static char sc; static short ss; static int si; static long sj; static float sf; static double sd; static String sl; final int fin = 3; }
    static final Class<?>[] T = {boolean.class, byte.class, char.class, short.class, int.class, long.class, float.class, double.class, String.class};
    static final String[] N = {"z", "b", "c", "s", "i", "j", "f", "d", "l"};
    static final Object[][] V = {{false, true, false}, {(byte) 1, (byte) -2, (byte) 3}, {'a', 'b', 'c'}, {(short) 1, (short) -2, (short) 3}, {1, -2, 3}, {1L, -2L << 40, 3L}, {1f, -2.5f, 3f}, {1d, -2.5d, 3d}, {"x", "y", "z"}};

    static String str(Object o) { return String.valueOf(o); }
    static void modes(String what, VarHandle vh, Object[] v, Object... coords) {
        StringBuilder out = new StringBuilder(what);
        for (VarHandle.AccessMode m : VarHandle.AccessMode.values()) {
            out.append(' ').append(m.methodName()).append(vh.isAccessModeSupported(m) ? "" : "-");
            try {
                if (vh.isAccessModeSupported(VarHandle.AccessMode.SET)) {
                    List<Object> init = new ArrayList<>(Arrays.asList(coords)); init.add(v[0]);
                    vh.toMethodHandle(VarHandle.AccessMode.SET).invokeWithArguments(init);
                }
                MethodType mt = vh.accessModeType(m);
                int n = mt.parameterCount() - coords.length;
                for (int round = 0; round < 2; round++) {
                    List<Object> args = new ArrayList<>(Arrays.asList(coords));
                    if (n == 2) { args.add(round == 0 ? v[0] : v[2]); args.add(v[1]); } else if (n == 1) args.add(v[1 + round]);
                    Object r = vh.toMethodHandle(m).invokeWithArguments(args);
                    Object now = vh.toMethodHandle(VarHandle.AccessMode.GET_VOLATILE.equals(m) ? m : VarHandle.AccessMode.GET).invokeWithArguments(coords);
                    out.append('=').append(str(r)).append('/').append(str(now));
                }
            } catch (Throwable t) { out.append('!').append(t.getClass().getSimpleName()); }
        }
        System.out.println(out);
    }

    static void show(String what, Sup s) { try { System.out.println(what + ": " + s.get()); } catch (Throwable t) { System.out.println(what + " ! " + t); } }
    interface Sup { Object get() throws Throwable; }

    public static void main(String[] a) throws Throwable {
        MethodHandles.Lookup L = MethodHandles.lookup();
        for (int k = 0; k < 9; k++) {
            modes("field " + N[k], L.findVarHandle(F.class, N[k], T[k]), V[k], new F());
            modes("static " + N[k], L.findStaticVarHandle(F.class, "s" + N[k], T[k]), V[k]);
            Object arr = java.lang.reflect.Array.newInstance(T[k], 3);
            modes("array " + N[k], MethodHandles.arrayElementVarHandle(arr.getClass()), V[k], arr, 1);
            modes("array out " + N[k], MethodHandles.arrayElementVarHandle(arr.getClass()), V[k], arr, 3);
            if (k >= 2 && k <= 7) for (ByteOrder o : new ByteOrder[]{ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
                Class<?> ac = arr.getClass();
                // Where eight-byte elements of a byte[] are aligned depends on the VM's array layout.
                if (k != 5 && k != 7) {
                modes("bytes " + N[k] + o, MethodHandles.byteArrayViewVarHandle(ac, o), V[k], new byte[40], 16);
                modes("bytes odd " + N[k] + o, MethodHandles.byteArrayViewVarHandle(ac, o), V[k], new byte[40], 17);
                modes("buffer " + N[k] + o, MethodHandles.byteBufferViewVarHandle(ac, o), V[k], ByteBuffer.allocate(40), 16);
                }
                modes("direct " + N[k] + o, MethodHandles.byteBufferViewVarHandle(ac, o), V[k], ByteBuffer.allocateDirect(40), 16);
                modes("direct odd " + N[k] + o, MethodHandles.byteBufferViewVarHandle(ac, o), V[k], ByteBuffer.allocateDirect(40), 17);
                modes("ro " + N[k] + o, MethodHandles.byteBufferViewVarHandle(ac, o), V[k], ByteBuffer.allocate(40).asReadOnlyBuffer(), 16);
            }
        }
        modes("final", L.findVarHandle(F.class, "fin", int.class), V[4], new F());
        F f = new F();
        VarHandle i = L.findVarHandle(F.class, "i", int.class), j = L.findVarHandle(F.class, "j", long.class), s = L.findVarHandle(F.class, "l", String.class), d = L.findVarHandle(F.class, "d", double.class);
        VarHandle ia = MethodHandles.arrayElementVarHandle(int[].class), sa = MethodHandles.arrayElementVarHandle(String[].class), sj = L.findStaticVarHandle(F.class, "sj", long.class);
        int[] ints = new int[2]; String[] strings = new String[2]; Object[] objects = strings;
        show("set get", () -> { i.set(f, 5); return (int) i.get(f); });
        show("inexact", () -> { i.set(f, (byte) 6); Object o = i.get(f); long l = (int) i.getVolatile(f); return o + " " + l; });
        show("widen", () -> { j.set(f, 7); return (long) j.getAndAdd(f, 3) + " " + f.j; });
        show("narrow", () -> { i.set(f, 7L); return f.i; });
        show("drop", () -> { i.getAndAdd(f, 2); i.compareAndSet(f, 8, 9); s.getAndSet(f, "q"); return f.i + f.l; });
        show("cas", () -> i.compareAndSet(f, f.i, 100) + " " + i.weakCompareAndSetPlain(f, 100, 101) + " " + (int) i.compareAndExchange(f, 101, 102) + " " + f.i);
        show("bits", () -> (int) i.getAndBitwiseOr(f, 0x700) + " " + (int) i.getAndBitwiseAnd(f, 0xff) + " " + (int) i.getAndBitwiseXor(f, 1) + " " + f.i);
        show("double cas", () -> { d.set(f, 0.0); return d.compareAndSet(f, -0.0, 1.0) + " " + d.compareAndSet(f, 0.0, 2.0) + " " + f.d; });
        show("array", () -> { ia.setRelease(ints, 1, 9); return (int) ia.getAcquire(ints, 1) + " " + (int) ia.getAndAdd(ints, 1, 1) + ints[1]; });
        show("bounds", () -> (int) ia.get(ints, 2));
        show("null", () -> (int) ia.get((int[]) null, 0));
        show("null field", () -> (int) i.get((F) null));
        show("store check", () -> { sa.set(objects, 0, (Object) 1); return 0; });
        show("string array", () -> { sa.set(strings, 0, "a"); return sa.compareAndSet(strings, 0, "a", "b") + strings[0] + (String) sa.getAndSet(strings, 0, "c"); });
        show("static", () -> { sj.setVolatile(5L); return (long) sj.getAndAdd(1L) + F.sj; });
        show("wrong receiver", () -> (int) i.get("x"));
        show("wrong arity", () -> i.get(f, 1));
        show("wrong type", () -> { i.set(f, "x"); return 0; });
        show("wrong return", () -> (String) s.get(f) + (Integer) i.get(f) + (String) (Object) s.get(f));
        show("bad return", () -> (String) i.get(f));
        show("null handle", () -> { VarHandle n = null; return (int) n.get(f); });
        show("exact", () -> { VarHandle e = i.withInvokeExactBehavior(); e.set(f, 1); return (int) e.get(f); });
        show("exact bad", () -> { VarHandle e = i.withInvokeExactBehavior(); e.set(f, (short) 1); return 0; });
        show("exact bad 2", () -> { VarHandle e = i.withInvokeExactBehavior(); Object o = e.get(f); return o; });
        show("invoker", () -> MethodHandles.varHandleInvoker(VarHandle.AccessMode.GET, MethodType.methodType(Object.class, F.class)).invoke(i, f));
        show("exact invoker", () -> (int) MethodHandles.varHandleExactInvoker(VarHandle.AccessMode.GET, MethodType.methodType(int.class, F.class)).invokeExact(i, f));
        show("fences", () -> { VarHandle.fullFence(); VarHandle.acquireFence(); VarHandle.releaseFence(); VarHandle.loadLoadFence(); VarHandle.storeStoreFence(); return "ok"; });
        Thread[] ts = new Thread[4];
        i.set(f, 0); j.set(f, 0L); d.set(f, 0.0);
        for (int k = 0; k < ts.length; k++) { ts[k] = new Thread(() -> { for (int n = 0; n < 20000; n++) { i.getAndAdd(f, 1); j.getAndAddRelease(f, 2L); d.getAndAdd(f, 0.5); int o; do { o = (int) ia.getVolatile(ints, 0); } while (!ia.weakCompareAndSet(ints, 0, o, o + 3)); } }); ts[k].start(); }
        for (Thread t : ts) t.join();
        System.out.println(f.i + " " + f.j + " " + f.d + " " + ints[0]);
    }
}
