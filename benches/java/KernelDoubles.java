/** Interpreter kernel: double and float arithmetic, comparisons, conversions. */
public class KernelDoubles extends Harness {
    @Override
    protected long iterate() {
        double sum = 0, x = 0.5;
        float f = 1;
        for (int i = 1; i < 120_000; i++) {
            x = 3.7 * x * (1 - x);
            if (x > 0.6) {
                sum += x / i;
            } else {
                sum -= x * 0.25;
            }
            f = f * 0.999f + (float) x;
            if ((int) f > 5) {
                f = -f;
            }
        }
        return Double.doubleToLongBits(sum) ^ Float.floatToIntBits(f);
    }

    public static void main(String[] args) {
        new KernelDoubles().start(args);
    }
}
