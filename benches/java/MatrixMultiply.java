/** Products of square matrices of doubles, as arrays of rows, and of ints in one flat array. */
public class MatrixMultiply extends Harness {
    private static final int N = 160;

    private static double[][] multiply(double[][] a, double[][] b) {
        double[][] c = new double[N][N];
        for (int i = 0; i < N; i++) {
            double[] ci = c[i], ai = a[i];
            for (int k = 0; k < N; k++) {
                double f = ai[k];
                double[] bk = b[k];
                for (int j = 0; j < N; j++) {
                    ci[j] += f * bk[j];
                }
            }
        }
        return c;
    }

    private static int[] multiply(int[] a, int[] b) {
        int[] c = new int[N * N];
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                int sum = 0;
                for (int k = 0; k < N; k++) {
                    sum += a[i * N + k] * b[k * N + j];
                }
                c[i * N + j] = sum;
            }
        }
        return c;
    }

    @Override
    protected long iterate() {
        double[][] a = new double[N][N], b = new double[N][N];
        int[] p = new int[N * N], q = new int[N * N];
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                a[i][j] = (i * 7 + j) % 13 / 4.0;
                b[i][j] = (i + j * 5) % 11 / 8.0;
                p[i * N + j] = i ^ j;
                q[i * N + j] = i + 3 * j;
            }
        }
        double[][] c = multiply(a, b);
        int[] r = multiply(p, q);
        double sum = 0;
        long hash = 0;
        for (int i = 0; i < N; i++) {
            sum += c[i][N - 1 - i];
            hash = hash * 31 + r[i * N + i];
        }
        return Double.doubleToLongBits(sum) ^ hash;
    }

    public static void main(String[] args) {
        new MatrixMultiply().start(args);
    }
}
