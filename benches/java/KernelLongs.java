/** Interpreter kernel: long arithmetic, shifts, comparisons, conversions. */
public class KernelLongs extends Harness {
    @Override
    protected long iterate() {
        long a = 0x123456789abcdefL, b = 1, sum = 0;
        for (long i = 0; i < 150_000L; i++) {
            a ^= a << 13;
            a ^= a >>> 7;
            a ^= a << 17;
            b = b * 6364136223846793005L + i;
            if (a > b) {
                sum += a - b;
            } else {
                sum ^= (int) a + i;
            }
        }
        for (int i = 1; i < 20_000; i++) {
            sum += a / i + b % i;
        }
        return sum;
    }

    public static void main(String[] args) {
        new KernelLongs().start(args);
    }
}
