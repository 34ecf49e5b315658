//@ vm: -Xbatch -XX:-OmitStackTraceInFastThrow -XX:Tier3InvocationThreshold=200 -XX:Tier3MinInvocationThreshold=100 -XX:Tier3CompileThreshold=2000 -XX:Tier3BackEdgeThreshold=8192 -XX:Tier4InvocationThreshold=600 -XX:Tier4MinInvocationThreshold=300 -XX:Tier4CompileThreshold=800 -XX:TieredStopAtLevel=4
/** Exceptions that are part of the program's normal course, caught in the method itself, by a caller, or by nobody. */
public class Handlers {
    static class Small extends RuntimeException {
        final int code;

        Small(int code) {
            super("small " + code);
            this.code = code;
        }
    }

    static class Smaller extends Small {
        Smaller(int code) {
            super(-code);
        }
    }

    static int depth;
    static int held;
    static final int[] ARRAY = new int[10];
    static Object[] objects = {"text", 1, null, 2.5, "more"};

    static int fail(int i) {
        if (i % 3 == 0) {
            throw i % 2 == 0 ? new Small(i) : new Smaller(i);
        }
        return i;
    }

    static int own(int i) {
        int x = i;
        try {
            x += 5;
            x += fail(i);
            x += 7;
        } catch (Smaller e) {
            x += e.code;
        } catch (Small e) {
            x -= 2 * e.code;
        } finally {
            x ^= 1;
        }
        return x;
    }

    static int thrown(int i) {
        long wide = i * 3L;
        double real = i;
        try {
            real += 0.5;
            if (i % 4 == 1) {
                throw new Small(i);
            }
            wide++;
            if (i % 4 == 2) {
                throw new IllegalStateException("s" + i);
            }
            wide += 10;
        } catch (Small e) {
            return (int) (wide + e.code + real * 2);
        } catch (IllegalStateException e) {
            wide += e.getMessage().length();
        }
        return (int) (wide - real);
    }

    static int middle(int i) {
        return fail(i) + 1;
    }

    static int passing(int i) {
        try {
            return middle(i);
        } catch (IllegalStateException e) {
            return -1;
        }
    }

    static int outer(int i) {
        try {
            return passing(i) + passing(i + 1);
        } catch (Small e) {
            return e.code * 1000;
        }
    }

    static synchronized int locked(int i) {
        held++;
        try {
            return fail(i);
        } finally {
            held--;
        }
    }

    static final Object LOCK = new Object();

    static int block(int i) {
        int r = 0;
        try {
            synchronized (LOCK) {
                r += 2;
                r += locked(i);
            }
        } catch (Smaller e) {
            r += 100;
        } catch (Small e) {
            r += 200;
        }
        if (Thread.holdsLock(LOCK) || Thread.holdsLock(Handlers.class)) {
            throw new AssertionError("still locked");
        }
        return r;
    }

    static int implicit(int i) {
        int r = 0;
        try {
            r += ARRAY[i % 13];
            r += 100 / (i % 5);
            r += ((String) objects[i % 5]).length();
        } catch (ArrayIndexOutOfBoundsException e) {
            r += e.getMessage().length();
        } catch (ArithmeticException e) {
            r += 50 + e.getMessage().length();
        } catch (ClassCastException e) {
            r += e.getMessage().contains("java.lang.String") ? 7 : 9;
        } catch (NullPointerException e) {
            r += 11;
        }
        return r;
    }

    static int loop(int n) {
        int sum = 0;
        for (int i = 0; i < n; i++) {
            int before = sum;
            try {
                sum += own(i);
                if (i % 7 == 0) {
                    continue;
                }
                sum += fail(i + 1);
            } catch (RuntimeException e) {
                sum = before + 3;
                if (i % 1000 == 999) {
                    try {
                        fail(i * 3);
                    } catch (Small inner) {
                        sum += inner.code & 15;
                    }
                }
            }
        }
        return sum;
    }

    static int rethrown(int i) {
        try {
            try {
                return fail(i);
            } catch (Smaller e) {
                depth++;
                throw e;
            } finally {
                depth += 2;
            }
        } catch (Small e) {
            return e.getClass() == Smaller.class ? -e.code : e.code;
        }
    }

    static int trace(int i) {
        try {
            return middle(i);
        } catch (Small e) {
            StackTraceElement[] t = e.getStackTrace();
            return t[0].getLineNumber() + t[1].getLineNumber() * 31 + t[2].getLineNumber() * 961 + t.length;
        }
    }

    static class Box implements AutoCloseable {
        int value;

        Box(int value) {
            this.value = value;
        }

        @Override
        public void close() {
            depth += value;
        }
    }

    static int resources(int i) {
        try (Box a = new Box(i & 3); Box b = new Box(i & 1)) {
            return a.value + b.value + fail(i);
        } catch (Small e) {
            return e.code + e.getSuppressed().length;
        }
    }

    static int recursive(int i, int n) {
        if (n == 0) {
            return fail(i);
        }
        try {
            return recursive(i, n - 1) + 1;
        } catch (Smaller e) {
            if (n == 2) {
                return 5;
            }
            throw e;
        }
    }

    static int uncaught(int i) {
        int r = i;
        try {
            r += fail(i);
        } catch (IllegalArgumentException e) {
            r = 0;
        }
        return r;
    }

    public static void main(String[] args) {
        long sum = 0;
        for (int i = 0; i < 40_000; i++) {
            sum = sum * 31 + own(i);
            sum = sum * 31 + thrown(i);
            sum = sum * 31 + outer(i);
            sum = sum * 31 + block(i);
            sum = sum * 31 + implicit(i);
            sum = sum * 31 + rethrown(i);
            sum = sum * 31 + resources(i);
            try {
                sum = sum * 31 + recursive(i, 4);
            } catch (Small e) {
                sum += e.code;
            }
            try {
                sum = sum * 31 + uncaught(i);
            } catch (Small e) {
                sum -= e.code;
            }
            if (i % 10_000 == 9_999) {
                System.out.println(i + " " + sum + " " + depth + " " + held);
            }
        }
        int traces = trace(3);
        for (int i = 0; i < 3000; i++) {
            int t = trace(3 * i);
            if (t != traces) {
                System.out.println("another trace in round " + i);
                break;
            }
        }
        System.out.println(loop(50_000));
        // A handler whose class nobody has loaded when the code is made.
        for (int i = 0; i < 3000; i++) {
            sum += lazy(i);
        }
        System.out.println(sum + " " + lazy(-1));
    }

    static class Rare extends RuntimeException {
    }

    static int lazy(int i) {
        try {
            if (i < 0) {
                throw new Rare();
            }
            return fail(i);
        } catch (Rare e) {
            return 42;
        } catch (Small e) {
            return e.code;
        }
    }
}
