import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/** Loaders that are dropped are collected, with their classes and static state. */
public class ClassUnloading {
    public static class Payload implements Runnable {
        static final byte[] BALLAST = new byte[1 << 20];
        static int runs;
        public void run() { runs += BALLAST.length > 0 ? 1 : 0; Runnable r = () -> runs++; r.run(); }
    }

    static class Loader extends ClassLoader {
        final byte[] bytes;
        Loader(byte[] b) { super(ClassUnloading.class.getClassLoader()); bytes = b; }
        @Override protected Class<?> loadClass(String n, boolean resolve) throws ClassNotFoundException {
            if (!n.equals("ClassUnloading$Payload")) return super.loadClass(n, resolve);
            Class<?> c = findLoadedClass(n);
            return c != null ? c : defineClass(n, bytes, 0, bytes.length);
        }
    }

    static WeakReference<ClassLoader> once(byte[] b) throws Exception {
        Loader l = new Loader(b);
        Class<?> c = l.loadClass("ClassUnloading$Payload");
        ((Runnable) c.getDeclaredConstructor().newInstance()).run();
        var f = c.getDeclaredField("runs");
        f.setAccessible(true);
        if (f.getInt(null) != 2) throw new AssertionError(f.getInt(null));
        return new WeakReference<>(l);
    }

    static Object[] sink = new Object[8];
    static int clobber(int n) { sink[n & 7] = new int[n]; return n == 0 ? 0 : 1 + clobber(n - 1); }

    public static void main(String[] args) throws Exception {
        byte[] b;
        try (InputStream in = ClassUnloading.class.getResourceAsStream("ClassUnloading$Payload.class")) {
            b = in.readAllBytes();
        }
        List<WeakReference<ClassLoader>> refs = new ArrayList<>();
        for (int i = 0; i < 400; i++) refs.add(once(b));
        clobber(100);
        long alive = refs.size();
        for (int i = 0; i < 100 && alive > 20; i++) {
            System.gc();
            Thread.sleep(10);
            alive = refs.stream().filter(r -> r.get() != null).count();
        }
        System.out.println(alive <= 20);
        System.out.println(Payload.runs);
    }
}
