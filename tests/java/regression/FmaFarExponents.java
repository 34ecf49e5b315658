//@ timeout: 10
/** {@code Math.fma} of numbers with far exponents: its Java body takes seconds for what one instruction does. */
public class FmaFarExponents {
    public static void main(String[] args) {
        double[] values = {0.0, -0.0, 1e-318, 1e308, Double.NaN, Double.POSITIVE_INFINITY, 3.1, -7.25, Double.MIN_VALUE};
        long hash = 0;
        for (int round = 0; round < 20; round++) {
            for (double x : values) {
                for (double y : values) {
                    for (double z : values) {
                        hash = hash * 31 + Double.doubleToLongBits(Math.fma(x, y, z));
                        hash = hash * 31 + Float.floatToIntBits(Math.fma((float) x, (float) y, (float) z));
                    }
                }
            }
        }
        System.out.println(hash);
        System.out.println(Math.fma(0.1, 10.0, -1.0) + " " + Math.fma(0.1f, 10.0f, -1.0f));
    }
}
