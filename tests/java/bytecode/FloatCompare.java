/** fcmpl, fcmpg, dcmpl, dcmpg with NaN in every comparison form. */
public class FloatCompare {
    static String compare(double a, double b) {
        String s = "";
        if (a < b) s += "<";
        if (a <= b) s += "L";
        if (a > b) s += ">";
        if (a >= b) s += "G";
        if (a == b) s += "=";
        if (a != b) s += "!";
        if (!(a < b)) s += "n";
        if (!(a > b)) s += "m";
        return s;
    }

    static String compare(float a, float b) {
        String s = "";
        if (a < b) s += "<";
        if (a <= b) s += "L";
        if (a > b) s += ">";
        if (a >= b) s += "G";
        if (a == b) s += "=";
        if (a != b) s += "!";
        if (!(a < b)) s += "n";
        if (!(a > b)) s += "m";
        return s;
    }

    public static void main(String[] args) {
        double[] ds = {Double.NaN, -0.0, 0.0, 1, -1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE};
        for (double a : ds) {
            StringBuilder line = new StringBuilder();
            for (double b : ds) line.append(compare(a, b)).append(' ').append(compare((float) a, (float) b)).append(' ');
            System.out.println(line);
        }
        System.out.println(Double.compare(-0.0, 0.0) + " " + Double.compare(Double.NaN, 1) + " " + Float.compare(0f, -0f));
        System.out.println(Math.min(-0.0, 0.0) + " " + Math.max(-0.0, 0.0) + " " + Math.min(Double.NaN, 1));
    }
}
