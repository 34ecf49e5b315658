/** LU decomposition with pivots and red-black relaxation: numeric kernels over two-dimensional arrays. */
public class LinearSolver extends Harness {
    private static final int N = 240, GRID = 300;

    private static double determinantAndSolve() {
        double[][] a = new double[N][N];
        double[] b = new double[N];
        int seed = 1;
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                seed = seed * 1103515245 + 12345;
                a[i][j] = (seed >>> 16) % 1000 / 500.0 - 1.0;
            }
            b[i] = i;
        }
        for (int k = 0; k < N; k++) {
            int pivot = k;
            for (int i = k + 1; i < N; i++) {
                if (Math.abs(a[i][k]) > Math.abs(a[pivot][k])) {
                    pivot = i;
                }
            }
            double[] row = a[k];
            a[k] = a[pivot];
            a[pivot] = row;
            double t = b[k];
            b[k] = b[pivot];
            b[pivot] = t;
            for (int i = k + 1; i < N; i++) {
                double f = a[i][k] / a[k][k];
                double[] ai = a[i], ak = a[k];
                for (int j = k; j < N; j++) {
                    ai[j] -= f * ak[j];
                }
                b[i] -= f * b[k];
            }
        }
        double sum = 0;
        for (int i = N - 1; i >= 0; i--) {
            double x = b[i];
            for (int j = i + 1; j < N; j++) {
                x -= a[i][j] * b[j];
            }
            b[i] = x / a[i][i];
            sum += b[i];
        }
        return sum;
    }

    private static double relax() {
        double[][] g = new double[GRID][GRID];
        for (int i = 0; i < GRID; i++) {
            g[0][i] = 1;
            g[i][0] = i / (double) GRID;
        }
        for (int round = 0; round < 20; round++) {
            for (int colour = 0; colour < 2; colour++) {
                for (int i = 1; i < GRID - 1; i++) {
                    double[] up = g[i - 1], here = g[i], down = g[i + 1];
                    for (int j = 1 + (i + colour) % 2; j < GRID - 1; j += 2) {
                        here[j] += 1.25 * ((up[j] + down[j] + here[j - 1] + here[j + 1]) / 4 - here[j]);
                    }
                }
            }
        }
        double sum = 0;
        for (double[] row : g) {
            for (double x : row) {
                sum += x;
            }
        }
        return sum;
    }

    @Override
    protected long iterate() {
        return Double.doubleToLongBits(determinantAndSolve()) * 31 + Double.doubleToLongBits(relax());
    }

    public static void main(String[] args) {
        new LinearSolver().start(args);
    }
}
