import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Actors over a thread pool: mailboxes, ask, supervision and restart, a router, a pipeline, a ring, map-reduce; results do not depend on timing. */
public class ActorSystem {
    interface Behaviour<M> {
        void receive(M message, Ref<M> self) throws Exception;
        default void restarted(Throwable cause) {}
    }

    static final class Ref<M> implements Runnable {
        final String name;
        private final ActorSystem system;
        private final java.util.function.Supplier<Behaviour<M>> factory;
        private Behaviour<M> behaviour;
        private final ConcurrentLinkedQueue<M> mailbox = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean scheduled = new AtomicBoolean();
        final AtomicInteger restarts = new AtomicInteger();
        private volatile boolean stopped;

        Ref(ActorSystem s, String name, java.util.function.Supplier<Behaviour<M>> f) {
            system = s;
            this.name = name;
            factory = f;
            behaviour = f.get();
        }

        void tell(M m) {
            if (stopped) {
                system.dead.incrementAndGet();
                return;
            }
            system.pending.incrementAndGet();
            mailbox.add(m);
            schedule();
        }

        private void schedule() {
            if (!mailbox.isEmpty() && scheduled.compareAndSet(false, true)) system.pool.execute(this);
        }

        @Override public void run() {
            try {
                for (int i = 0; i < 50; i++) {
                    M m = mailbox.poll();
                    if (m == null) break;
                    try {
                        system.delivered.incrementAndGet();
                        behaviour.receive(m, this);
                    } catch (Exception e) {
                        restarts.incrementAndGet();
                        behaviour = factory.get();
                        behaviour.restarted(e);
                    } finally {
                        system.done();
                    }
                }
            } finally {
                scheduled.set(false);
                schedule();
            }
        }

        void stop() { stopped = true; }
    }

    final ExecutorService pool;
    final AtomicLong delivered = new AtomicLong();
    final AtomicLong pending = new AtomicLong(), dead = new AtomicLong();
    private final Object quiet = new Object();
    final List<Ref<?>> all = Collections.synchronizedList(new ArrayList<>());

    ActorSystem(int threads) { pool = Executors.newFixedThreadPool(threads); }

    <M> Ref<M> actor(String name, java.util.function.Supplier<Behaviour<M>> f) {
        Ref<M> r = new Ref<>(this, name, f);
        all.add(r);
        return r;
    }

    <M> Ref<M> simple(String name, Consumer<M> c) { return actor(name, () -> (m, self) -> c.accept(m)); }

    void done() {
        if (pending.decrementAndGet() == 0) {
            synchronized (quiet) {
                quiet.notifyAll();
            }
        }
    }

    void awaitQuiet() throws InterruptedException {
        synchronized (quiet) {
            while (pending.get() != 0) quiet.wait(100);
        }
    }

    void shutdown() throws InterruptedException {
        pool.shutdown();
        if (!pool.awaitTermination(20, TimeUnit.SECONDS)) throw new IllegalStateException("actors still run");
    }

    sealed interface Count permits Inc, Fail, Ask {}
    record Inc(int by) implements Count {}
    record Fail(String why) implements Count {}
    record Ask(CompletableFuture<Integer> reply) implements Count {}

    static void counters(ActorSystem s) throws Exception {
        List<String> causes = Collections.synchronizedList(new ArrayList<>());
        class Counter implements Behaviour<Count> {
            int value;
            @Override public void receive(Count m, Ref<Count> self) {
                if (m instanceof Inc i) value += i.by();
                else if (m instanceof Fail f) throw new IllegalStateException(f.why());
                else if (m instanceof Ask a) a.reply().complete(value);
            }
            @Override public void restarted(Throwable t) {
                causes.add(t.getMessage());
                value = 1000;
            }
        }
        Ref<Count> c = s.actor("counter", Counter::new);
        Thread[] ts = new Thread[4];
        for (int i = 0; i < ts.length; i++) {
            ts[i] = new Thread(() -> {
                for (int k = 0; k < 1000; k++) c.tell(new Inc(2));
            });
            ts[i].start();
        }
        for (Thread t : ts) t.join();
        CompletableFuture<Integer> f = new CompletableFuture<>();
        c.tell(new Ask(f));
        System.out.println("counter " + f.get(20, TimeUnit.SECONDS));
        c.tell(new Fail("broken"));
        c.tell(new Inc(5));
        CompletableFuture<Integer> g = new CompletableFuture<>();
        c.tell(new Ask(g));
        System.out.println("after restart " + g.get(20, TimeUnit.SECONDS) + " " + causes + " " + c.restarts);
        c.stop();
        c.tell(new Inc(1));
        System.out.println("dead letters " + s.dead);
    }

