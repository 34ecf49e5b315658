import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** A bank with many threads: transfers under several locking schemes, audits that must always balance, a ledger, rollbacks. */
public class BankSimulation {
    static class InsufficientFunds extends Exception {
        final long missing;
        InsufficientFunds(long missing) {
            super("missing " + missing);
            this.missing = missing;
        }
    }

    static final class AccountClosed extends RuntimeException {
        AccountClosed(int id) { super("account " + id + " is closed"); }
    }

    static final class Account {
        final int id;
        private long balance;
        private boolean closed;
        final ReentrantLock lock = new ReentrantLock();
        final Condition funds = lock.newCondition();
        final List<String> history = new ArrayList<>();

        Account(int id, long balance) {
            this.id = id;
            this.balance = balance;
        }

        void check(long amount) throws InsufficientFunds {
            if (closed) throw new AccountClosed(id);
            if (balance < amount) throw new InsufficientFunds(amount - balance);
        }

        void add(long amount) {
            if (closed) throw new AccountClosed(id);
            balance = Math.addExact(balance, amount);
        }
    }

    interface Bank {
        void transfer(int from, int to, long amount) throws InsufficientFunds;
        long total();
        String name();
    }

    static abstract class Base implements Bank {
        final Account[] accounts;
        Base(int n, long each) {
            accounts = new Account[n];
            for (int i = 0; i < n; i++) accounts[i] = new Account(i, each);
        }
        void move(Account a, Account b, long amount) throws InsufficientFunds {
            a.check(amount);
            b.add(0);
            a.add(-amount);
            b.add(amount);
        }
        long sum() {
            long s = 0;
            for (Account a : accounts) s += a.balance;
            return s;
        }
        @Override public String name() { return getClass().getSimpleName(); }
    }

    static final class OneMonitor extends Base {
        OneMonitor(int n, long each) { super(n, each); }
        @Override public synchronized void transfer(int f, int t, long amount) throws InsufficientFunds { move(accounts[f], accounts[t], amount); }
        @Override public synchronized long total() { return sum(); }
    }

    static final class OrderedMonitors extends Base {
        OrderedMonitors(int n, long each) { super(n, each); }
        @Override public void transfer(int f, int t, long amount) throws InsufficientFunds {
            Account first = accounts[Math.min(f, t)], second = accounts[Math.max(f, t)];
            synchronized (first) {
                synchronized (second) {
                    move(accounts[f], accounts[t], amount);
                }
            }
        }
        @Override public long total() { return lockFrom(0); }
        private long lockFrom(int i) {
            if (i == accounts.length) return sum();
            synchronized (accounts[i]) {
                return lockFrom(i + 1);
            }
        }
    }

    static final class TryLocks extends Base {
        final AtomicInteger retries = new AtomicInteger();
        TryLocks(int n, long each) { super(n, each); }
        @Override public void transfer(int f, int t, long amount) throws InsufficientFunds {
            while (true) {
                if (accounts[f].lock.tryLock()) {
                    try {
                        if (accounts[t].lock.tryLock()) {
                            try {
                                move(accounts[f], accounts[t], amount);
                                return;
                            } finally {
                                accounts[t].lock.unlock();
                            }
                        }
                    } finally {
                        accounts[f].lock.unlock();
                    }
                }
                retries.incrementAndGet();
                Thread.yield();
            }
        }
        @Override public long total() {
            for (Account a : accounts) a.lock.lock();
            try {
                return sum();
            } finally {
                for (Account a : accounts) a.lock.unlock();
            }
        }
    }

    static final class ReadWrite extends Base {
        final ReentrantReadWriteLock rw = new ReentrantReadWriteLock();
        ReadWrite(int n, long each) { super(n, each); }
        @Override public void transfer(int f, int t, long amount) throws InsufficientFunds {
            rw.writeLock().lock();
            try {
                move(accounts[f], accounts[t], amount);
            } finally {
                rw.writeLock().unlock();
            }
        }
        @Override public long total() {
            rw.readLock().lock();
            try {
                return sum();
            } finally {
                rw.readLock().unlock();
            }
        }
    }

    /** All work is done by one thread that takes requests from a queue. */
    static final class Teller extends Base implements AutoCloseable {
        interface Job { void run() throws Exception; }
        record Request(Job job, CountDownLatch done, Exception[] failure) {}
        final BlockingQueue<Request> queue = new LinkedBlockingQueue<>();
        final Thread worker;
        static final Request STOP = new Request(null, null, null);

