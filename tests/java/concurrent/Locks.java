import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.*;

public class Locks {
    public static void main(String[] args) throws Exception {
        ReentrantLock lock = new ReentrantLock(true);
        Condition even = lock.newCondition(), odd = lock.newCondition();
        int[] n = new int[1];
        StringBuilder out = new StringBuilder();
        Runnable evens = () -> { lock.lock(); try { while (n[0] < 20) { if (n[0] % 2 == 0) { out.append(n[0]++).append(' '); odd.signal(); } else even.await(); } odd.signalAll(); } catch (InterruptedException e) { throw new AssertionError(e); } finally { lock.unlock(); } };
        Runnable odds = () -> { lock.lock(); try { while (n[0] < 20) { if (n[0] % 2 == 1) { out.append('<').append(n[0]++).append("> "); even.signal(); } else odd.await(); } even.signalAll(); } catch (InterruptedException e) { throw new AssertionError(e); } finally { lock.unlock(); } };
        Thread a = new Thread(evens), b = new Thread(odds);
        a.start(); b.start(); a.join(); b.join();
        System.out.println(out);
        lock.lock();
        lock.lock();
        System.out.println(lock.getHoldCount() + " " + lock.isFair() + " " + lock.isHeldByCurrentThread());
        boolean[] got = new boolean[1];
        Thread t = new Thread(() -> { try { got[0] = lock.tryLock() || lock.tryLock(5, TimeUnit.MILLISECONDS); } catch (InterruptedException e) { } });
        t.start(); t.join();
        System.out.println(got[0]);
        lock.unlock(); lock.unlock();
        try {
            lock.unlock();
        } catch (IllegalMonitorStateException e) {
            System.out.println("not owner");
        }
        ReadWriteLock rw = new ReentrantReadWriteLock();
        int[] counter = new int[1];
        Thread[] ts = new Thread[6];
        for (int i = 0; i < ts.length; i++) {
            boolean writer = i % 3 == 0;
            ts[i] = new Thread(() -> { for (int k = 0; k < 2000; k++) { Lock l = writer ? rw.writeLock() : rw.readLock(); l.lock(); try { if (writer) counter[0]++; else if (counter[0] < 0) throw new AssertionError(); } finally { l.unlock(); } } });
            ts[i].start();
        }
        for (Thread x : ts) x.join();
        System.out.println(counter[0]);
        StampedLock sl = new StampedLock();
        long s = sl.tryOptimisticRead();
        System.out.println(sl.validate(s));
        long w = sl.writeLock();
        System.out.println(sl.validate(s) + " " + sl.isWriteLocked() + " " + sl.tryReadLock());
        long r = sl.tryConvertToReadLock(w);
        System.out.println(r != 0 && sl.isReadLocked());
        sl.unlock(r);
        Thread waiting = new Thread(() -> { try { lock.lockInterruptibly(); } catch (InterruptedException e) { System.out.println("lockInterruptibly"); } });
        lock.lock();
        waiting.start();
        while (!lock.hasQueuedThread(waiting)) Thread.sleep(1);
        waiting.interrupt();
        waiting.join();
        lock.unlock();
    }
}
