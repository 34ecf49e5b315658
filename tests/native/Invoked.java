/** The Java half of invoke.c. */
public class Invoked {
    static int calls;
    static volatile boolean workerDone;

    public static void main(String[] args) {
        System.out.println("main " + String.join(",", args) + " on " + Thread.currentThread().getName() + " property "
                + System.getProperty("invoked.property"));
        System.out.flush();
    }

    static void out(String s) {
        System.out.println(s);
        System.out.flush();
    }

    static void fails() {
        throw new IllegalArgumentException("uncaught in Java");
    }

    static String self() {
        Thread t = Thread.currentThread();
        return t.getName() + " daemon " + t.isDaemon() + " group " + t.getThreadGroup().getName() + " alive " + t.isAlive()
                + " loader " + (t.getContextClassLoader() == ClassLoader.getSystemClassLoader());
    }

    static String name() {
        return Thread.currentThread().getName().startsWith("Thread-") ? "Thread-n" : Thread.currentThread().getName();
    }

    static synchronized void count() {
        calls++;
    }

    static ThreadGroup group() {
        return new ThreadGroup("made for attaching");
    }

    static boolean threadDead(Thread t) {
        return !t.isAlive();
    }

    static Thread current() {
        return Thread.currentThread();
    }

    static native int callback(int n);

    /** A thread that DestroyJavaVM must wait for, a daemon that it must not, and a shutdown hook. */
    static void startThreads() {
        Thread worker = new Thread(() -> {
            try {
                Thread.sleep(300);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            workerDone = true;
            out("worker done");
        }, "worker");
        worker.start();
        Thread daemon = new Thread(() -> {
            while (true) {
                try {
                    Thread.sleep(100_000);
                } catch (InterruptedException e) {
                    return;
                }
            }
        }, "daemon");
        daemon.setDaemon(true);
        daemon.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> out("hook: worker done " + workerDone)));
    }
}
