import java.lang.reflect.Field;
import sun.misc.Unsafe;

public class UnsafeUse {
    int a = 1; long l = 2; Object o; volatile int v; byte b = 5; boolean z; double d = 2.5; char c = 'c'; short s = 3; float f = 1.5f;
    static int st = 9;

    static class NoCtor { int x = 5; NoCtor() { throw new AssertionError("constructor must not run"); } }

    public static void main(String[] args) throws Exception {
        Field tu = Unsafe.class.getDeclaredField("theUnsafe");
        tu.setAccessible(true);
        Unsafe u = (Unsafe) tu.get(null);
        UnsafeUse t = new UnsafeUse();
        long a = u.objectFieldOffset(UnsafeUse.class.getDeclaredField("a")), l = u.objectFieldOffset(UnsafeUse.class.getDeclaredField("l")), o = u.objectFieldOffset(UnsafeUse.class.getDeclaredField("o")), v = u.objectFieldOffset(UnsafeUse.class.getDeclaredField("v"));
        u.putInt(t, a, 10);
        u.putLong(t, l, 1L << 50);
        u.putObject(t, o, "obj");
        System.out.println(t.a + " " + t.l + t.o + u.compareAndSwapInt(t, v, 0, 7) + u.compareAndSwapInt(t, v, 0, 8) + t.v + u.getAndAddInt(t, v, 5) + u.getAndSetLong(t, l, 3) + u.compareAndSwapObject(t, o, "obj", "new") + u.getObjectVolatile(t, o));
        for (String n : new String[] {"b", "z", "d", "c", "s", "f"}) {
            long off = u.objectFieldOffset(UnsafeUse.class.getDeclaredField(n));
            switch (n) {
                case "b" -> { u.putByte(t, off, (byte) -1); System.out.println(t.b); }
                case "z" -> { u.putBoolean(t, off, true); System.out.println(t.z); }
                case "d" -> System.out.println(u.getDouble(t, off));
                case "c" -> System.out.println(u.getCharVolatile(t, off));
                case "s" -> System.out.println(u.getShort(t, off));
                default -> System.out.println(u.getFloat(t, off));
            }
        }
        Field sf = UnsafeUse.class.getDeclaredField("st");
        u.putInt(u.staticFieldBase(sf), u.staticFieldOffset(sf), 99);
        System.out.println(st);
        System.out.println(((NoCtor) u.allocateInstance(NoCtor.class)).x);
        long m = u.allocateMemory(100);
        u.setMemory(m, 100, (byte) 0x11);
        u.putLong(m + 3, 0x0102030405060708L);
        System.out.println(Integer.toHexString(u.getInt(m)) + " " + u.getByte(m + 3) + " " + Long.toHexString(u.getLong(m + 3)));
        m = u.reallocateMemory(m, 1000);
        System.out.println(u.getByte(m + 10));
        byte[] arr = {1, 2, 3, 4, 5, 6, 7, 8};
        u.copyMemory(null, m, arr, Unsafe.ARRAY_BYTE_BASE_OFFSET, 4);
        System.out.println(arr[0] + " " + arr[4] + " " + Integer.toHexString(u.getInt(arr, Unsafe.ARRAY_BYTE_BASE_OFFSET + 4L)));
        u.freeMemory(m);
        int[] ia = {1, 2, 3};
        System.out.println(u.getInt(ia, Unsafe.ARRAY_INT_BASE_OFFSET + 2L * Unsafe.ARRAY_INT_INDEX_SCALE) + " " + u.arrayIndexScale(long[].class) + u.addressSize() + u.pageSize());
        try {
            u.throwException(new java.io.IOException("thrown by Unsafe"));
        } catch (Exception e) {
            System.out.println(e.getMessage());
        }
        u.fullFence();
        u.park(false, 1000);
        u.unpark(Thread.currentThread());
        u.park(false, 0);
        u.ensureClassInitialized(UnsafeUse.class);
        System.out.println(u.shouldBeInitialized(UnsafeUse.class));
        try {
            u.objectFieldOffset(UnsafeUse.Rec.class.getDeclaredField("x"));
        } catch (UnsupportedOperationException e) {
            System.out.println(e.getMessage());
        }
    }

    record Rec(int x) {}
}
