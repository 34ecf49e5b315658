/** The largest singular value of an infinite matrix, cut to a square: divisions and a small inlined method. */
public class SpectralNorm extends Harness {
    private static final int N = 200;

    private static double a(int i, int j) {
        return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
    }

    private static void times(double[] v, double[] result, boolean transposed) {
        for (int i = 0; i < N; i++) {
            double sum = 0;
            for (int j = 0; j < N; j++) {
                sum += (transposed ? a(j, i) : a(i, j)) * v[j];
            }
            result[i] = sum;
        }
    }

    @Override
    protected long iterate() {
        double[] u = new double[N], v = new double[N], t = new double[N];
        java.util.Arrays.fill(u, 1);
        for (int i = 0; i < 10; i++) {
            times(u, t, false);
            times(t, v, true);
            times(v, t, false);
            times(t, u, true);
        }
        double uv = 0, vv = 0;
        for (int i = 0; i < N; i++) {
            uv += u[i] * v[i];
            vv += v[i] * v[i];
        }
        return Double.doubleToLongBits(Math.sqrt(uv / vv));
    }

    public static void main(String[] args) {
        new SpectralNorm().start(args);
    }
}
