/** Frames, line numbers, nested classes, constructors, initialisers, lambdas left out by their numbering. */
public class StackTraces {
    static class Base {
        final int v;

        Base(int n) {
            v = compute(n);
        }

        int compute(int n) {
            if (n == 0)
                throw new UnsupportedOperationException(
                        "at zero");
            return 1;
        }
    }

    static class Derived extends Base {
        int[] more = new int[2];

        Derived(int n) {
            super(n);
        }
    }

    static int recurse(int n) {
        return n == 0
                ? new Derived(
                        n).v
                : recurse(
                        n - 1) + 1;
    }

    interface Shape {
        default int run() {
            return recurse(2);
        }
    }

    public static void main(String[] args) {
        try {
            new Shape() {}.run();
        } catch (UnsupportedOperationException e) {
            e.printStackTrace(System.out);
            StackTraceElement[] trace = e.getStackTrace();
            System.out.println(trace.length);
            for (StackTraceElement f : trace)
                System.out.println(f.getClassName() + "|" + f.getMethodName() + "|" + f.getFileName() + "|" + f.getLineNumber() + "|"
                        + f.getModuleName() + "|" + f.getClassLoaderName() + "|" + f.isNativeMethod());
        }
        Throwable t = new Throwable("made here");
        System.out.println(t.getStackTrace()[0]);
        t.setStackTrace(new StackTraceElement[] {new StackTraceElement("a.B", "c", "D.java", 5), new StackTraceElement("e", "f", null, -2)});
        t.printStackTrace(System.out);
        t.fillInStackTrace();
        System.out.println(t.getStackTrace()[0]);
        new Exception(null, null).printStackTrace(System.out);
    }
}
