public class FloatToInt {
    public static void main(String[] args) {
        double[] ds = {0.0, -0.0, 0.5, -0.5, 0.99999999, 2147483647.0, 2147483648.0, -2147483648.0, -2147483649.0,
            9.223372036854775E18, 9.223372036854776E18, -9.223372036854776E18, -1e19, 1e300, Double.NaN,
            Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 65535.9, 65536.0, 4294967296.0, 1.5e9, 3.5e9};
        for (double d : ds) {
            System.out.println(d + " " + (int) d + " " + (long) d + " " + (short) d + " " + (byte) d + " " + (int) (char) d
                    + " " + (float) d + " " + (int) (float) d + " " + (long) (float) d);
        }
        long[] ls = {0, 1, -1, (1L << 53) + 1, (1L << 24) + 1, Long.MAX_VALUE, Long.MIN_VALUE, 0x7fffffffffffffbfL, 16777217L};
        for (long l : ls) System.out.println(l + " " + (double) l + " " + (float) l + " " + (long) (double) l + " " + (int) (float) l);
        for (int i : new int[] {16777216, 16777217, 16777219, Integer.MAX_VALUE, Integer.MIN_VALUE})
            System.out.println(i + " " + (float) i + " " + (double) i);
        System.out.println(Float.floatToRawIntBits((float) 1e-46) + " " + Float.floatToRawIntBits((float) 1.00000006) + " " + (float) 1e39);
    }
}
