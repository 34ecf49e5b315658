//@ timeout: 120
import java.util.concurrent.CountDownLatch;

/** Monitors entered and left by compiled code: free, hashed, locked again, deeply, and wanted by other threads. */
public class LocksOfCompiledCode {
    private int value;

    private static void step(LocksOfCompiledCode lock, int n) {
        synchronized (lock) {
            lock.value += n;
        }
    }

    private static int nested(LocksOfCompiledCode lock, int depth) {
        synchronized (lock) {
            lock.value++;
            return depth == 0 ? 0 : 1 + nested(lock, depth - 1);
        }
    }

    private static synchronized int ofTheClass(int x) {
        return x * 31 + 7;
    }

    private static boolean leave(LocksOfCompiledCode lock) {
        try {
            lock.notify();
            return true;
        } catch (IllegalMonitorStateException e) {
            return false;
        }
    }

    private static String run(boolean hashed, int depth, int rounds) {
        LocksOfCompiledCode lock = new LocksOfCompiledCode();
        if (hashed && System.identityHashCode(lock) != lock.hashCode()) {
            return "the hash changed";
        }
        int before = hashed ? System.identityHashCode(lock) : 0;
        long sum = 0;
        for (int i = 0; i < rounds; i++) {
            step(lock, i & 3);
            sum += nested(lock, depth);
            sum ^= ofTheClass(i);
        }
        boolean kept = !hashed || before == System.identityHashCode(lock);
        return lock.value + " " + sum + " " + kept + " " + leave(lock) + " " + Thread.holdsLock(lock);
    }

    private static void contend(boolean hashed, int threads) throws InterruptedException {
        LocksOfCompiledCode lock = new LocksOfCompiledCode();
        if (hashed) {
            lock.hashCode();
        }
        CountDownLatch ready = new CountDownLatch(threads);
        Thread[] all = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            all[i] = new Thread(() -> {
                ready.countDown();
                try {
                    ready.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int n = 0; n < 20_000; n++) {
                    step(lock, 1);
                    if (n % 1000 == 0) {
                        nested(lock, 3);
                    }
                }
            });
            all[i].start();
        }
        for (Thread t : all) {
            t.join();
        }
        System.out.println("contended, hashed " + hashed + ": " + lock.value);
    }

    public static void main(String[] args) throws InterruptedException {
        // The class's lock is one with a hash.
        System.out.println(LocksOfCompiledCode.class.hashCode() == System.identityHashCode(LocksOfCompiledCode.class));
        for (int i = 0; i < 3; i++) {
            System.out.println("free: " + run(false, 2, 20_000));
            System.out.println("hashed: " + run(true, 2, 20_000));
            System.out.println("deep: " + run(false, 300, 300));
            System.out.println("deep, hashed: " + run(true, 300, 300));
        }
        contend(false, 4);
        contend(true, 4);
        LocksOfCompiledCode[] many = new LocksOfCompiledCode[200];
        for (int i = 0; i < many.length; i++) {
            many[i] = new LocksOfCompiledCode();
            many[i].hashCode();
        }
        for (int round = 0; round < 200; round++) {
            for (LocksOfCompiledCode lock : many) {
                synchronized (lock) {
                    step(lock, round);
                }
            }
        }
        int sum = 0;
        for (LocksOfCompiledCode lock : many) {
            sum += lock.value;
        }
        System.out.println("many monitors: " + sum);
    }
}