    static void ring(ActorSystem s, int n, int rounds) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        List<Ref<Integer>> ring = new ArrayList<>();
        AtomicLong hops = new AtomicLong();
        for (int i = 0; i < n; i++) {
            int me = i;
            ring.add(s.simple("ring" + i, ttl -> {
                hops.incrementAndGet();
                if (ttl == 0) end.countDown();
                else ring.get((me + 1) % n).tell(ttl - 1);
            }));
        }
        ring.get(0).tell(n * rounds);
        System.out.println("ring " + end.await(30, TimeUnit.SECONDS) + " hops " + hops);
    }

    static void pipeline(ActorSystem s) throws Exception {
        CompletableFuture<Long> result = new CompletableFuture<>();
        long[] sum = new long[2];
        Ref<Integer> sink = s.simple("sink", x -> {
            if (x < 0) result.complete(sum[0]);
            else {
                sum[0] = sum[0] * 31 + x;
                sum[1]++;
            }
        });
        Ref<Integer> square = s.simple("square", x -> sink.tell(x < 0 ? x : x * x % 1009));
        Ref<Integer> odd = s.simple("odd", x -> {
            if (x < 0 || x % 2 == 1) square.tell(x);
        });
        for (int i = 0; i < 5000; i++) odd.tell(i);
        odd.tell(-1);
        System.out.println("pipeline keeps order: " + result.get(20, TimeUnit.SECONDS) + " " + sum[1]);
    }

    static void mapReduce(ActorSystem s) throws Exception {
        String text = "to be or not to be that is the question whether tis nobler in the mind to suffer";
        int workers = 4;
        Map<String, Integer> total = new HashMap<>();
        CompletableFuture<Map<String, Integer>> f = new CompletableFuture<>();
        int[] left = {200};
        Ref<Map<String, Integer>> reducer = s.simple("reducer", part -> {
            part.forEach((w, c) -> total.merge(w, c, Integer::sum));
            if (--left[0] == 0) f.complete(new TreeMap<>(total));
        });
        List<Ref<String>> mappers = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            mappers.add(s.simple("mapper" + i, t -> {
                Map<String, Integer> m = new HashMap<>();
                for (String w : t.split(" ")) m.merge(w, 1, Integer::sum);
                reducer.tell(m);
            }));
        }
        for (int i = 0; i < 200; i++) mappers.get(i % workers).tell(i % 2 == 0 ? text : text.toUpperCase(java.util.Locale.ROOT));
        System.out.println("words " + f.get(20, TimeUnit.SECONDS));
    }

    /** Dining philosophers by a waiter actor that hands out both forks or none. */
    static void philosophers(ActorSystem s) throws Exception {
        int n = 5, meals = 40;
        record Request(int who, boolean want, Runnable granted) {}
        boolean[] fork = new boolean[n];
        ArrayDeque<Request> waiting = new ArrayDeque<>();
        AtomicInteger eating = new AtomicInteger(), most = new AtomicInteger();
        int[] eaten = new int[n];
        CountDownLatch end = new CountDownLatch(n * meals);
        Ref<Request> waiter = s.simple("waiter", r -> {
            if (!r.want()) {
                fork[r.who()] = fork[(r.who() + 1) % n] = false;
                eaten[r.who()]++;
            } else waiting.add(r);
            waiting.removeIf(w -> {
                if (fork[w.who()] || fork[(w.who() + 1) % n]) return false;
                fork[w.who()] = fork[(w.who() + 1) % n] = true;
                w.granted().run();
                return true;
            });
        });
        List<Ref<String>> ps = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int me = i;
            ps.add(s.actor("philosopher" + i, () -> (m, self) -> {
                if (m.equals("think")) waiter.tell(new Request(me, true, () -> self.tell("eat")));
                else {
                    most.accumulateAndGet(eating.incrementAndGet(), Math::max);
                    eating.decrementAndGet();
                    waiter.tell(new Request(me, false, null));
                    end.countDown();
                }
            }));
        }
        for (int k = 0; k < meals; k++) for (Ref<String> p : ps) p.tell("think");
        boolean ok = end.await(30, TimeUnit.SECONDS);
        s.awaitQuiet();
        System.out.println("philosophers " + ok + " " + java.util.Arrays.toString(eaten) + " never more than two " + (most.get() <= 2));
    }

    static void publish() throws Exception {
        Map<String, List<BiConsumer<String, Integer>>> topics = new HashMap<>();
        BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
        StringBuilder log = new StringBuilder();
        Thread loop = new Thread(() -> {
            try {
                while (true) queue.take().run();
            } catch (InterruptedException e) {
                log.append("loop ends");
            }
        });
        loop.start();
        topics.computeIfAbsent("a", k -> new ArrayList<>()).add((t, v) -> log.append(t).append(v).append(' '));
        topics.computeIfAbsent("a", k -> new ArrayList<>()).add((t, v) -> { if (v < 3) queue.add(() -> topics.get("b").forEach(c -> c.accept("b", v * 10))); });
        topics.computeIfAbsent("b", k -> new ArrayList<>()).add((t, v) -> log.append('<').append(v).append("> "));
        CountDownLatch l = new CountDownLatch(1);
        queue.add(() -> {
            for (int i = 0; i < 5; i++) {
                int v = i;
                queue.add(() -> topics.get("a").forEach(c -> c.accept("a", v)));
            }
            queue.add(() -> queue.add(() -> queue.add(l::countDown)));
        });
        l.await();
        loop.interrupt();
        loop.join();
        System.out.println(log);
    }

    public static void main(String[] args) throws Exception {
        ActorSystem s = new ActorSystem(3);
        counters(s);
        ring(s, 20, 30);
        pipeline(s);
        mapReduce(s);
        philosophers(s);
        s.awaitQuiet();
        System.out.println("delivered " + s.delivered + " actors " + s.all.size());
        s.shutdown();
        publish();
    }
}
