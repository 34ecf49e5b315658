//@ vm: -XX:InitialCodeCacheSize=2m -XX:ReservedCodeCacheSize=2m -Xmx128m
//@ stdout: only ^=
//@ stderr: ignore
//@ timeout: 120
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntBinaryOperator;

/** Threads that load classes, make them hot and let go of them, while the collector runs and the code cache is full. */
public class CodeCacheUnloading {
    public abstract static class Shape {
        public abstract int area(int x);

        public int twice(int x) {
            return area(x) + area(x + 1);
        }
    }

    /** Each copy is a new subclass, which breaks what code of earlier ones may have assumed. */
    public static class Square extends Shape implements IntBinaryOperator {
        private int[] cells = new int[16];

        @Override
        public int area(int x) {
            return x * x;
        }

        @Override
        public int applyAsInt(int a, int b) {
            int sum = 0;
            for (int i = 0; i < b; i++) {
                cells[i & 15] += twice(a + i);
                sum = sum * 31 + cells[i * 7 & 15] + pick(i, sum) + string(i);
            }
            return sum;
        }

        private int pick(int i, int x) {
            try {
                return i % 9 == 0 ? cells[16 + i] : Integer.rotateLeft(x, i);
            } catch (ArrayIndexOutOfBoundsException e) {
                return -i;
            }
        }

        private int string(int i) {
            return ("n" + i).length() + new int[i & 3].length;
        }
    }

    static class Loader extends ClassLoader {
        private final byte[] bytes;

        Loader(byte[] bytes) {
            super(CodeCacheUnloading.class.getClassLoader());
            this.bytes = bytes;
        }

        @Override
        protected Class<?> loadClass(String n, boolean resolve) throws ClassNotFoundException {
            if (!n.equals("CodeCacheUnloading$Square")) {
                return super.loadClass(n, resolve);
            }
            Class<?> c = findLoadedClass(n);
            return c != null ? c : defineClass(n, bytes, 0, bytes.length);
        }
    }

    static IntBinaryOperator copy(byte[] bytes) throws Exception {
        Class<?> c = new Loader(bytes).loadClass("CodeCacheUnloading$Square");
        return (IntBinaryOperator) c.getDeclaredConstructor().newInstance();
    }

    static int rounds(IntBinaryOperator f) {
        int sum = 0;
        for (int i = 0; i < 400; i++) {
            sum = sum * 17 + f.applyAsInt(i, 50);
        }
        return sum;
    }

    public static void main(String[] args) throws Exception {
        byte[] bytes;
        try (InputStream in = CodeCacheUnloading.class.getResourceAsStream("CodeCacheUnloading$Square.class")) {
            bytes = in.readAllBytes();
        }
        int expected = rounds(copy(bytes));
        AtomicInteger wrong = new AtomicInteger();
        AtomicLong runs = new AtomicLong();
        Thread[] threads = new Thread[3];
        for (int t = 0; t < threads.length; t++) {
            threads[t] = new Thread(() -> {
                // A few stay, most go.
                ArrayDeque<IntBinaryOperator> kept = new ArrayDeque<>();
                try {
                    for (int i = 0; i < 60; i++) {
                        IntBinaryOperator f = copy(bytes);
                        kept.add(f);
                        if (rounds(f) != expected) {
                            wrong.incrementAndGet();
                        }
                        runs.incrementAndGet();
                        if (kept.size() > 10) {
                            kept.removeFirst();
                        }
                    }
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            threads[t].start();
        }
        for (Thread t : threads) {
            while (t.isAlive()) {
                System.gc();
                t.join(20);
            }
        }
        System.out.println("= " + runs + " runs, " + wrong + " wrong");
    }
}
