/** Collector: short-lived objects of many sizes from several threads. */
public class GcChurn extends Harness {
    private static long work(int start) {
        long sum = 0;
        Object[] recent = new Object[1024];
        for (int i = 0; i < 600_000; i++) {
            int size = (i * 37 + start) % 23;
            int[] a = new int[size];
            if (size > 0) {
                a[size - 1] = i;
            }
            recent[i & 1023] = (i & 7) == 0 ? new StringBuilder(16) : a;
            Object o = recent[(i * 7) & 1023];
            if (o instanceof int[]) {
                sum += ((int[]) o).length;
            }
        }
        return sum;
    }

    @Override
    protected long iterate() {
        long[] sums = new long[2];
        Thread[] threads = new Thread[2];
        for (int i = 0; i < 2; i++) {
            int n = i;
            threads[i] = new Thread(() -> sums[n] = work(n));
            threads[i].start();
        }
        for (Thread t : threads) {
            try {
                t.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return sums[0] * 31 + sums[1];
    }

    public static void main(String[] args) {
        new GcChurn().start(args);
    }
}
