import java.io.IOException;

/** printStackTrace with causes, suppressed exceptions, common frames and a circular reference; written to both streams. */
public class CausesAndSuppressed {
    static void level3() throws IOException {
        throw new IOException("disk");
    }

    static void level2() {
        try {
            level3();
        } catch (IOException e) {
            throw new IllegalStateException("level 2", e);
        }
    }

    static void level1() throws Exception {
        try {
            level2();
        } catch (IllegalStateException e) {
            Exception x = new Exception(e);
            x.addSuppressed(new RuntimeException("side", new Error("deep")));
            x.addSuppressed(new ArithmeticException());
            throw x;
        }
    }

    static class Stackless extends RuntimeException {
        Stackless() {
            super("no stack", null, false, false);
        }
    }

    public static void main(String[] args) throws Exception {
        try {
            level1();
        } catch (Exception e) {
            e.printStackTrace();
            e.printStackTrace(System.out);
            System.out.println(e.getMessage());
            System.out.println(e.getCause().getCause().getMessage());
        }
        Exception a = new Exception("a"), b = new Exception("b", a);
        a.initCause(b);
        a.printStackTrace(System.out);
        Stackless s = new Stackless();
        s.addSuppressed(new Exception());
        s.printStackTrace(System.out);
        System.out.println(s.getSuppressed().length);
        try {
            a.initCause(s);
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
        level1();
    }
}
