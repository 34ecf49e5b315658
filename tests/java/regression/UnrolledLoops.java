//@ timeout: 120

/** Small counted loops: limits near the ends of the range, few rounds, exceptions and returns in the middle, arrays that are one. */
public class UnrolledLoops {
    static int up(int from, int to, int step) {
        int h = 0;
        if (step == 1) for (int i = from; i < to; i++) h = h * 31 + i;
        else for (int i = from; i < to; i += 3) h = h * 31 + i;
        return h;
    }

    static int inclusive(int from, int to) {
        int h = 1, rounds = 0;
        for (int i = from; i <= to; i++) {
            h = h * 31 + i;
            if (++rounds > 100) return -h;
        }
        return h;
    }

    static int down(int from, int to) {
        int h = 2;
        for (int i = from; i > to; i--) h = h * 31 + (i ^ h >>> 3);
        return h;
    }

    static int bounds(int[] a, int from, int to) {
        int h = 3, i = from;
        try {
            for (; i < to; i++) h = h * 31 + a[i];
        } catch (ArrayIndexOutOfBoundsException e) {
            return h * 31 + i;
        }
        return h;
    }

    static int find(int[] a, int x) {
        for (int i = 0; i < a.length; i++) {
            if (a[i] == x) return i;
        }
        return -1;
    }

    static void add(double[] c, double[] b, double f) {
        for (int j = 0; j < c.length; j++) c[j] += f * b[j];
    }

    static void shift(int[] a, int[] b) {
        for (int j = 1; j < a.length; j++) a[j] = b[j - 1] + 1;
    }

    static void mix(int[] a, int[] b, int[] c) {
        for (int j = 0; j < a.length; j++) {
            a[j] = b[j] * 3 + j;
            c[j] = a[j] ^ b[j];
        }
    }

    static void lanes(int[] a, int[] b, int[] c) {
        for (int j = 0; j < a.length; j++) {
            a[j] = b[j] * 3 - c[j];
            c[j] = a[j] ^ b[j];
        }
    }

    static void longs(long[] a, long[] b, long x) {
        for (int j = 0; j < a.length; j++) a[j] = (b[j] + x ^ a[j]) & ~x;
    }

    static void floats(float[] a, float[] b, float x) {
        for (int j = 0; j < a.length; j++) a[j] = a[j] / x - b[j] * b[j];
    }

    static int hash(int[] a) {
        int h = 0;
        for (int x : a) h = h * 31 + x;
        return h;
    }

    static int table(int n) {
        int[] flat = new int[n * n];
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) flat[i * n + j] = i ^ j * 3;
        int sum = 0;
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) sum += flat[j * n + i] * flat[i * n + j];
        return sum;
    }

    static long round(int n) {
        final int max = Integer.MAX_VALUE, min = Integer.MIN_VALUE;
        long h = n;
        int k = n % 23;
        h = h * 31 + up(max - k, max, 1) + up(min, min + k, 1) + up(max - 3 * k, max - 2, 3) + up(0, min + k, 1) + up(5, k, 3);
        h = h * 31 + inclusive(0, k) + inclusive(max - k, max - 1) + inclusive(max - k, max) + inclusive(min, min + k);
        h = h * 31 + down(k, 0) + down(min + k, min) + down(max, max - k) + down(-5, max - k);
        int[] a = new int[k + 5], b = new int[k + 5], c = new int[k + 5];
        for (int i = 0; i < a.length; i++) {
            a[i] = i * n;
            b[i] = n - i;
        }
        h = h * 31 + bounds(a, 0, k + n % 9) + bounds(a, -1, k) + bounds(a, k, max);
        h = h * 31 + find(a, (k - 2) * n) + find(a, -1);
        lanes(a, b, c);
        mix(c, a, b);
        lanes(a, a, c);
        lanes(a, b, b);
        mix(b, b, b);
        shift(c, b);
        shift(a, a);
        h = h * 31 + hash(a);
        h = h * 31 + hash(b);
        h = h * 31 + hash(c);
        double[] d = new double[k + 2], e = new double[k + 2];
        for (int i = 0; i < d.length; i++) e[i] = i / 4.0 + n / 3.0;
        add(d, e, 1.5);
        add(d, d, -0.25);
        long[] l = new long[k + 1], m = new long[k + 1];
        float[] f = new float[k + 2], g = new float[k + 2];
        for (int i = 0; i < l.length; i++) {
            m[i] = i * 0x123456789abL;
            f[i] = i / 8f;
            g[i] = n;
        }
        longs(l, m, n);
        longs(l, l, k);
        floats(f, g, k);
        floats(g, g, 3);
        for (int i = 0; i < l.length; i++) {
            h = h * 31 + l[i] + Double.doubleToLongBits(d[i]) + Float.floatToIntBits(f[i] + g[i]);
        }
        return h + table(k);
    }

    public static void main(String[] args) {
        long h = 0;
        for (int i = 0; i < 20_000; i++) h = h * 31 + round(i);
        System.out.println(h);
    }
}
