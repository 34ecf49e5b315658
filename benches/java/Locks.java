import java.util.Vector;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/** Locks that nobody contends for: synchronized methods and blocks, nested ones, StringBuffer, atomics, VarHandles inside. */
public class Locks extends Harness {
    static final class Counter {
        private long value;

        synchronized void add(long n) {
            value += n;
        }

        synchronized long addTwice(long n) {
            add(n);
            add(n + 1);
            return value;
        }

        static synchronized int mix(int x) {
            return x * 31 + 7;
        }
    }

    @Override
    protected long iterate() {
        Counter c = new Counter();
        long sum = 0;
        for (int i = 0; i < 40_000; i++) {
            sum += c.addTwice(i);
            synchronized (c) {
                sum ^= Counter.mix(i);
            }
        }
        StringBuffer b = new StringBuffer();
        Vector<Integer> v = new Vector<>();
        for (int i = 0; i < 5000; i++) {
            b.append((char) ('a' + i % 26)).append(i & 7);
            v.add(i);
        }
        for (int i = 0; i < v.size(); i++) {
            sum += v.get(i);
        }
        ReentrantLock lock = new ReentrantLock();
        AtomicLong atomic = new AtomicLong();
        for (int i = 0; i < 20_000; i++) {
            lock.lock();
            try {
                sum = sum * 31 + atomic.incrementAndGet();
            } finally {
                lock.unlock();
            }
            atomic.compareAndSet(i, i + 3);
        }
        return sum * 31 + b.toString().hashCode() + atomic.get();
    }

    public static void main(String[] args) {
        new Locks().start(args);
    }
}
