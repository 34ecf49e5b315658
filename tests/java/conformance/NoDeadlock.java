import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.ReentrantLock;

/** Threads that come and go at one lock are no deadlock, whenever one looks. */
public class NoDeadlock {
    static int count;
    static volatile boolean stop;

    public static void main(String[] args) throws Exception {
        ReentrantLock lock = new ReentrantLock();
        Object monitor = new Object();
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            boolean locks = i % 2 == 0;
            threads[i] = new Thread(() -> {
                while (!stop) {
                    if (locks) {
                        lock.lock();
                        count++;
                        lock.unlock();
                    }
                    synchronized (monitor) {
                        count++;
                    }
                }
            });
            threads[i].start();
        }
        int found = 0;
        for (int i = 0; i < 300; i++) {
            if (ManagementFactory.getThreadMXBean().findDeadlockedThreads() != null) found++;
            if (ManagementFactory.getThreadMXBean().findMonitorDeadlockedThreads() != null) found++;
        }
        stop = true;
        for (Thread t : threads) t.join();
        System.out.println("found " + found);
    }
}
