public class FloatArithmetic {
    static void show(double a, double b) {
        System.out.println(a + b);
        System.out.println(a - b);
        System.out.println(a * b);
        System.out.println(a / b);
        System.out.println(a % b);
        System.out.println(a < b);
        System.out.println(a > b);
        System.out.println(a == b);
        System.out.println(a != b);
        System.out.println(a <= b);
    }

    static void show(float a, float b) {
        System.out.println(a + b);
        System.out.println(a - b);
        System.out.println(a * b);
        System.out.println(a / b);
        System.out.println(a % b);
        System.out.println(a < b);
        System.out.println(a > b);
        System.out.println(a == b);
    }

    public static void main(String[] args) {
        double[] values = {0, -0.0, 1.5, -2.25, 1e300, Double.MIN_VALUE, Double.POSITIVE_INFINITY, Double.NaN};
        for (double a : values) for (double b : values) show(a, b);
        float[] floats = {0, -0f, 1.5f, 3e38f, Float.MIN_VALUE, Float.NEGATIVE_INFINITY, Float.NaN};
        for (float a : floats) for (float b : floats) show(a, b);
        double[] wild = {1e10, -1e10, 1e20, -1e20, Double.NaN, 0.999, -0.999, Double.NEGATIVE_INFINITY};
        for (double d : wild) {
            System.out.println((int) d);
            System.out.println((long) d);
            System.out.println((float) d);
            System.out.println((char) d + 0);
            System.out.println((byte) d);
            System.out.println((int) (float) d);
            System.out.println((long) (float) d);
        }
        System.out.println(-values[0]);
        System.out.println(1 / -values[0]);
    }
}
