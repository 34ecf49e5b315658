public class FloatBits {
    public static void main(String[] args) {
        for (int bits : new int[] {0, 1, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0xffc12345, 0x3f800000, 0x007fffff}) {
            float f = Float.intBitsToFloat(bits);
            System.out.println(Integer.toHexString(Float.floatToIntBits(f)) + " " + Integer.toHexString(Float.floatToRawIntBits(f)) + " " + f
                    + " " + Float.toHexString(f));
        }
        for (long bits : new long[] {0, 1, Long.MIN_VALUE, 0x7ff0000000000000L, 0x7ff8000000000000L, 0xfff8000000012345L, 0x3ff0000000000001L}) {
            double d = Double.longBitsToDouble(bits);
            System.out.println(Long.toHexString(Double.doubleToLongBits(d)) + " " + Long.toHexString(Double.doubleToRawLongBits(d)) + " " + d
                    + " " + Double.toHexString(d));
        }
        System.out.println(Math.ulp(1.0) + " " + Math.nextUp(1f) + " " + Math.scalb(1.5, 10) + " " + Math.getExponent(1e100));
        System.out.println(Math.fma(1e16, 1e16, -1e32) + " " + Math.fma(0.1f, 10f, -1f));
        System.out.println(0x1.8p3 + " " + 0x1p-1074 + " " + Double.parseDouble("0x1.fffffffffffffp1023"));
    }
}
