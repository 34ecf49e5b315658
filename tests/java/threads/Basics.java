import java.util.ArrayList;
import java.util.List;

public class Basics {
    static int shared;
    static synchronized void inc() { shared++; }

    public static void main(String[] args) throws Exception {
        List<Thread> ts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Thread t = new Thread(() -> { for (int k = 0; k < 10000; k++) inc(); }, "w" + i);
            ts.add(t);
        }
        System.out.println(ts.get(0).getState() + " " + ts.get(0).isAlive());
        for (Thread t : ts) t.start();
        for (Thread t : ts) t.join();
        System.out.println(shared + " " + ts.get(0).getState() + " " + ts.get(0).isAlive());
        try {
            ts.get(0).start();
        } catch (IllegalThreadStateException e) {
            System.out.println("started twice");
        }
        Thread main = Thread.currentThread();
        System.out.println(main.getName() + " " + main.getPriority() + " " + main.isDaemon() + " " + main.getThreadGroup().getName() + " " + main);
        Thread named = new Thread(null, () -> System.out.println(Thread.currentThread().getName() + Thread.currentThread().isDaemon() + Thread.currentThread().getPriority()), "named");
        named.setDaemon(true);
        named.setPriority(7);
        named.start();
        named.join();
        try {
            named.setPriority(11);
        } catch (IllegalArgumentException e) {
            System.out.println("priority");
        }
        class Sub extends Thread {
            int n;
            @Override public void run() { n = 42; }
        }
        Sub s = new Sub();
        s.run();
        System.out.println(s.n + " " + s.getState());
        s.start();
        s.join(5000);
        System.out.println(s.getState() + " " + Thread.holdsLock(s));
        long t0 = System.nanoTime();
        Thread.sleep(30);
        System.out.println(System.nanoTime() - t0 >= 29_000_000L);
        Thread.yield();
        Thread.onSpinWait();
        ThreadGroup g = new ThreadGroup("group");
        Thread in = new Thread(g, () -> {}, "in group");
        in.start();
        in.join();
        System.out.println(g.getParent().getName() + g.activeCount() + in.getThreadGroup());
    }
}
