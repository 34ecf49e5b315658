/** The sign of a NaN that arithmetic makes, as far as the reference is of one mind about it. */
public class SignOfNaN {
    static double infinity = Double.POSITIVE_INFINITY;

    public static void main(String[] args) {
        double negative = infinity - infinity;
        double positive = -negative;
        for (double d : new double[] {negative, positive, Double.NaN, infinity, -infinity, -0.0}) {
            System.out.println(Long.toHexString(Double.doubleToRawLongBits(Math.abs(d)))
                    + " " + Math.copySign(1.0, Math.abs(d)) + " " + Math.copySign(1.0, Math.ulp(d)));
        }
    }
}
