/** Interpreter kernel: exceptions thrown near and far, with and without stack traces, and finally. */
public class KernelExceptions extends Harness {
    private static final RuntimeException KEPT = new RuntimeException("kept", null, false, false) {};

    private static int fall(int depth) {
        if (depth == 0) {
            throw KEPT;
        }
        return fall(depth - 1) + 1;
    }

    @Override
    protected long iterate() {
        long sum = 0;
        int[] a = new int[4];
        for (int i = 0; i < 8000; i++) {
            try {
                sum += a[i & 7];
            } catch (ArrayIndexOutOfBoundsException e) {
                sum++;
            }
            try {
                sum += fall(i & 15);
            } catch (RuntimeException e) {
                sum += 2;
            }
            try {
                if (i % 10 == 0) {
                    throw new IllegalStateException("x");
                }
            } catch (IllegalStateException e) {
                sum += e.getMessage().length();
            } finally {
                sum ^= i;
            }
        }
        return sum;
    }

    public static void main(String[] args) {
        new KernelExceptions().start(args);
    }
}
