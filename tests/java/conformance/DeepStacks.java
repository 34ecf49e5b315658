import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Recursion of several shapes in threads of several stack sizes, to the end and back, again and again. */
public class DeepStacks {
    interface Node {
        int depth(int n);
    }

    static class Tree implements Node, Comparable<Tree> {
        Tree next;

        public int depth(int n) { return next == null ? n : next.depth(n + 1); }

        @Override
        public int compareTo(Tree other) { return next == null ? 0 : next.compareTo(other.next); }

        @Override
        public int hashCode() { return next == null ? 7 : 31 * next.hashCode() + 1; }
    }

    static int depth;

    static void forever(long a, double b, Object c) {
        depth++;
        forever(a + 1, b * 0.5, c);
    }

    static int withHandlers(int n, int[] unwound) {
        try {
            return n == 0 ? 0 : 1 + withHandlers(n - 1, unwound);
        } finally {
            unwound[0]++;
        }
    }

    static synchronized int locked(int n) { return n == 0 ? 0 : 1 + locked(n - 1); }

    static int reflective(int n) throws Exception {
        if (n == 0) return 0;
        return 1 + (int) DeepStacks.class.getDeclaredMethod("reflective", int.class).invoke(null, n - 1);
    }

    static int lambdas(int n) {
        java.util.function.IntUnaryOperator self = m -> m == 0 ? 0 : 1 + lambdas(m - 1);
        return self.applyAsInt(n);
    }

    static void run(int round, int kib) throws Exception {
        Tree tree = new Tree();
        for (int i = 0; i < 1000; i++) {
            Tree outer = new Tree();
            outer.next = tree;
            tree = outer;
        }
        int[] unwound = new int[1];
        System.out.println(round + " " + kib + ": " + tree.depth(0) + " " + tree.hashCode() + " " + tree.compareTo(tree)
            + " " + withHandlers(500, unwound) + " " + unwound[0] + " " + locked(500) + " " + lambdas(300)
            + " " + reflective(60));
        int overflows = 0;
        for (int i = 0; i < 3; i++) {
            depth = 0;
            try {
                forever(1, 2, tree);
            } catch (StackOverflowError e) {
                overflows++;
                if (depth < 100 || e.getStackTrace().length > 1024) throw new AssertionError(depth);
            }
        }
        System.out.println("overflows " + overflows);
    }

    public static void main(String[] args) throws Exception {
        for (int kib : new int[] {512, 1024, 4096, 64 * 1024}) {
            List<Thread> threads = new ArrayList<>();
            AtomicInteger failed = new AtomicInteger();
            for (int round = 0; round < 2; round++) {
                int r = round;
                Thread thread = new Thread(null, () -> {
                    try {
                        run(r, kib);
                    } catch (Throwable e) {
                        e.printStackTrace();
                        failed.incrementAndGet();
                    }
                }, "deep", (long) kib << 10);
                thread.start();
                thread.join();
                threads.add(thread);
            }
            System.out.println("failed " + failed);
        }
    }
}
