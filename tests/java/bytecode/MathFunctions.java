/** StrictMath is specified to the last bit; Math's exactly rounded functions too. */
public class MathFunctions {
    public static void main(String[] args) {
        double[] xs = {0, -0.0, 0.5, -0.5, 1, 2, 3.7, -3.7, 100.25, 1e10, 1e-10, Double.NaN, Double.POSITIVE_INFINITY};
        for (double x : xs) {
            System.out.println(x + ": " + StrictMath.sin(x) + " " + StrictMath.cos(x) + " " + StrictMath.tan(x) + " " + StrictMath.exp(x)
                    + " " + StrictMath.log(x) + " " + StrictMath.log10(x) + " " + StrictMath.atan(x) + " " + StrictMath.cbrt(x)
                    + " " + StrictMath.sinh(x) + " " + StrictMath.expm1(x) + " " + StrictMath.log1p(x));
            System.out.println(Math.sqrt(x) + " " + Math.floor(x) + " " + Math.ceil(x) + " " + Math.rint(x) + " " + Math.round(x)
                    + " " + Math.round((float) x) + " " + Math.abs(x) + " " + Math.signum(x));
        }
        System.out.println(StrictMath.pow(2, 0.5) + " " + StrictMath.pow(-8, 1.0 / 3) + " " + StrictMath.pow(1.0000001, 1e7)
                + " " + StrictMath.atan2(-1, -1) + " " + StrictMath.hypot(3e200, 4e200));
        for (double x : new double[] {0.49999999999999994, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 4503599627370497.5, 9007199254740993.0})
            System.out.println(Math.round(x) + " " + Math.rint(x) + " " + Math.floor(x));
        try {
            Math.addExact(Integer.MAX_VALUE, 1);
        } catch (ArithmeticException e) {
            System.out.println(e.getMessage());
        }
        try {
            Math.multiplyExact(Long.MAX_VALUE, 2L);
        } catch (ArithmeticException e) {
            System.out.println(e.getMessage());
        }
        try {
            Math.toIntExact(1L << 31);
        } catch (ArithmeticException e) {
            System.out.println(e.getMessage());
        }
        System.out.println(Math.multiplyHigh(Long.MAX_VALUE, Long.MAX_VALUE) + " " + Math.abs(Integer.MIN_VALUE) + " " + Math.negateExact(5));
    }
}
