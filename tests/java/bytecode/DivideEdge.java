/** Division and remainder at the ends of the range, and by zero. */
public class DivideEdge {
    static String idiv(int a, int b) {
        try {
            return a / b + " " + a % b;
        } catch (ArithmeticException e) {
            return e.getMessage();
        }
    }

    static String ldiv(long a, long b) {
        try {
            return a / b + " " + a % b;
        } catch (ArithmeticException e) {
            return e.getMessage();
        }
    }

    public static void main(String[] args) {
        int[] is = {0, 1, -1, 2, -2, 3, -3, Integer.MAX_VALUE, Integer.MIN_VALUE};
        for (int a : is) for (int b : is) System.out.println(a + "/" + b + "=" + idiv(a, b));
        long[] ls = {0, 1, -1, 10, -10, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE};
        for (long a : ls) for (long b : ls) System.out.println(a + "/" + b + "=" + ldiv(a, b));
        System.out.println(Math.floorMod(-7, 3) + " " + Math.floorDiv(-7, 3) + " " + Integer.divideUnsigned(-1, 2)
                + " " + Integer.remainderUnsigned(-1, 7) + " " + Long.divideUnsigned(-1, 10) + " " + Long.remainderUnsigned(-1, 10));
    }
}
