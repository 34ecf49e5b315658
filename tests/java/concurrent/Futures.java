import java.util.concurrent.*;
import java.util.stream.IntStream;

public class Futures {
    public static void main(String[] args) throws Exception {
        ExecutorService ex = Executors.newFixedThreadPool(2);
        CompletableFuture<Integer> a = CompletableFuture.supplyAsync(() -> 6, ex), b = CompletableFuture.supplyAsync(() -> 7);
        System.out.println(a.thenCombine(b, (x, y) -> x * y).thenApply(x -> "answer " + x).thenCompose(s -> CompletableFuture.supplyAsync(() -> s + "!")).get());
        CompletableFuture<Integer> fails = CompletableFuture.supplyAsync(() -> { throw new IllegalArgumentException("async"); }, ex);
        System.out.println(fails.exceptionally(t -> -1).join() + " " + fails.handle((v, t) -> t.getClass().getSimpleName() + " " + t.getCause().getMessage()).join());
        try {
            fails.join();
        } catch (CompletionException e) {
            System.out.println(e.getCause().getMessage());
        }
        try {
            fails.get();
        } catch (ExecutionException e) {
            System.out.println(e.getCause().getMessage());
        }
        CompletableFuture<?>[] all = IntStream.range(0, 20).mapToObj(i -> CompletableFuture.supplyAsync(() -> i * i, ex)).toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(all).join();
        int s = 0;
        for (var f : all) s += (Integer) f.join();
        System.out.println(s);
        CompletableFuture<String> manual = new CompletableFuture<>();
        CompletableFuture<Void> after = manual.thenAccept(v -> System.out.println("got " + v)).thenRun(() -> System.out.println("then"));
        System.out.println(manual.isDone() + " " + manual.complete("value") + " " + manual.complete("again"));
        after.join();
        System.out.println(CompletableFuture.anyOf(new CompletableFuture<>(), CompletableFuture.completedFuture("any")).join());
        try {
            new CompletableFuture<>().orTimeout(5, TimeUnit.MILLISECONDS).join();
        } catch (CompletionException e) {
            System.out.println(e.getCause().getClass().getSimpleName());
        }
        System.out.println(new CompletableFuture<String>().completeOnTimeout("late", 5, TimeUnit.MILLISECONDS).join());
        System.out.println(a.whenComplete((v, t) -> System.out.println("when " + v + t)).get());
        FutureTask<String> ft = new FutureTask<>(() -> "ran");
        ft.run();
        System.out.println(ft.get() + ft.isDone());
        ex.shutdown();
        SubmissionPublisher<Integer> pub = new SubmissionPublisher<>();
        CompletableFuture<Void> consumed;
        int[] sum = new int[1];
        consumed = pub.consume(x -> sum[0] += x);
        for (int i = 0; i < 100; i++) pub.submit(i);
        pub.close();
        consumed.join();
        System.out.println(sum[0]);
    }
}
