import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;

/** Each owned monitor is shown with the frame that locked it. */
public class LockedMonitorFrames {
    static class First { }
    static class Second { }
    static class Third { }

    static final Object FIRST = new First();
    static final Object SECOND = new Second();
    static final Object THIRD = new Third();
    static boolean waits;

    static void outer(int many, Object operands) {
        inner(many + many * (many + many * many), operands);
    }

    static void inner(int many, Object operands) {
        synchronized (FIRST) {
            System.identityHashCode(String.valueOf(many).concat("a".concat(middle(many))));
        }
    }

    static String middle(int many) {
        synchronized (SECOND) {
            return "x" + many + many + last();
        }
    }

    static synchronized String last() {
        synchronized (THIRD) {
            waits = true;
            try {
                THIRD.wait();
            } catch (InterruptedException e) {
                return "";
            }
            return "z";
        }
    }

    public static void main(String[] args) throws Exception {
        Thread thread = new Thread(() -> outer(3, "operand"));
        thread.start();
        while (true) {
            synchronized (THIRD) {
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
}
