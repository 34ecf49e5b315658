public class FloatRemainder {
    public static void main(String[] args) {
        double[] values = {0.0, -0.0, 1, -1, 5.5, -5.5, 1e308, 4.9e-324, Double.MAX_VALUE, Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY, Double.NaN, 0.1, 3};
        for (double a : values) {
            StringBuilder line = new StringBuilder();
            for (double b : values) line.append(a % b).append(' ').append((float) a % (float) b).append("; ");
            System.out.println(line);
        }
        System.out.println(1 / (-5.5 % 5.5) + " " + 1 / (5.5 % -5.5));
        System.out.println(Math.IEEEremainder(5.5, 2) + " " + Math.IEEEremainder(-7, 4));
    }
}
