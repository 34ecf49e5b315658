public class InitErrors {
    static class Bad {
        static int v = fail();
        static int fail() { throw new IllegalStateException("init failed"); }
    }

    static class BadError {
        static { if (true) throw new OutOfMemoryError("made up"); }
        static void touch() {}
    }

    static class Child extends Bad { static { System.out.println("not reached"); } }

    static class UsesBad { static int x = Bad.v; }

    static void report(Throwable t) {
        System.out.println(t + " <- " + t.getCause());
        if (t.getCause() != null) System.out.println("   " + t.getCause().getStackTrace()[0]);
        System.out.println("   " + t.getStackTrace()[0]);
    }

    public static void main(String[] args) {
        for (int i = 0; i < 3; i++) {
            try {
                System.out.println(Bad.v);
            } catch (LinkageError e) {
                report(e);
            }
        }
        try {
            new Child();
        } catch (LinkageError e) {
            report(e);
        }
        try {
            System.out.println(UsesBad.x);
        } catch (LinkageError e) {
            report(e);
        }
        try {
            BadError.touch();
        } catch (OutOfMemoryError e) {
            System.out.println(e);
        }
        try {
            BadError.touch();
        } catch (NoClassDefFoundError e) {
            report(e);
        }
        try {
            Class.forName("InitErrors$Bad");
        } catch (ClassNotFoundException | LinkageError e) {
            report(e);
        }
        try {
            System.out.println(Class.forName("InitErrors$Bad", false, InitErrors.class.getClassLoader()).getSimpleName());
        } catch (ClassNotFoundException e) {
            report(e);
        }
    }
}
