/** Fast Fourier transform there and back over a signal: doubles in arrays, strided access. */
public class Fourier extends Harness {
    private static final int BITS = 14, N = 1 << BITS;
    private final double[] cos = new double[N / 2], sin = new double[N / 2];

    private Fourier() {
        // Half-angle formulas give roots of unity that are the same on every VM.
        cos[0] = 1;
        double c = -1, s = 0;
        for (int step = N / 2; step >= 1; step /= 2) {
            double c2 = Math.sqrt((1 + c) / 2), s2 = Math.sqrt((1 - c) / 2);
            if (step < N / 2) {
                for (int i = 0; i + step < N / 2; i += 2 * step) {
                    cos[i + step] = cos[i] * c - sin[i] * s;
                    sin[i + step] = sin[i] * c + cos[i] * s;
                }
            }
            c = c2;
            s = s2;
        }
    }

    private void transform(double[] re, double[] im, boolean inverse) {
        for (int i = 0; i < N; i++) {
            int j = Integer.reverse(i) >>> (32 - BITS);
            if (j > i) {
                double t = re[i];
                re[i] = re[j];
                re[j] = t;
                t = im[i];
                im[i] = im[j];
                im[j] = t;
            }
        }
        for (int half = 1; half < N; half *= 2) {
            int step = N / (2 * half);
            for (int start = 0; start < N; start += 2 * half) {
                for (int k = 0; k < half; k++) {
                    double wr = cos[k * step], wi = inverse ? sin[k * step] : -sin[k * step];
                    int a = start + k, b = a + half;
                    double xr = re[b] * wr - im[b] * wi, xi = re[b] * wi + im[b] * wr;
                    re[b] = re[a] - xr;
                    im[b] = im[a] - xi;
                    re[a] += xr;
                    im[a] += xi;
                }
            }
        }
    }

    @Override
    protected long iterate() {
        double[] re = new double[N], im = new double[N];
        long sum = 0;
        for (int i = 0; i < N; i++) {
            re[i] = (i * 37 % 101) - 50;
            im[i] = (i * 11 % 17) - 8;
        }
        for (int round = 0; round < 6; round++) {
            transform(re, im, false);
            sum += Double.doubleToLongBits(re[17]) ^ Double.doubleToLongBits(im[4711]);
            transform(re, im, true);
            for (int i = 0; i < N; i++) {
                re[i] /= N;
                im[i] /= N;
            }
        }
        return sum;
    }

    public static void main(String[] args) {
        new Fourier().start(args);
    }
}
