import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;

public class Executors1 {
    public static void main(String[] args) throws Exception {
        ExecutorService ex = Executors.newFixedThreadPool(4);
        List<Future<Integer>> fs = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            int n = i;
            fs.add(ex.submit(() -> n * n));
        }
        int sum = 0;
        for (Future<Integer> f : fs) sum += f.get();
        System.out.println(sum);
        Future<?> bad = ex.submit(() -> { throw new IllegalStateException("task"); });
        try {
            bad.get();
        } catch (ExecutionException e) {
            System.out.println(e.getMessage() + " " + e.getCause());
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Future<?> slow = ex.submit(() -> { try { Thread.sleep(100_000); } catch (InterruptedException e) { stopped.countDown(); } });
        try {
            slow.get(20, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            System.out.println("timeout " + e.getMessage());
        }
        System.out.println(slow.cancel(true) + " " + slow.isCancelled());
        stopped.await();
        try {
            slow.get();
        } catch (CancellationException e) {
            System.out.println("cancelled");
        }
        System.out.println(ex.invokeAll(List.of(() -> 1, () -> 2)).size() + " " + ex.invokeAny(List.of(() -> "any")));
        ex.shutdown();
        System.out.println(ex.awaitTermination(10, TimeUnit.SECONDS) + " " + ex.isTerminated());
        try {
            ex.submit(() -> 1);
        } catch (RejectedExecutionException e) {
            System.out.println("rejected");
        }
        ScheduledExecutorService se = Executors.newScheduledThreadPool(1);
        AtomicInteger ticks = new AtomicInteger();
        CountDownLatch three = new CountDownLatch(3);
        ScheduledFuture<?> sf = se.scheduleAtFixedRate(() -> { ticks.incrementAndGet(); three.countDown(); }, 1, 2, TimeUnit.MILLISECONDS);
        three.await();
        sf.cancel(false);
        System.out.println(se.schedule(() -> "later", 1, TimeUnit.MILLISECONDS).get() + (ticks.get() >= 3));
        se.shutdownNow();
        ForkJoinPool fj = new ForkJoinPool(3);
        class Fib extends RecursiveTask<Integer> {
            final int n;
            Fib(int n) { this.n = n; }
            protected Integer compute() {
                if (n < 10) return n < 2 ? n : new Fib(n - 1).compute() + new Fib(n - 2).compute();
                Fib f = new Fib(n - 1);
                f.fork();
                return new Fib(n - 2).compute() + f.join();
            }
        }
        System.out.println(fj.invoke(new Fib(21)));
        fj.shutdown();
        System.out.println(java.util.stream.IntStream.range(0, 100000).parallel().filter(x -> x % 7 == 0).mapToLong(x -> x).sum());
        ThreadPoolExecutor tp = new ThreadPoolExecutor(1, 2, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), new ThreadPoolExecutor.CallerRunsPolicy());
        CountDownLatch hold = new CountDownLatch(1);
        String[] ran = new String[1];
        for (int i = 0; i < 3; i++) tp.execute(() -> { try { hold.await(); } catch (InterruptedException e) { } });
        tp.execute(() -> ran[0] = Thread.currentThread().getName());
        hold.countDown();
        tp.shutdown();
        System.out.println(ran[0] + tp.awaitTermination(5, TimeUnit.SECONDS) + tp.getCompletedTaskCount());
    }
}
