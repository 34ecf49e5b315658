import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;

public class Synchronizers {
    static void run(int n, java.util.function.IntConsumer body) throws Exception {
        Thread[] ts = new Thread[n];
        for (int i = 0; i < n; i++) { int id = i; ts[i] = new Thread(() -> body.accept(id)); ts[i].start(); }
        for (Thread t : ts) t.join();
    }

    static <T> T quiet(Callable<T> c) { try { return c.call(); } catch (Exception e) { throw new RuntimeException(e); } }

    public static void main(String[] args) throws Exception {
        AtomicInteger trips = new AtomicInteger();
        CyclicBarrier bar = new CyclicBarrier(4, trips::incrementAndGet);
        run(4, id -> { for (int i = 0; i < 10; i++) quiet(bar::await); });
        System.out.println(trips);
        Semaphore sem = new Semaphore(2);
        AtomicInteger in = new AtomicInteger(), max = new AtomicInteger();
        run(6, id -> { for (int i = 0; i < 50; i++) { sem.acquireUninterruptibly(); max.accumulateAndGet(in.incrementAndGet(), Math::max); in.decrementAndGet(); sem.release(); } });
        System.out.println((max.get() <= 2) + " " + sem.availablePermits());
        Exchanger<String> ex = new Exchanger<>();
        String[] got = new String[2];
        run(2, id -> got[id] = quiet(() -> ex.exchange("from " + id)));
        System.out.println(Arrays.toString(got));
        Phaser ph = new Phaser(3);
        AtomicInteger sum = new AtomicInteger();
        run(3, id -> { for (int p = 0; p < 5; p++) { sum.addAndGet(p); ph.arriveAndAwaitAdvance(); } ph.arriveAndDeregister(); });
        System.out.println(sum + " " + ph.isTerminated());
        BlockingQueue<Integer> q = new LinkedBlockingQueue<>(5), sq = new SynchronousQueue<>();
        long[] total = new long[1];
        run(2, id -> { for (int i = 1; i <= 500; i++) { int n = i; if (id == 0) quiet(() -> { q.put(n); return 0; }); else total[0] += quiet(q::take); } });
        run(2, id -> { for (int i = 1; i <= 200; i++) { int n = i; if (id == 0) quiet(() -> { sq.put(n); return 0; }); else total[0] += quiet(sq::take); } });
        System.out.println(total[0] + " " + q.poll(1, TimeUnit.MILLISECONDS));
        ConcurrentHashMap<Integer, LongAdder> m = new ConcurrentHashMap<>();
        run(4, id -> { for (int i = 0; i < 5000; i++) m.computeIfAbsent(i % 97, k -> new LongAdder()).increment(); });
        System.out.println(m.size() + " " + m.values().stream().mapToLong(LongAdder::sum).sum() + " " + m.reduceValuesToLong(1, LongAdder::sum, 0, Long::max));
        ConcurrentSkipListMap<Integer, Integer> sk = new ConcurrentSkipListMap<>();
        run(4, id -> { for (int i = 0; i < 500; i++) sk.put(i * 4 + id, id); });
        System.out.println(sk.size() + " " + sk.firstKey() + sk.lastKey() + sk.ceilingEntry(1000));
        CopyOnWriteArrayList<Integer> cow = new CopyOnWriteArrayList<>(List.of(1, 2, 3));
        for (int x : cow) cow.add(x * 10);
        System.out.println(cow);
        ConcurrentLinkedDeque<Integer> dq = new ConcurrentLinkedDeque<>();
        run(3, id -> { for (int i = 0; i < 300; i++) { dq.addFirst(i); dq.addLast(i); } });
        System.out.println(dq.size() + " " + dq.stream().mapToInt(x -> x).sum());
        AtomicReference<String> ar = new AtomicReference<>("a");
        AtomicStampedReference<String> as = new AtomicStampedReference<>("s", 1);
        AtomicIntegerArray aia = new AtomicIntegerArray(10);
        LongAccumulator la = new LongAccumulator(Long::max, Long.MIN_VALUE);
        AtomicIntegerFieldUpdater<Upd> fu = AtomicIntegerFieldUpdater.newUpdater(Upd.class, "v");
        Upd u = new Upd();
        run(4, id -> { for (int i = 0; i < 1000; i++) { ar.updateAndGet(s -> s.length() > 5 ? "a" : s + "b"); aia.incrementAndGet(i % 10); la.accumulate(id * 1000 + i); fu.incrementAndGet(u); int[] h = new int[1]; String r = as.get(h); as.compareAndSet(r, r, h[0], h[0] + 1); } });
        System.out.println(aia + " " + la + " " + u.v + " " + ar.get().startsWith("a") + (as.getStamp() > 500));
        PriorityBlockingQueue<String> pq = new PriorityBlockingQueue<>(List.of("c", "a", "b"));
        System.out.println(pq.take() + pq.take() + pq.take());
        DelayQueue<Del> del = new DelayQueue<>();
        for (int i : new int[] {30, 10, 20}) del.add(new Del(i));
        System.out.println(del.take().ms + " " + del.take().ms + " " + del.take().ms);
        CountDownLatch l = new CountDownLatch(1);
        System.out.println(l.await(1, TimeUnit.MILLISECONDS));
        l.countDown();
        System.out.println(l.await(1, TimeUnit.MILLISECONDS) + " " + l.getCount());
        Timer timer = new Timer(true);
        CountDownLatch fired = new CountDownLatch(2);
        timer.schedule(new TimerTask() { public void run() { fired.countDown(); } }, 1, 1);
        fired.await();
        timer.cancel();
        System.out.println("timer");
    }

    static class Upd { volatile int v; }
    static class Del implements Delayed {
        final int ms; final long at;
        Del(int ms) { this.ms = ms; at = System.nanoTime() + ms * 1_000_000L; }
        public long getDelay(TimeUnit u) { return u.convert(at - System.nanoTime(), TimeUnit.NANOSECONDS); }
        public int compareTo(Delayed d) { return Long.compare(at, ((Del) d).at); }
    }
}
