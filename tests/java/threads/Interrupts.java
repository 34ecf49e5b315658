import java.util.concurrent.locks.LockSupport;

public class Interrupts {
    static void until(Thread t, Thread.State s) throws InterruptedException {
        while (t.getState() != s) Thread.sleep(1);
    }

    public static void main(String[] args) throws Exception {
        Object lock = new Object();
        Thread sleeper = new Thread(() -> {
            try {
                Thread.sleep(100_000);
            } catch (InterruptedException e) {
                System.out.println(e.getMessage() + " " + Thread.currentThread().isInterrupted());
            }
        });
        sleeper.start();
        until(sleeper, Thread.State.TIMED_WAITING);
        sleeper.interrupt();
        sleeper.join();
        Thread waiter = new Thread(() -> {
            synchronized (lock) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    System.out.println("wait " + e.getMessage() + " " + Thread.holdsLock(lock));
                }
            }
        });
        waiter.start();
        until(waiter, Thread.State.WAITING);
        waiter.interrupt();
        waiter.join();
        Thread parked = new Thread(() -> {
            LockSupport.park(lock);
            System.out.println("parked " + Thread.currentThread().isInterrupted() + Thread.interrupted() + Thread.interrupted());
        });
        parked.start();
        until(parked, Thread.State.WAITING);
        System.out.println(LockSupport.getBlocker(parked) == lock);
        parked.interrupt();
        parked.join();
        Thread joiner = new Thread(() -> {
            try {
                Thread.currentThread().interrupt();
                sleeper.join(10);
                new Thread().join();
                System.out.println("join of a dead thread checks nothing?");
            } catch (InterruptedException e) {
                System.out.println("join " + e.getMessage());
            }
            Thread.currentThread().interrupt();
            try {
                Thread.sleep(0);
            } catch (InterruptedException e) {
                System.out.println("sleep(0) " + e.getMessage());
            }
            Thread.currentThread().interrupt();
            try {
                synchronized (lock) {
                    lock.wait(1);
                }
            } catch (InterruptedException e) {
                System.out.println("wait " + e.getMessage());
            }
        });
        joiner.start();
        joiner.join();
        Thread ready = new Thread(() -> {
            LockSupport.unpark(Thread.currentThread());
            LockSupport.unpark(Thread.currentThread());
            LockSupport.park();
            LockSupport.parkNanos(1_000_000);
            LockSupport.parkUntil(System.currentTimeMillis() + 5);
            System.out.println("permits do not pile up");
        });
        ready.start();
        ready.join();
        Thread.currentThread().interrupt();
        System.out.println(Thread.currentThread().isInterrupted() + " " + Thread.interrupted() + " " + Thread.currentThread().isInterrupted());
        Thread dead = new Thread(() -> {});
        dead.interrupt();
        dead.start();
        dead.join();
        dead.interrupt();
        System.out.println(dead.isInterrupted());
    }
}
