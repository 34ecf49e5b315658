import java.util.ArrayDeque;
import java.util.Queue;

public class Monitors {
    static class Bounded<T> {
        private final Queue<T> q = new ArrayDeque<>();
        private final int cap;
        Bounded(int cap) { this.cap = cap; }
        synchronized void put(T t) throws InterruptedException { while (q.size() == cap) wait(); q.add(t); notifyAll(); }
        synchronized T take() throws InterruptedException { while (q.isEmpty()) wait(); T t = q.remove(); notifyAll(); return t; }
    }

    static int nested(Object lock, int n) {
        synchronized (lock) {
            return n == 0 ? 0 : 1 + nested(lock, n - 1);
        }
    }

    public static void main(String[] args) throws Exception {
        Bounded<Integer> b = new Bounded<>(3);
        long[] sums = new long[3];
        Thread[] consumers = new Thread[3];
        for (int i = 0; i < 3; i++) {
            int id = i;
            consumers[i] = new Thread(() -> {
                try {
                    for (int v; (v = b.take()) >= 0; ) sums[id] += v;
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            consumers[i].start();
        }
        Thread[] producers = new Thread[2];
        for (int p = 0; p < 2; p++) {
            producers[p] = new Thread(() -> {
                try {
                    for (int i = 0; i < 3000; i++) b.put(i);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            producers[p].start();
        }
        for (Thread p : producers) p.join();
        for (int i = 0; i < 3; i++) b.put(-1);
        for (Thread c : consumers) c.join();
        System.out.println(sums[0] + sums[1] + sums[2]);
        Object lock = new Object();
        System.out.println(nested(lock, 1000));
        Runnable[] bad = {lock::notify, lock::notifyAll, () -> { try { lock.wait(); } catch (InterruptedException e) { } }, () -> { try { synchronized (lock) { lock.wait(-1); } } catch (InterruptedException e) { } }};
        for (Runnable r : bad) {
            try {
                r.run();
            } catch (IllegalMonitorStateException | IllegalArgumentException e) {
                System.out.println(e.getClass().getSimpleName() + " " + e.getMessage());
            }
        }
        synchronized (lock) {
            int h = lock.hashCode();
            lock.wait(20);
            System.out.println((h == lock.hashCode()) + " " + Thread.holdsLock(lock));
        }
        boolean[] flag = new boolean[1];
        Thread waiter = new Thread(() -> {
            synchronized (lock) {
                synchronized (lock) {
                    while (!flag[0]) {
                        try {
                            lock.wait();
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    }
                }
                System.out.println("woken");
            }
        });
        waiter.start();
        while (waiter.getState() != Thread.State.WAITING) Thread.sleep(1);
        synchronized (lock) {
            flag[0] = true;
            lock.notify();
            System.out.println("notified first");
        }
        waiter.join();
        Thread blocked;
        synchronized (lock) {
            blocked = new Thread(() -> { synchronized (lock) { System.out.println("entered"); } });
            blocked.start();
            while (blocked.getState() != Thread.State.BLOCKED) Thread.sleep(1);
            System.out.println(blocked.getState());
        }
        blocked.join();
        try {
            synchronized (lock) {
                throw new IllegalStateException("inside");
            }
        } catch (IllegalStateException e) {
            System.out.println(Thread.holdsLock(lock));
        }
        Object[] many = new Object[5000];
        for (int i = 0; i < many.length; i++) {
            many[i] = new Object();
            synchronized (many[i]) {
                synchronized (many[i / 2]) {
                    many[i].notifyAll();
                }
            }
        }
        System.out.println("many");
    }
}
