import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

public class VarHandles {
    byte b; short s; char c; int i; long l; float f; double d; boolean z; String t;
    static int si = 100;
    volatile long vl;
    final int fin = 3;

    interface Body { Object run() throws Throwable; }
    static void t(String what, Body b) {
        try {
            System.out.println(what + ": " + b.run());
        } catch (Throwable e) {
            System.out.println(what + ": " + e.getClass().getName() + ": " + String.valueOf(e.getMessage()).replaceAll("@[0-9a-f]+", "@h"));
        }
    }

    static VarHandle v(String n, Class<?> c) throws Exception { return MethodHandles.lookup().findVarHandle(VarHandles.class, n, c); }

    public static void main(String[] args) throws Throwable {
        VarHandles o = new VarHandles();
        VarHandle i = v("i", int.class), l = v("l", long.class), t = v("t", String.class), z = v("z", boolean.class), d = v("d", double.class), by = v("b", byte.class), c = v("c", char.class), f = v("f", float.class), s = v("s", short.class);
        i.set(o, 1);
        i.setVolatile(o, (int) i.get(o) + 1);
        i.setOpaque(o, (int) i.getVolatile(o) + 1);
        i.setRelease(o, (int) i.getOpaque(o) + 1);
        System.out.println((int) i.getAcquire(o));
        System.out.println(i.compareAndSet(o, 4, 10) + " " + i.compareAndSet(o, 4, 11) + " " + (int) i.compareAndExchange(o, 10, 20) + " " + (int) i.compareAndExchange(o, 10, 30) + " " + o.i);
        System.out.println((int) i.compareAndExchangeAcquire(o, 20, 21) + " " + (int) i.compareAndExchangeRelease(o, 21, 22) + " " + (int) i.getAndSet(o, 5) + " " + (int) i.getAndSetAcquire(o, 6) + " " + (int) i.getAndSetRelease(o, 7));
        boolean weak = false;
        while (!weak) weak = i.weakCompareAndSet(o, 7, 8);
        while (!i.weakCompareAndSetPlain(o, 8, 9)) {}
        while (!i.weakCompareAndSetAcquire(o, 9, 10)) {}
        while (!i.weakCompareAndSetRelease(o, 10, 12)) {}
        System.out.println((int) i.getAndAdd(o, 5) + " " + (int) i.getAndAddAcquire(o, 5) + " " + (int) i.getAndAddRelease(o, -3) + " " + o.i);
        System.out.println((int) i.getAndBitwiseOr(o, 0xf0) + " " + (int) i.getAndBitwiseAnd(o, 0xff) + " " + (int) i.getAndBitwiseXor(o, 0x0f) + " " + (int) i.getAndBitwiseOrAcquire(o, 0x100) + " " + o.i);
        System.out.println((long) l.getAndAdd(o, 1L << 40) + " " + o.l + " " + l.compareAndSet(o, 1L << 40, -1L) + o.l);
        System.out.println((byte) by.getAndAdd(o, (byte) 127) + " " + (byte) by.getAndAdd(o, (byte) 1) + " " + o.b + " " + (char) c.getAndSet(o, 'x') % 7 + (char) c.compareAndExchange(o, 'x', 'y') + o.c);
        System.out.println((short) s.getAndBitwiseOr(o, (short) -1) + " " + o.s + " " + (float) f.getAndAdd(o, 1.5f) + o.f + " " + (double) d.getAndAdd(o, 2.5) + o.d + d.compareAndSet(o, 2.5, Double.NaN) + d.compareAndSet(o, Double.NaN, 1.0) + o.d);
        System.out.println(z.compareAndSet(o, false, true) + " " + (boolean) z.getAndBitwiseXor(o, true) + o.z + " " + t.compareAndSet(o, null, "new") + t.compareAndSet(o, new String("new"), "x") + (String) t.getAndSet(o, "last") + o.t);
        VarHandle st = MethodHandles.lookup().findStaticVarHandle(VarHandles.class, "si", int.class);
        System.out.println((int) st.getAndAdd(11) + " " + si + " " + st.coordinateTypes() + i.coordinateTypes() + i.varType());
        VarHandle ia = MethodHandles.arrayElementVarHandle(int[].class), sa = MethodHandles.arrayElementVarHandle(String[].class);
        int[] arr = {1, 2, 3};
        String[] strs = new String[2];
        Object[] objs = strs;
        System.out.println((int) ia.getAndAdd(arr, 2, 40) + " " + arr[2] + " " + sa.compareAndSet(strs, 0, null, "cas") + strs[0]);
        t("index", () -> (int) ia.get(arr, 3));
        t("store", () -> { MethodHandles.arrayElementVarHandle(Object[].class).set(objs, 0, 5); return "stored"; });
        t("null receiver", () -> (int) i.get((VarHandles) null));
        t("final set", () -> { v("fin", int.class).set(o, 5); return "set"; });
        t("string add", () -> t.getAndAdd(o, "x"));
        t("wrong type", () -> { i.set(o, "text"); return "set"; });
        t("converted", () -> { i.set(o, (byte) 5); return (long) (int) i.get(o); });
        t("exact", () -> { i.withInvokeExactBehavior().set(o, (byte) 5); return 0; });
        t("no such field", () -> v("nope", int.class));
        t("static as instance", () -> v("si", int.class));
        System.out.println(i.isAccessModeSupported(VarHandle.AccessMode.GET_AND_ADD) + " " + t.isAccessModeSupported(VarHandle.AccessMode.GET_AND_ADD) + " " + v("fin", int.class).isAccessModeSupported(VarHandle.AccessMode.SET));
        System.out.println(i.accessModeType(VarHandle.AccessMode.COMPARE_AND_EXCHANGE) + " " + i);
        System.out.println((int) i.toMethodHandle(VarHandle.AccessMode.GET_AND_SET).invoke(o, 77) + o.i);
        System.out.println((int) MethodHandles.varHandleInvoker(VarHandle.AccessMode.GET, i.accessModeType(VarHandle.AccessMode.GET)).invoke(i, o));
        VarHandle view = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN), lview = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN), buf = MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
        byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        System.out.println(Integer.toHexString((int) view.get(bytes, 1)) + " " + Long.toHexString((long) lview.get(bytes, 1)) + " " + (short) buf.get(ByteBuffer.wrap(bytes), 3));
        view.set(bytes, 0, 0xcafebabe);
        System.out.println(bytes[0] + " " + bytes[3]);
        t("view bounds", () -> (int) view.get(bytes, 6));
        VarHandle.fullFence();
        VarHandle.acquireFence();
        VarHandle.releaseFence();
        VarHandle.loadLoadFence();
        VarHandle.storeStoreFence();
        for (int n = 0; n < 20000; n++) i.getAndAdd(o, n & 3);
        System.out.println(o.i);
    }
}
