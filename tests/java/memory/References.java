import java.lang.ref.*;
import java.util.WeakHashMap;

public class References {
    static Object[] sink = new Object[1];

    static void gc(java.util.function.BooleanSupplier until) throws InterruptedException {
        for (int i = 0; i < 200 && !until.getAsBoolean(); i++) {
            System.gc();
            Thread.sleep(5);
        }
    }

    static WeakReference<Object> weak(ReferenceQueue<Object> q) { return new WeakReference<>(new Object(), q); }
    static PhantomReference<Object> phantom(ReferenceQueue<Object> q) { return new PhantomReference<>(new Object(), q); }
    static void clobber(int n) { if (n > 0) { sink[0] = new int[n]; clobber(n - 1); } }

    static void fillMap(WeakHashMap<Object, String> m, Object kept) {
        m.put(kept, "kept");
        for (int i = 0; i < 50; i++) m.put(new Object(), "gone");
    }

    public static void main(String[] args) throws Exception {
        ReferenceQueue<Object> q = new ReferenceQueue<>();
        Object strong = new Object();
        WeakReference<Object> w = weak(q), keep = new WeakReference<>(strong, q);
        PhantomReference<Object> p = phantom(q);
        SoftReference<int[]> s = new SoftReference<>(new int[10]);
        clobber(50);
        gc(() -> w.refersTo(null));
        System.out.println(w.get() + " " + (keep.get() == strong) + " " + p.get() + " " + (s.get() != null));
        int n = 0;
        boolean sawW = false, sawP = false;
        for (int i = 0; i < 2; i++) {
            Reference<?> r = q.remove(5000);
            if (r != null) n++;
            sawW |= r == w;
            sawP |= r == p;
        }
        System.out.println(n + " " + sawW + sawP + " " + q.poll());
        WeakHashMap<Object, String> m = new WeakHashMap<>();
        Object kept = new Object();
        fillMap(m, kept);
        clobber(50);
        gc(() -> m.size() <= 5);
        System.out.println(m.size() <= 5 && m.containsKey(kept));
        WeakReference<Object> cleared = new WeakReference<>(new Object(), q);
        cleared.clear();
        System.out.println(cleared.get() + " " + cleared.enqueue() + " " + cleared.refersTo(null));
        WeakReference<String> e = new WeakReference<>("literal", null);
        System.out.println(e.enqueue() + " " + e.get());
        WeakReference<Object> manual = new WeakReference<>(strong, q);
        System.out.println(manual.enqueue() + " " + manual.get() + " " + (q.poll() == manual) + " " + manual.enqueue());
        Reference.reachabilityFence(strong);
        Reference.reachabilityFence(kept);
        System.out.println((q.remove(10) == cleared) + " " + q.remove(10));
    }
}
