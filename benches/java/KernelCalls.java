/** Interpreter kernel: static and private calls, recursion, arguments of all sizes. */
public class KernelCalls extends Harness {
    private static int fibonacci(int n) {
        return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
    }

    private int add(int a, int b, int c) {
        return a + b - c;
    }

    private static long wide(long a, double b, int c, long d) {
        return a + (long) b + c + d;
    }

    @Override
    protected long iterate() {
        long sum = fibonacci(23);
        for (int i = 0; i < 60_000; i++) {
            sum += add(i, 3, 1) + wide(sum, 2.0, i, 5L);
        }
        return sum;
    }

    public static void main(String[] args) {
        new KernelCalls().start(args);
    }
}
