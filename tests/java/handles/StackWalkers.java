import java.util.List;
import java.util.stream.Collectors;

public class StackWalkers {
    static List<String> frames(StackWalker w) {
        return w.walk(s -> s.map(f -> f.getClassName() + "." + f.getMethodName() + ":" + f.getLineNumber()).collect(Collectors.toList()));
    }

    static class Caller {
        static Class<?> who() { return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE).getCallerClass(); }
    }

    static int deep(int n, java.util.function.IntSupplier s) { return n == 0 ? s.getAsInt() : deep(n - 1, s); }

    public static void main(String[] args) throws Exception {
        StackWalker w = StackWalker.getInstance();
        System.out.println(frames(w));
        Runnable r = () -> System.out.println(frames(w));
        r.run();
        System.out.println(Caller.who());
        System.out.println(deep(500, () -> w.walk(s -> (int) s.count())));
        System.out.println(deep(500, () -> w.walk(s -> (int) s.limit(10).filter(f -> f.getMethodName().equals("deep")).count())));
        StackWalker rc = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
        rc.forEach(f -> System.out.println(f.getDeclaringClass() + " " + f.getMethodType() + " " + f.getDescriptor() + " " + f.getFileName() + " " + f.isNativeMethod() + " " + f.toStackTraceElement()));
        try {
            w.walk(s -> s.map(StackWalker.StackFrame::getDeclaringClass).count());
            w.walk(s -> s.map(StackWalker.StackFrame::getDeclaringClass).findFirst());
        } catch (UnsupportedOperationException e) {
            System.out.println(e.getMessage());
        }
        try {
            w.getCallerClass();
        } catch (UnsupportedOperationException e) {
            System.out.println(e.getMessage());
        }
        var m = StackWalkers.class.getDeclaredMethod("viaReflection");
        m.invoke(null);
        StackWalker all = StackWalker.getInstance(StackWalker.Option.SHOW_HIDDEN_FRAMES);
        Runnable hidden = () -> System.out.println(frames(all).size() > frames(w).size());
        hidden.run();
        try {
            var kept = new java.util.stream.Stream[1];
            w.walk(s -> kept[0] = s);
            kept[0].count();
        } catch (IllegalStateException e) {
            System.out.println("stream used after walk");
        }
    }

    static void viaReflection() {
        System.out.println(frames(StackWalker.getInstance()));
        System.out.println(frames(StackWalker.getInstance(StackWalker.Option.SHOW_REFLECT_FRAMES)).size() > 2);
        System.out.println(Caller.who());
    }
}
