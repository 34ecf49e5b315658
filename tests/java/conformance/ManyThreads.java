import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.stream.*;

/** Ten thousand short threads, a thousand at once, pools, fork and join, timers, futures, exchangers and phasers. */
public class ManyThreads {
    public static void main(String[] args) throws Exception {
        AtomicLong sum = new AtomicLong();
        for (int i = 0; i < 10_000; i += 50) {
            Thread[] some = new Thread[50];
            for (int k = 0; k < some.length; k++) {
                int value = i + k;
                some[k] = new Thread(() -> sum.addAndGet(value));
                some[k].start();
            }
            for (Thread t : some) t.join();
        }
        System.out.println("short " + sum);

        int many = 1000;
        CyclicBarrier barrier = new CyclicBarrier(many);
        LongAdder met = new LongAdder();
        List<Thread> together = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            Thread t = new Thread(null, () -> {
                try {
                    for (int round = 0; round < 3; round++) {
                        barrier.await();
                        met.increment();
                    }
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }, "t" + i, 128 << 10);
            together.add(t);
            t.start();
        }
        for (Thread t : together) t.join();
        System.out.println("together " + met);

        ForkJoinPool pool = new ForkJoinPool(4);
        class Fib extends RecursiveTask<Integer> {
            final int n;

            Fib(int n) { this.n = n; }

            @Override
            protected Integer compute() {
                if (n < 2) return n;
                Fib left = new Fib(n - 1);
                left.fork();
                return new Fib(n - 2).compute() + left.join();
            }
        }
        System.out.println("fork " + pool.invoke(new Fib(18)));
        pool.shutdown();
        System.out.println("stream " + IntStream.range(0, 200_000).parallel().filter(x -> x % 3 == 0).mapToLong(x -> x).sum());

        ExecutorService executor = Executors.newFixedThreadPool(8);
        List<Future<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int n = i;
            futures.add(executor.submit(() -> {
                if (n % 100 == 99) throw new IllegalArgumentException("n " + n);
                return n * n;
            }));
        }
        long total = 0;
        StringBuilder failures = new StringBuilder();
        for (Future<Integer> f : futures) {
            try {
                total += f.get();
            } catch (ExecutionException e) {
                failures.append(e.getCause().getMessage()).append(';');
            }
        }
        executor.shutdown();
        System.out.println("pool " + total + " " + failures + " " + executor.awaitTermination(10, TimeUnit.SECONDS));

        CompletableFuture<String> chain = CompletableFuture.supplyAsync(() -> 20)
            .thenCombineAsync(CompletableFuture.supplyAsync(() -> 22), Integer::sum)
            .thenApplyAsync(x -> "sum " + x)
            .thenCompose(s -> CompletableFuture.supplyAsync(() -> s + "!"))
            .handle((s, e) -> s + " " + e);
        System.out.println(chain.get(30, TimeUnit.SECONDS));

        Phaser phaser = new Phaser(5);
        Exchanger<Integer> exchanger = new Exchanger<>();
        AtomicInteger exchanged = new AtomicInteger();
        Thread[] phased = new Thread[4];
        for (int i = 0; i < phased.length; i++) {
            int n = i;
            phased[i] = new Thread(() -> {
                for (int k = 0; k < 20; k++) phaser.arriveAndAwaitAdvance();
                phaser.arriveAndDeregister();
                try {
                    exchanged.addAndGet(exchanger.exchange(n) - n);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            phased[i].start();
        }
        for (int k = 0; k < 20; k++) phaser.arriveAndAwaitAdvance();
        phaser.arriveAndDeregister();
        for (Thread t : phased) t.join();
        System.out.println("phaser " + phaser.isTerminated() + " exchanged " + exchanged);

        ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
        CountDownLatch ticks = new CountDownLatch(5);
        timer.scheduleAtFixedRate(ticks::countDown, 1, 1, TimeUnit.MILLISECONDS);
        System.out.println("ticks " + ticks.await(30, TimeUnit.SECONDS));
        timer.shutdownNow();
    }
}
