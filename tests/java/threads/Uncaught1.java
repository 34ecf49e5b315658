/** Uncaught exceptions in threads: default text on stderr, handlers, and the exit code stays 0. */
public class Uncaught1 {
    public static void main(String[] args) throws Exception {
        Thread a = new Thread(() -> { throw new IllegalStateException("plain"); }, "thread-a");
        a.start();
        a.join();
        Thread b = new Thread(() -> { throw new Error("with handler"); }, "thread-b");
        b.setUncaughtExceptionHandler((t, e) -> System.out.println(t.getName() + " handled " + e));
        b.start();
        b.join();
        Thread.setDefaultUncaughtExceptionHandler((t, e) -> System.out.println("default " + t.getName() + " " + e));
        Thread c = new Thread(() -> { Object o = null; o.toString(); }, "thread-c");
        c.start();
        c.join();
        Thread d = new Thread(() -> { throw new RuntimeException("d"); }, "thread-d");
        d.setUncaughtExceptionHandler((t, e) -> { throw new RuntimeException("handler fails"); });
        d.start();
        d.join();
        ThreadGroup g = new ThreadGroup("g") { @Override public void uncaughtException(Thread t, Throwable e) { System.out.println("group " + e.getMessage()); } };
        Thread f = new Thread(g, () -> { throw new RuntimeException("f"); });
        f.start();
        f.join();
        System.out.println("end");
    }
}
