public class DoubleText {
    public static void main(String[] args) {
        double[] ds = {0, -0.0, 1, 0.1, 100, 1e7, 9999999, 12345678.9, 1e-3, 9.99e-4, 1.0E23, 2.2250738585072014E-308, 4.9E-324, 1.7976931348623157E308, Math.PI, 1 / 3.0, 2e-3, 123456789012345680.0, 5e-324, 1.1, 0.30000000000000004, 100.0 / 3};
        for (double d : ds) System.out.println(d + " " + (float) d + " " + Double.toString(d).length() + " " + String.format("%.3f %.10g %e", d, d, d));
        for (String s : new String[] {"1", "1.", ".5", "1e400", "-1e-400", "0x1p3", "NaN", "-Infinity", " 12 ", "1_000", "1d", "2f", "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "9007199254740993", "0.1e-5", "1.7976931348623159e308", "abc", "1e", "+5", "--5", ""}) {
            try {
                System.out.println(s + " -> " + Double.parseDouble(s) + " " + Float.parseFloat(s));
            } catch (NumberFormatException e) {
                System.out.println(s + " -> " + e.getMessage());
            }
        }
        long x = 1;
        StringBuilder sb = new StringBuilder();
        int bad = 0;
        for (int i = 0; i < 3000; i++) {
            x = x * 6364136223846793005L + 1442695040888963407L;
            double d = Double.longBitsToDouble(x);
            float f = Float.intBitsToFloat((int) (x >>> 32));
            if (d == d && Double.parseDouble(Double.toString(d)) != d) bad++;
            if (f == f && Float.parseFloat(Float.toString(f)) != f) bad++;
            sb.append(d).append(f);
        }
        System.out.println(bad + " " + sb.toString().hashCode());
    }
}
