//@ vm: -XX:InitialCodeCacheSize=2m -XX:ReservedCodeCacheSize=2m -Xmx256m
//@ stdout: only ^=
//@ stderr: ignore
//@ timeout: 120
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongUnaryOperator;

/** Far more hot code than the code cache takes: it makes room for what is called, and nothing else changes. */
public class CodeCacheFull {
    /** Loaded many times, so that its methods are compiled as often. */
    public static class Work implements LongUnaryOperator {
        private final int[] numbers = new int[64];
        private final StringBuilder text = new StringBuilder();
        private long sum;

        @Override
        public long applyAsLong(long x) {
            sum = x;
            for (int i = 0; i < 40; i++) {
                mix(i);
                sort(i & 31);
                spell(i);
                sum += divide(i, i % 5) + choose(i, sum) + nested(3, i);
            }
            return sum;
        }

        void mix(int seed) {
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = numbers[i] * 31 + (seed ^ i);
                sum += numbers[i] >>> 7;
            }
        }

        void sort(int n) {
            for (int i = 1; i < n; i++) {
                int x = numbers[i];
                int j = i - 1;
                for (; j >= 0 && numbers[j] > x; j--) {
                    numbers[j + 1] = numbers[j];
                }
                numbers[j + 1] = x;
            }
        }

        void spell(int i) {
            text.setLength(0);
            text.append(i).append(':').append(sum & 0xff);
            sum = sum * 7 + text.toString().hashCode();
        }

        int divide(int a, int b) {
            try {
                return a / b;
            } catch (ArithmeticException e) {
                return -1;
            }
        }

        long choose(int i, long x) {
            switch (i & 7) {
                case 0: return x + 1;
                case 1: return x ^ 0x5555;
                case 2: return Math.abs(x) % 1000;
                case 3: return (long) Math.sqrt(i);
                case 4: return Long.bitCount(x);
                case 5: return x >>> 3;
                default: return -x;
            }
        }

        int nested(int depth, int x) {
            return depth == 0 ? x : nested(depth - 1, x + depth) + nested(depth - 1, x ^ depth) % 17;
        }
    }

    /** A frame of each copy below the next one, and all of them wait. */
    public static class Pile implements LongUnaryOperator {
        public static LongUnaryOperator next;

        @Override
        public long applyAsLong(long x) {
            return next == null ? x : 3 * next.applyAsLong(x) + 1;
        }
    }

    static class Loader extends ClassLoader {
        private final String name;
        private final byte[] bytes;

        Loader(String name, byte[] bytes) {
            super(CodeCacheFull.class.getClassLoader());
            this.name = name;
            this.bytes = bytes;
        }

        @Override
        protected Class<?> loadClass(String n, boolean resolve) throws ClassNotFoundException {
            if (!n.equals(name)) {
                return super.loadClass(n, resolve);
            }
            Class<?> c = findLoadedClass(n);
            return c != null ? c : defineClass(n, bytes, 0, bytes.length);
        }
    }

    static byte[] bytesOf(Class<?> c) throws Exception {
        try (InputStream in = CodeCacheFull.class.getResourceAsStream(c.getName() + ".class")) {
            return in.readAllBytes();
        }
    }

    static LongUnaryOperator copy(Class<?> c, byte[] bytes) throws Exception {
        Class<?> loaded = new Loader(c.getName(), bytes).loadClass(c.getName());
        return (LongUnaryOperator) loaded.getDeclaredConstructor().newInstance();
    }

    static long rounds(LongUnaryOperator work, int n) {
        long sum = 0;
        for (int i = 0; i < n; i++) {
            sum = sum * 3 + work.applyAsLong(i);
        }
        return sum;
    }

    public static void main(String[] args) throws Exception {
        CountDownLatch ready = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        long[] pile = new long[1];
        byte[] pileBytes = bytesOf(Pile.class);
        Thread waiting = new Thread(() -> {
            try {
                LongUnaryOperator top = x -> {
                    if (x == 1000) {
                        ready.countDown();
                        try {
                            go.await();
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    }
                    return x;
                };
                for (int i = 0; i < 20; i++) {
                    LongUnaryOperator p = copy(Pile.class, pileBytes);
                    p.getClass().getField("next").set(null, top);
                    top = p;
                }
                long sum = 0;
                for (int i = 0; i < 20_000; i++) {
                    sum += top.applyAsLong(i % 500);
                }
                pile[0] = sum + top.applyAsLong(1000);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        waiting.start();
        ready.await();

        byte[] bytes = bytesOf(Work.class);
        List<LongUnaryOperator> all = new ArrayList<>();
        long expected = rounds(copy(Work.class, bytes), 60);
        int wrong = 0;
        for (int i = 0; i < 120; i++) {
            LongUnaryOperator work = copy(Work.class, bytes);
            all.add(work);
            wrong += rounds(work, 60) == expected ? 0 : 1;
        }
        System.out.println("= first round: " + wrong + " wrong of " + all.size());
        // What was called first is cold by now, and is called again.
        long again = 0;
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < all.size(); i += 5) {
                again = again * 31 + rounds(all.get(i), 20);
            }
        }
        System.out.println("= again: " + again);
        go.countDown();
        waiting.join();
        System.out.println("= pile: " + pile[0]);
    }
}
