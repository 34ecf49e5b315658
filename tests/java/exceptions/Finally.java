public class Finally {
    static StringBuilder log = new StringBuilder();

    @SuppressWarnings("finally")
    static int overriding() {
        try {
            throw new RuntimeException("lost");
        } finally {
            return 5;
        }
    }

    static int saved() {
        int x = 1;
        try {
            return x;
        } finally {
            x = 2;
        }
    }

    static int[] shared() {
        int[] x = {1};
        try {
            return x;
        } finally {
            x[0] = 2;
        }
    }

    static void nested(int n) {
        try {
            log.append("a");
            try {
                if (n == 1) throw new IllegalArgumentException("1");
                if (n == 2) throw new Error("2");
                log.append("b");
            } catch (IllegalArgumentException e) {
                log.append("c");
                if (n == 1) throw new IllegalStateException("3", e);
            } finally {
                log.append("d");
            }
            log.append("e");
        } catch (IllegalStateException e) {
            log.append("f").append(e.getCause().getMessage());
        } finally {
            log.append("g");
        }
    }

    static int loops() {
        int count = 0;
        for (int i = 0; i < 10; i++) {
            try {
                if (i % 2 == 0) continue;
                if (i == 7) break;
                count += 100;
            } finally {
                count++;
            }
        }
        return count;
    }

    public static void main(String[] args) {
        System.out.println(overriding());
        System.out.println(saved());
        System.out.println(shared()[0]);
        for (int n = 0; n < 3; n++) {
            try {
                nested(n);
            } catch (Error e) {
                log.append("!").append(e.getMessage());
            }
            System.out.println(log);
            log.setLength(0);
        }
        System.out.println(loops());
        try {
            try {
                throw new RuntimeException("first");
            } finally {
                Object o = null;
                o.hashCode();
            }
        } catch (RuntimeException e) {
            System.out.println(e.getClass().getName() + " " + e.getSuppressed().length);
        }
    }
}
