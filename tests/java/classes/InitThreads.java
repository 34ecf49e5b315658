import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** One thread initialises, the others wait for it; recursion by the same thread passes; failures reach all. */
public class InitThreads {
    static final AtomicInteger runs = new AtomicInteger();

    static class Slow {
        static int value;
        static {
            runs.incrementAndGet();
            int partial = Slow.value;
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            value = 42 + partial;
        }
    }

    static class Failing {
        static final int v;
        static {
            runs.incrementAndGet();
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            v = 1 / (runs.get() - runs.get());
        }
    }

    public static void main(String[] args) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger sum = new AtomicInteger(), first = new AtomicInteger(), later = new AtomicInteger();
        Thread[] ts = new Thread[8];
        for (int i = 0; i < ts.length; i++) {
            ts[i] = new Thread(() -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    return;
                }
                sum.addAndGet(Slow.value);
                try {
                    sum.addAndGet(Failing.v);
                } catch (ExceptionInInitializerError e) {
                    first.incrementAndGet();
                } catch (NoClassDefFoundError e) {
                    later.incrementAndGet();
                }
            });
            ts[i].start();
        }
        go.countDown();
        for (Thread t : ts) t.join();
        System.out.println(sum + " " + runs + " " + first + " " + later);
    }
}
