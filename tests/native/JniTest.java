import java.lang.ref.WeakReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Drives libjnitest.c: every function of the JNI table, from Java. All output goes through {@link #out}. */
public class JniTest {
    interface Greeter {
        String GREETING = new String("greeting of the interface");
        default String greet(String who) { return "hello " + who; }
        int count(int n);
        static String stat() { return "static of the interface"; }
    }

    static class Base implements Greeter {
        boolean z = true;
        byte b = -1;
        char c = 'c';
        short s = -300;
        int i = 123456;
        long j = 1L << 40;
        float f = 1.5f;
        double d = -2.25;
        Object o = "object";
        volatile int vi = 7;
        volatile long vj = 8;
        volatile Object vo = "volatile";
        volatile boolean vz;
        volatile byte vb = 9;
        volatile char vc = 'v';
        volatile short vs = 10;
        volatile float vf = 2.5f;
        volatile double vd = 3.5;
        final String tag;
        private int secret = 42;
        int shadowed = 1;
        static boolean sz = false;
        static byte sb = 11;
        static char sc = 's';
        static short ss = 12;
        static int si = 13;
        static long sj = 14;
        static float sf = 15.5f;
        static double sd = 16.5;
        static Object so = "static object";
        static volatile int svi = 17;

        Base() { tag = "Base()"; }
        Base(String tag, int i, double d) { this.tag = tag + " " + i + " " + d; }

        public int count(int n) { return n + 1; }
        private String hidden() { return "private of Base"; }
        String who() { return "Base.who"; }
        final String fixed() { return "Base.fixed"; }

        static String all(String m, boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o,
                          long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) {
            return m + "(" + z + " " + b + " " + (int) c + " " + s + " " + i + " " + j + " " + f + " " + d + " " + o + " "
                    + j2 + " " + d2 + " " + i2 + " " + f2 + " " + d3 + " " + d4 + " " + f3 + " " + d5 + " " + b2 + ")";
        }

        // One method a result type, with more arguments than there are registers of either kind.
        void mV(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Base.mV", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); }
        boolean mZ(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Base.mZ", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return true; }
        byte mB(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Base.mB", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return b; }
        char mC(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Base.mC", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return c; }
        short mS(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Base.mS", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return s; }
        int mI(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Base.mI", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return i; }
        long mJ(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Base.mJ", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return j; }
        float mF(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Base.mF", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return f; }
        double mD(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Base.mD", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return d; }
        Object mL(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Base.mL", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return o; }

        static void tV(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("tV", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); }
        static boolean tZ(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("tZ", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return false; }
        static byte tB(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("tB", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return b; }
        static char tC(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("tC", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return c; }
        static short tS(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("tS", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return s; }
        static int tI(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("tI", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return i; }
        static long tJ(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("tJ", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return j; }
        static float tF(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("tF", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return f; }
        static double tD(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("tD", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return d; }
        static Object tL(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("tL", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return o; }

        static int thrower(int n) {
            if (n >= 0) throw new IllegalStateException("thrower " + n);
            return n;
        }
    }

    static class Derived extends Base {
        int shadowed = 2;
        Derived() {}
        @Override String who() { return "Derived.who"; }
        @Override public int count(int n) { return n + 100; }
        @Override void mV(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Derived.mV", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); }
        @Override boolean mZ(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Derived.mZ", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return false; }
        @Override int mI(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Derived.mI", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return -i; }
        @Override float mF(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2) { out(all("Derived.mF", z, b, c, s, i, j, f, d, o, j2, d2, i2, f2, d3, d4, f3, d5, b2)); return -f; }
    }

    abstract static class Abstract { Abstract() {} abstract int x(); }
    static class Failing { static { if (true) throw new RuntimeException("initializer"); } static int x; }
    static class Initialized { static { out("Initialized is initialized"); } static int x = 5; int y; void m() {} }
    static class FoundByName { static { out("FoundByName is initialized"); } }
    static class NativeHolder {
        static native int registered(int n);
        native String registeredInstance(String s);
        static int notNative(int n) { return n; }
        static native int dynamic(int n);
    }
    static class Overloads {
        static native String over(int i);
        static native String over(String s, long[] a);
        static native String under_score(int[][] a);
        static native String \u00fcml\u4e2d();
        static native void missing(int i, String s, long[][] a);
        synchronized native boolean lockedInstance();
        static synchronized native boolean lockedStatic();
    }

    static void out(String s) {
        System.out.println(s);
        System.out.flush();
    }

    /** Prints a throwable without its trace. */
    static void describe(Throwable t) {
        out("  " + t + (t.getCause() != null ? " / cause " + t.getCause() : ""));
    }

    static void check(String what, Runnable r) {
        try {
            r.run();
            out(what + ": no exception");
        } catch (Throwable t) {
            out(what + ": " + t + (t.getCause() != null ? " / cause " + t.getCause() : ""));
        }
    }

    static int upcalls;
    static int recurse(int n) { upcalls++; return n == 0 ? 0 : down(n - 1) + 1; }

    static native int down(int n);
    static native void version();
    static native void classes(byte[] classFile, ClassLoader loader);
    static native void methodIds();
    static native void calls(Base base, Derived derived);
    static native void objects();
    static native void fields(Derived d);
    static native void exceptions();
    static native void throwing(int how) throws Exception;
    static native void strings(String[] strings);
    static native void arrays();
    static native void objectArrays();
    static native void references(Object argument);
    static native void monitors(Object lock);
    static native void reflection(Method m, Method sm, Constructor<?> c, Field f, Field sf);
    static native void natives();
    static native void unregister(Class<?> c);
    static native ByteBuffer buffers(ByteBuffer direct, ByteBuffer heap);
    static native void freeBuffer(ByteBuffer b);
    static native String manyArguments(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o,
            long j2, double d2, int i2, float f2, double d3, double d4, float f3, double d5, byte b2, String last);
    native String manyArgumentsInstance(float f1, double d1, float f2, double d2, float f3, double d3, float f4,
            double d4, float f5, double d5, long j1, int i1, long j2, int i2, short s, boolean z);
    static native boolean returnBoolean(int n);
    static native byte returnByte(int n);
    static native char returnChar(int n);
    static native short returnShort(int n);
    static native float returnFloat(int n);
    static native double returnDouble(int n);
    static native long returnLong(int n);
    static native Object returnNull();
    static native void attachThreads(int n);
    static native long sumCritical(int[] a, byte[] b);

    static int attachedCount;
    static synchronized void attached(String name, boolean daemon, String group) {
        attachedCount++;
        if (name.equals("named")) out("attached " + name + " " + daemon + " " + group);
    }

    public static void main(String[] args) throws Throwable {
        System.loadLibrary("jnitest");
        out("== version");
        version();
        out("== classes");
        byte[] classFile;
        try (var in = JniTest.class.getResourceAsStream("JniTest$Initialized.class")) {
            classFile = in.readAllBytes();
        }
        ClassLoader other = new ClassLoader(null) {
            @Override protected Class<?> findClass(String name) throws ClassNotFoundException {
                return JniTest.class.getClassLoader().loadClass(name);
            }
        };
        classes(classFile, other);
        out("== method ids");
        methodIds();
        out("== calls");
        calls(new Base(), new Derived());
        out("== objects");
        objects();
        out("== fields");
        Derived d = new Derived();
        fields(d);
        out(d.z + " " + d.b + " " + d.c + " " + d.s + " " + d.i + " " + d.j + " " + d.f + " " + d.d + " " + d.o);
        out(d.vz + " " + d.vb + " " + d.vc + " " + d.vs + " " + d.vi + " " + d.vj + " " + d.vf + " " + d.vd + " " + d.vo);
        out(Base.sz + " " + Base.sb + " " + Base.sc + " " + Base.ss + " " + Base.si + " " + Base.sj + " " + Base.sf
                + " " + Base.sd + " " + Base.so + " " + Base.svi);
        out(d.shadowed + " " + ((Base) d).shadowed);
        out("== exceptions");
        exceptions();
        for (int how = 0; how < 5; how++) {
            int h = how;
            check("throwing " + how, () -> {
                try {
                    throwing(h);
                } catch (RuntimeException | Error e) {
                    throw e;
                } catch (Exception e) {
                    throw new RuntimeException("checked", e);
                }
            });
        }
        out("== strings");
        strings(new String[] {"", "plain", "nul\0nul", "latin \u00e9\u00ff", "wide \u20ac\u4e2d", "pair \ud83d\ude00!",
                "lone \ud800", "x".repeat(1000)});
        out("== arrays");
        arrays();
        objectArrays();
        out("critical " + sumCritical(new int[] {1, 2, 3, -10}, new byte[] {1, -2, 100}));
        out("== references");
        references(new Object());
        out("== monitors");
        monitors(new Object());
        out("== reflection");
        reflection(Base.class.getDeclaredMethod("who"), Base.class.getDeclaredMethod("thrower", int.class),
                Base.class.getDeclaredConstructor(String.class, int.class, double.class),
                Base.class.getDeclaredField("i"), Base.class.getDeclaredField("si"));
        out("== natives");
        check("before", () -> NativeHolder.registered(1));
        natives();
        out("registered " + NativeHolder.registered(20) + " " + new NativeHolder().registeredInstance("abc"));
        out("dynamic " + NativeHolder.dynamic(4));
        unregister(NativeHolder.class);
        check("unregistered", () -> NativeHolder.registered(1));
        out("dynamic " + NativeHolder.dynamic(5));
        out(Overloads.over(3) + " " + Overloads.over("s", new long[4]) + " " + Overloads.under_score(new int[2][3]) + " "
                + Overloads.\u00fcml\u4e2d());
        check("missing", () -> Overloads.missing(1, "", null));
        out("locked " + new Overloads().lockedInstance() + " " + Overloads.lockedStatic());
        out("== native arguments and results");
        out(manyArguments(true, (byte) -2, 'x', (short) -3, -4, -5L << 33, 1.25f, 2.5, "o", Long.MIN_VALUE, 3.75,
                Integer.MAX_VALUE, 4.5f, 5.25, 6.125, 7.5f, 8.75, (byte) 127, "last"));
        out(new JniTest().manyArgumentsInstance(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, (short) 15, true));
        for (int n : new int[] {0, 1, 200, 70000, -1}) {
            out(returnBoolean(n) + " " + returnByte(n) + " " + (int) returnChar(n) + " " + returnShort(n) + " "
                    + returnFloat(n) + " " + returnDouble(n) + " " + returnLong(n));
        }
        out("null " + returnNull());
        out("recursion " + recurse(60) + " " + upcalls);
        out("== buffers");
        ByteBuffer direct = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
        direct.putInt(8, 0x01020304);
        ByteBuffer made = buffers(direct, ByteBuffer.allocate(16));
        out(made.isDirect() + " " + made.capacity() + " " + made.order() + " " + (char) made.get(0) + (char) made.get(1)
                + " " + direct.getInt(8));
        made.put(0, (byte) 'J');
        freeBuffer(made);
        out("== attached threads");
        attachThreads(8);
        out("attached " + attachedCount);
        out("== done");
    }
}
