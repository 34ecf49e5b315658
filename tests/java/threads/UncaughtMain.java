/** The main thread dies, another goes on; the exit code is 1 in the end. */
public class UncaughtMain {
    public static void main(String[] args) {
        Thread main = Thread.currentThread();
        new Thread(() -> {
            try {
                main.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            System.out.println("main is " + main.getState());
        }).start();
        throw new IllegalStateException("main is going");
    }
}