        Teller(int n, long each) {
            super(n, each);
            worker = new Thread(() -> {
                try {
                    for (Request r; (r = queue.take()) != STOP; ) {
                        try {
                            r.job().run();
                        } catch (Exception e) {
                            r.failure()[0] = e;
                        }
                        r.done().countDown();
                    }
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }, "teller");
            worker.start();
        }

        void ask(Job j) throws InsufficientFunds {
            Request r = new Request(j, new CountDownLatch(1), new Exception[1]);
            queue.add(r);
            try {
                r.done().await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (r.failure()[0] instanceof InsufficientFunds e) throw e;
            if (r.failure()[0] instanceof RuntimeException e) throw e;
        }
        @Override public void transfer(int f, int t, long amount) throws InsufficientFunds { ask(() -> move(accounts[f], accounts[t], amount)); }
        @Override public long total() {
            long[] s = new long[1];
            try {
                ask(() -> s[0] = sum());
            } catch (InsufficientFunds e) {
                throw new AssertionError(e);
            }
            return s[0];
        }
        @Override public void close() {
            queue.add(STOP);
            try {
                worker.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    static void stress(Bank b, int accounts, long each, int threads, int transfers) throws Exception {
        AtomicInteger failed = new AtomicInteger(), done = new AtomicInteger(), audits = new AtomicInteger(), bad = new AtomicInteger();
        CyclicBarrier start = new CyclicBarrier(threads + 1);
        List<Thread> ts = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Random r = new Random(i);
            Thread t = new Thread(() -> {
                try {
                    start.await();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                for (int k = 0; k < transfers; k++) {
                    int from = r.nextInt(accounts), to = (from + 1 + r.nextInt(accounts - 1)) % accounts;
                    try {
                        b.transfer(from, to, r.nextInt((int) each));
                        done.incrementAndGet();
                    } catch (InsufficientFunds e) {
                        failed.incrementAndGet();
                        if (e.missing <= 0) bad.incrementAndGet();
                    }
                    if (k % 100 == 0) {
                        audits.incrementAndGet();
                        if (b.total() != accounts * each) bad.incrementAndGet();
                    }
                }
            });
            ts.add(t);
            t.start();
        }
        start.await();
        for (Thread t : ts) t.join();
        System.out.println(b.name() + " total " + b.total() + " attempts " + (done.get() + failed.get()) + " audits " + audits + " bad " + bad + " some failed " + (failed.get() > 0));
    }

    /** Withdrawals that wait for money to come. */
    static void waiting() throws Exception {
        Account a = new Account(0, 0);
        AtomicLong taken = new AtomicLong();
        Thread[] takers = new Thread[4];
        for (int i = 0; i < takers.length; i++) {
            int want = 10 * (i + 1);
            takers[i] = new Thread(() -> {
                for (int k = 0; k < 25; k++) {
                    a.lock.lock();
                    try {
                        while (a.balance < want) a.funds.await();
                        a.add(-want);
                        taken.addAndGet(want);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    } finally {
                        a.lock.unlock();
                    }
                }
            });
            takers[i].start();
        }
        long paid = 0, all = 25 * (10 + 20 + 30 + 40);
        while (paid < all) {
            long p = Math.min(37, all - paid);
            a.lock.lock();
            try {
                a.add(p);
                paid += p;
                a.funds.signalAll();
            } finally {
                a.lock.unlock();
            }
        }
        for (Thread t : takers) t.join();
        System.out.println("waiting: paid " + paid + " taken " + taken + " left " + a.balance);
    }

    /** A batch either happens whole or not at all. */
    static void batches() {
        Base b = new OneMonitor(4, 100);
        int[][][] batches = {{{0, 1, 50}, {1, 2, 120}, {2, 3, 10}}, {{0, 1, 30}, {3, 0, 500}}, {{1, 0, 5}}, {{2, 3, 200}, {3, 1, 300}, {1, 0, 1}}};
        for (int[][] batch : batches) {
            long[] before = Arrays.stream(b.accounts).mapToLong(a -> a.balance).toArray();
            try {
                for (int[] t : batch) b.transfer(t[0], t[1], t[2]);
                System.out.println("done " + Arrays.deepToString(batch));
            } catch (InsufficientFunds e) {
                for (int i = 0; i < before.length; i++) b.accounts[i].balance = before[i];
                System.out.println("rolled back: " + e.getMessage());
            }
        }
        System.out.println(Arrays.toString(Arrays.stream(b.accounts).mapToLong(a -> a.balance).toArray()) + " " + b.total());
        b.accounts[2].closed = true;
        try {
            b.transfer(0, 2, 1);
        } catch (AccountClosed | InsufficientFunds e) {
            System.out.println(e.getMessage() + " " + b.total());
        }
        try {
            new Account(9, Long.MAX_VALUE).add(1);
        } catch (ArithmeticException e) {
            System.out.println(e.getMessage());
        }
    }

    public static void main(String[] args) throws Exception {
        int n = 12;
        long each = 500;
        stress(new OneMonitor(n, each), n, each, 6, 1500);
        stress(new OrderedMonitors(n, each), n, each, 6, 1500);
        stress(new TryLocks(n, each), n, each, 4, 800);
        stress(new ReadWrite(n, each), n, each, 6, 1500);
        try (Teller t = new Teller(n, each)) {
            stress(t, n, each, 4, 600);
        }
        waiting();
        batches();
        ConcurrentHashMap<String, LongSummary> ledger = new ConcurrentHashMap<>();
        Thread[] ts = new Thread[4];
        for (int i = 0; i < ts.length; i++) {
            int id = i;
            ts[i] = new Thread(() -> {
                for (int k = 0; k < 2000; k++) {
                    int v = (k * 31 + id) % 100;
                    ledger.compute("day" + k % 5, (x, s) -> s == null ? new LongSummary(1, v, v) : new LongSummary(s.count + 1, s.sum + v, Math.max(s.max, v)));
                }
            });
            ts[i].start();
        }
        for (Thread t : ts) t.join();
        Map<String, LongSummary> sorted = new TreeMap<>(ledger);
        System.out.println(sorted + " " + Collections.max(sorted.values(), (a, b) -> Long.compare(a.sum, b.sum)).sum);
    }

    record LongSummary(int count, long sum, int max) {}
}
