import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;

/** Compiled frames show the monitors they hold: of methods, of blocks, and of a block whose loop was replaced on stack. */
public class CompiledMonitors {
    static class First { }
    static class Second { }
    static class Third { }
    static class Stop { }

    static final Object FIRST = new First();
    static final Object SECOND = new Second();
    static final Object THIRD = new Third();
    static final Object STOP = new Stop();
    static boolean waits;
    static int sum;

    static synchronized void method(boolean last) {
        synchronized (FIRST) {
            sum++;
        }
        synchronized (SECOND) {
            sum += 2;
            block(last);
        }
    }

    static void block(boolean last) {
        synchronized (THIRD) {
            synchronized (FIRST) {
                sum += 3;
            }
            end(last);
        }
    }

    static void end(boolean last) {
        if (!last) return;
        synchronized (STOP) {
            waits = true;
            try {
                STOP.wait();
            } catch (InterruptedException e) {
                System.out.println("interrupted");
            }
        }
    }

    static void loop() {
        synchronized (FIRST) {
            for (int i = 0; i < 1_000_000; i++) {
                sum ^= i;
                if (i == 999_999) end(true);
            }
        }
    }

    static void show(Runnable task) throws Exception {
        waits = false;
        Thread thread = new Thread(task);
        thread.start();
        while (true) {
            synchronized (STOP) {
                if (waits) break;
            }
            Thread.yield();
        }
        ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(new long[] {thread.getId()}, true, true)[0];
        for (MonitorInfo monitor : info.getLockedMonitors()) {
            String frame = monitor.getLockedStackFrame().getMethodName();
            System.out.println(monitor.getLockedStackDepth() + " " + frame + " " + monitor.getClassName());
        }
        thread.interrupt();
        thread.join();
    }

    public static void main(String[] args) throws Exception {
        for (int i = 0; i < 50_000; i++) method(false);
        show(() -> method(true));
        show(CompiledMonitors::loop);
        System.out.println(sum);
    }
}
