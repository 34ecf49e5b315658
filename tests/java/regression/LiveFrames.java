//@ vm: -Xint --add-opens java.base/java.lang=ALL-UNNAMED

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;

/** Frames of StackWalker's internal option LOCALS_AND_OPERANDS show local variables, operands and monitors. */
public class LiveFrames {
    static StackWalker walker;
    static Method locals, stack, monitors;

    static class Lock {
        @Override
        public String toString() {
            return "lock";
        }
    }

    static final Lock LOCK = new Lock();

    public static void main(String[] args) throws Exception {
        Class<?> live = Class.forName("java.lang.LiveStackFrame");
        Method get = live.getMethod("getStackWalker", java.util.Set.class);
        get.setAccessible(true);
        walker = (StackWalker) get.invoke(null, EnumSet.noneOf(StackWalker.Option.class));
        locals = live.getDeclaredMethod("getLocals");
        stack = live.getDeclaredMethod("getStack");
        monitors = live.getDeclaredMethod("getMonitors");
        for (Method m : new Method[] {locals, stack, monitors}) m.setAccessible(true);
        System.out.println(new LiveFrames().outer(7, 0x1234_5678_9abc_def0L, "text", 2.5));
        synchronized (LOCK) {
            block();
        }
    }

    @Override
    public String toString() {
        return "this";
    }

    synchronized int outer(int i, long l, String s, double d) throws Exception {
        int[] unused;
        int sum = i;
        if (i > 5) {
            char c = 'c';
            sum += c;
        }
        for (Object o = s; o != null; o = null) {
            sum += (i << 3) + inner(s, null);
        }
        return sum;
    }

    static int inner(String text, Object nothing) throws Exception {
        int depth = 2;
        show();
        return text.length() + depth;
    }

    static void block() throws Exception {
        Object mine = new Lock();
        synchronized (mine) {
            show();
        }
    }

    static void show() throws Exception {
        List<StackWalker.StackFrame> frames = walker.walk(s -> s.limit(3).collect(Collectors.toList()));
        for (StackWalker.StackFrame f : frames.subList(1, 3)) {
            if (f.getMethodName().equals("main")) continue;
            System.out.println(f.getMethodName() + " " + Arrays.toString((Object[]) locals.invoke(f)) + " "
                    + Arrays.toString((Object[]) stack.invoke(f)) + " " + Arrays.toString((Object[]) monitors.invoke(f)));
        }
    }
}
