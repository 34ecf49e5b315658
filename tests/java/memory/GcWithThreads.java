//@ vm: -Xmx64m
import java.util.concurrent.atomic.AtomicLong;

/** Threads allocate, block, sleep and run code while others force collections. */
public class GcWithThreads {
    static final class Cell { Cell next; final int v; Cell(Cell n, int v) { next = n; this.v = v; } }

    public static void main(String[] args) throws Exception {
        AtomicLong total = new AtomicLong();
        Thread[] ts = new Thread[6];
        for (int id = 0; id < ts.length; id++) {
            int me = id;
            ts[id] = new Thread(() -> {
                long sum = 0;
                for (int r = 0; r < 60; r++) {
                    Cell head = null;
                    for (int i = 0; i < 3000; i++) {
                        head = new Cell(head, i ^ me);
                        if ((i & 255) == 0) Thread.yield();
                    }
                    if (r % 20 == me) System.gc();
                    for (Cell c = head; c != null; c = c.next) sum += c.v;
                }
                total.addAndGet(sum);
            });
        }
        Thread spinner = new Thread(() -> { long x = 0; while (!Thread.currentThread().isInterrupted()) x = x * 31 + 7; total.addAndGet(x * 0); });
        spinner.start();
        for (Thread t : ts) t.start();
        for (Thread t : ts) t.join();
        spinner.interrupt();
        spinner.join();
        System.out.println(total);
    }
}
