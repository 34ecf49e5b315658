/** StackOverflowError caught and survived, many times, through several kinds of call. */
public class StackOverflow {
    static int depth;

    static int plain(int n) {
        depth = n;
        return plain(n + 1) + 1;
    }

    long virtual(long a, double b, Object c) {
        return virtual(a + 1, b * 2, this) + 1;
    }

    interface F { int f(F self, int n); }

    static class Lock {
        synchronized int nested(int n) { return nested(n + 1) + 1; }
    }

    static class Str {
        Str inner = this;
        public String toString() { return "s" + inner; }
    }

    static class Ctor {
        final Ctor c = new Ctor();
    }

    static boolean overflows(Runnable r) {
        try {
            r.run();
            return false;
        } catch (StackOverflowError e) {
            return e.getMessage() == null && e.getStackTrace().length == 1024;
        }
    }

    public static void main(String[] args) {
        StackOverflow s = new StackOverflow();
        F f = (self, n) -> self.f(self, n + 1) + 1;
        Lock lock = new Lock();
        for (int i = 0; i < 3; i++) {
            System.out.println(overflows(() -> plain(0)));
            System.out.println(depth > 1000);
            System.out.println(overflows(() -> s.virtual(0, 1, null)));
            System.out.println(overflows(() -> f.f(f, 0)));
            System.out.println(overflows(() -> lock.nested(0)));
            System.out.println(overflows(() -> new Str().toString()));
            System.out.println(overflows(Ctor::new));
        }
        synchronized (lock) {
            System.out.println(Thread.holdsLock(lock));
        }
        System.out.println(Thread.holdsLock(lock));
        int caught = 0;
        for (int i = 0; i < 50; i++) {
            try {
                plain(0);
            } catch (StackOverflowError e) {
                caught++;
            }
        }
        System.out.println(caught);
    }
}
