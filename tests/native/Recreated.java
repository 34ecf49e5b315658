import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/** What recreate.c runs in each of its VMs. */
public class Recreated {
    static volatile int spun;
    static final Object LOCK = new Object();

    static void daemon(CountDownLatch started, Runnable body) {
        Thread thread = new Thread(() -> {
            started.countDown();
            body.run();
        });
        thread.setDaemon(true);
        thread.start();
    }

    static void forever(Runnable body) {
        while (true) {
            try {
                body.run();
            } catch (Throwable e) {
                // Nothing stops this thread.
            } finally {
                spun++;
            }
        }
    }

    static int run(int round) throws Exception {
        CountDownLatch started = new CountDownLatch(5);
        daemon(started, () -> forever(() -> { }));
        daemon(started, () -> forever(LockSupport::park));
        daemon(started, () -> forever(() -> {
            try {
                Thread.sleep(1_000_000);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }));
        daemon(started, () -> {
            synchronized (LOCK) {
                while (true) {
                    try {
                        LOCK.wait();
                    } catch (InterruptedException e) {
                        spun++;
                    }
                }
            }
        });
        daemon(started, () -> {
            Object own = new Object();
            synchronized (own) {
                Thread blocked = new Thread(() -> {
                    synchronized (own) {
                        spun++;
                    }
                });
                blocked.setDaemon(true);
                blocked.start();
                forever(Thread::yield);
            }
        });
        started.await();
        String text = "x".repeat(3 * round);
        if (!Pattern.matches("(x|y)*", text)) throw new IllegalStateException(text);
        byte[][] some = new byte[100][];
        for (int i = 0; i < 2000; i++) some[i % 100] = new byte[10_000];
        return text.length() + Math.min(some.length, 1);
    }
}
