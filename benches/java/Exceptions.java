/** Throwing and catching: near and through many frames, with and without stack traces, finally, resources. */
public class Exceptions extends Harness {
    static final class Signal extends RuntimeException {
        final int value;

        Signal(int value) {
            super(null, null, false, false);
            this.value = value;
        }
    }

    static final class Failure extends Exception {
        Failure(String message, Throwable cause) {
            super(message, cause);
        }
    }

    static final class Resource implements AutoCloseable {
        static int closed;

        @Override
        public void close() {
            closed++;
        }
    }

    private static int deep(int depth, int value) {
        if (depth == 0) {
            throw new Signal(value);
        }
        try {
            return deep(depth - 1, value) + 1;
        } finally {
            if ((value & 1) == 0) {
                Resource.closed++;
            }
        }
    }

    private static int parse(String text) throws Failure {
        try (Resource r = new Resource()) {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new Failure("bad " + text, e);
        }
    }

    private static int implicit(int[] a, int i, Object o) {
        try {
            return a[i] / (i & 3) + ((String) o).length();
        } catch (ArithmeticException e) {
            return 1;
        } catch (ArrayIndexOutOfBoundsException e) {
            return 2;
        } catch (ClassCastException e) {
            return 3;
        } catch (NullPointerException e) {
            return 4;
        }
    }

    @Override
    protected long iterate() {
        Resource.closed = 0;
        long sum = 0;
        for (int i = 0; i < 8000; i++) {
            try {
                sum += deep(i % 12, i);
            } catch (Signal s) {
                sum = sum * 31 + s.value;
            }
        }
        String[] texts = {"12", "x", "99", "1.5", ""};
        for (int i = 0; i < 3000; i++) {
            try {
                sum += parse(texts[i % 5]);
            } catch (Failure f) {
                sum = sum * 31 + f.getMessage().length() + (f.getCause() instanceof NumberFormatException ? 1 : 0);
            }
        }
        int[] a = {1, 20, 300, 4000};
        Object[] objects = {"abc", null, 5};
        for (int i = 0; i < 4000; i++) {
            sum = sum * 31 + implicit(i % 11 == 0 ? null : a, i % 5, objects[i % 3]);
        }
        return sum * 31 + Resource.closed;
    }

    public static void main(String[] args) {
        new Exceptions().start(args);
    }
}
