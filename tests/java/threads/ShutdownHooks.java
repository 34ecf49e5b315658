public class ShutdownHooks {
    public static void main(String[] args) throws Exception {
        Thread removed = new Thread(() -> System.out.println("removed"));
        Runtime.getRuntime().addShutdownHook(removed);
        System.out.println(Runtime.getRuntime().removeShutdownHook(removed));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            System.out.println("hook runs");
            try {
                Runtime.getRuntime().addShutdownHook(new Thread());
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
            throw new RuntimeException("in hook");
        }, "hook"));
        Thread other = new Thread(() -> {
            System.out.println("exiting from another thread");
            System.exit(7);
        });
        other.start();
        Thread.sleep(100_000);
    }
}
