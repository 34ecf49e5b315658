import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicInteger;

public class Cleaners {
    static final Cleaner CLEANER = Cleaner.create();
    static final AtomicInteger cleaned = new AtomicInteger(), finalized = new AtomicInteger();

    static class Res implements AutoCloseable {
        final Cleaner.Cleanable c;
        Res() { c = CLEANER.register(this, cleaned::incrementAndGet); }
        @Override public void close() { c.clean(); }
    }

    @SuppressWarnings("deprecation")
    static class Fin {
        static Fin saved;
        final boolean resurrect;
        Fin(boolean r) { resurrect = r; }
        @Override protected void finalize() { finalized.incrementAndGet(); if (resurrect) saved = this; }
    }

    static class Thrower { @SuppressWarnings("deprecation") @Override protected void finalize() { finalized.incrementAndGet(); throw new RuntimeException("ignored"); } }

    static void make(int n) {
        for (int i = 0; i < n; i++) {
            new Res();
            new Fin(false);
            new Thrower();
        }
    }

    static Object[] sink = new Object[8];
    static void clobber(int n) { if (n > 0) { sink[n & 7] = new long[n]; clobber(n - 1); } }

    public static void main(String[] args) throws Exception {
        try (Res r = new Res()) {
            System.out.println(cleaned.get());
        }
        System.out.println(cleaned.get());
        make(100);
        Fin f = new Fin(true);
        f = null;
        clobber(60);
        for (int i = 0; i < 200 && (cleaned.get() < 95 || finalized.get() < 190); i++) {
            System.gc();
            System.runFinalization();
            Thread.sleep(5);
        }
        System.out.println((cleaned.get() >= 95) + " " + (finalized.get() >= 190));
        Res kept = new Res();
        System.gc();
        kept.close();
        kept.close();
        System.out.println(Fin.saved == null || Fin.saved.resurrect);
    }
}
