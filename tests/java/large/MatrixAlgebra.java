import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.IntFunction;

/** Dense linear algebra over a generic field: doubles, exact fractions, integers modulo a prime; FFT and big products besides. */
public class MatrixAlgebra {
    interface Field<T> {
        T zero();
        T one();
        T add(T a, T b);
        T mul(T a, T b);
        T neg(T a);
        T inv(T a);
        boolean isZero(T a);
        default T sub(T a, T b) { return add(a, neg(b)); }
        default T div(T a, T b) { return mul(a, inv(b)); }
        T of(int i);
    }

    enum Reals implements Field<Double> {
        FIELD;
        public Double zero() { return 0.0; }
        public Double one() { return 1.0; }
        public Double add(Double a, Double b) { return a + b; }
        public Double mul(Double a, Double b) { return a * b; }
        public Double neg(Double a) { return -a; }
        public Double inv(Double a) { return 1 / a; }
        public boolean isZero(Double a) { return Math.abs(a) < 1e-12; }
        public Double of(int i) { return (double) i; }
    }

    record Fraction(BigInteger n, BigInteger d) {
        Fraction {
            if (d.signum() == 0) throw new ArithmeticException("zero denominator");
            if (d.signum() < 0) {
                n = n.negate();
                d = d.negate();
            }
            BigInteger g = n.gcd(d);
            if (!g.equals(BigInteger.ONE) && g.signum() != 0) {
                n = n.divide(g);
                d = d.divide(g);
            }
        }
        @Override public String toString() { return d.equals(BigInteger.ONE) ? n.toString() : n + "/" + d; }
    }

    static final class Fractions implements Field<Fraction> {
        public Fraction zero() { return of(0); }
        public Fraction one() { return of(1); }
        public Fraction add(Fraction a, Fraction b) { return new Fraction(a.n().multiply(b.d()).add(b.n().multiply(a.d())), a.d().multiply(b.d())); }
        public Fraction mul(Fraction a, Fraction b) { return new Fraction(a.n().multiply(b.n()), a.d().multiply(b.d())); }
        public Fraction neg(Fraction a) { return new Fraction(a.n().negate(), a.d()); }
        public Fraction inv(Fraction a) { return new Fraction(a.d(), a.n()); }
        public boolean isZero(Fraction a) { return a.n().signum() == 0; }
        public Fraction of(int i) { return new Fraction(BigInteger.valueOf(i), BigInteger.ONE); }
    }

    static final class Modulo implements Field<Long> {
        final long p;
        Modulo(long p) { this.p = p; }
        public Long zero() { return 0L; }
        public Long one() { return 1L; }
        public Long add(Long a, Long b) { return (a + b) % p; }
        public Long mul(Long a, Long b) { return a * b % p; }
        public Long neg(Long a) { return (p - a) % p; }
        public Long inv(Long a) {
            if (a == 0) throw new ArithmeticException("no inverse");
            long r = 1, b = a;
            for (long e = p - 2; e > 0; e >>= 1, b = b * b % p) if ((e & 1) == 1) r = r * b % p;
            return r;
        }
        public boolean isZero(Long a) { return a == 0; }
        public Long of(int i) { return (long) Math.floorMod(i, p); }
    }

    static final class Matrix<T> {
        final Field<T> f;
        final Object[][] a;

        Matrix(Field<T> f, int rows, int cols) {
            this.f = f;
            a = new Object[rows][cols];
            for (Object[] row : a) Arrays.fill(row, f.zero());
        }

        static <T> Matrix<T> of(Field<T> f, int rows, int cols, BinaryOperator<Integer> gen) {
            Matrix<T> m = new Matrix<>(f, rows, cols);
            for (int i = 0; i < rows; i++) for (int j = 0; j < cols; j++) m.a[i][j] = f.of(gen.apply(i, j));
            return m;
        }

        @SuppressWarnings("unchecked") T get(int i, int j) { return (T) a[i][j]; }
        int rows() { return a.length; }
        int cols() { return a[0].length; }

        Matrix<T> times(Matrix<T> o) {
            if (cols() != o.rows()) throw new IllegalArgumentException(rows() + "x" + cols() + " by " + o.rows() + "x" + o.cols());
            Matrix<T> m = new Matrix<>(f, rows(), o.cols());
            for (int i = 0; i < rows(); i++) for (int j = 0; j < o.cols(); j++) {
                T s = f.zero();
                for (int k = 0; k < cols(); k++) s = f.add(s, f.mul(get(i, k), o.get(k, j)));
                m.a[i][j] = s;
            }
            return m;
        }

        Matrix<T> copy() {
            Matrix<T> m = new Matrix<>(f, rows(), cols());
            for (int i = 0; i < rows(); i++) m.a[i] = a[i].clone();
            return m;
        }

        static <T> Matrix<T> identity(Field<T> f, int n) { return of(f, n, n, (i, j) -> i.equals(j) ? 1 : 0); }

        Matrix<T> power(int e) {
            Matrix<T> r = identity(f, rows()), b = this;
            for (; e > 0; e >>= 1, b = b.times(b)) if ((e & 1) == 1) r = r.times(b);
            return r;
        }

        /** Row-reduces in place; returns the determinant of the leading square part. */
        T reduce(int pivots) {
            T det = f.one();
            for (int c = 0; c < pivots; c++) {
                int p = c;
                while (p < rows() && f.isZero(get(p, c))) p++;
                if (p == rows()) return f.zero();
                if (p != c) {
                    Object[] t = a[p];
                    a[p] = a[c];
                    a[c] = t;
                    det = f.neg(det);
                }
                T pivot = get(c, c);
                det = f.mul(det, pivot);
                for (int j = 0; j < cols(); j++) a[c][j] = f.div(get(c, j), pivot);
                for (int i = 0; i < rows(); i++) {
                    if (i == c || f.isZero(get(i, c))) continue;
                    T k = get(i, c);
                    for (int j = 0; j < cols(); j++) a[i][j] = f.sub(get(i, j), f.mul(k, get(c, j)));
                }
            }
            return det;
        }

        T determinant() { return copy().reduce(rows()); }

        Matrix<T> inverse() {
            int n = rows();
            Matrix<T> m = new Matrix<>(f, n, 2 * n);
            for (int i = 0; i < n; i++) {
                System.arraycopy(a[i], 0, m.a[i], 0, n);
                m.a[i][n + i] = f.one();
            }
            if (f.isZero(m.reduce(n))) throw new ArithmeticException("singular");
            Matrix<T> r = new Matrix<>(f, n, n);
            for (int i = 0; i < n; i++) System.arraycopy(m.a[i], n, r.a[i], 0, n);
            return r;
        }

        @Override public boolean equals(Object o) {
            if (!(o instanceof Matrix<?> m) || m.rows() != rows() || m.cols() != cols()) return false;
            for (int i = 0; i < rows(); i++) for (int j = 0; j < cols(); j++) if (!f.isZero(f.sub(get(i, j), (T) m.a[i][j]))) return false;
            return true;
        }
        @Override public int hashCode() { return Arrays.deepHashCode(a); }
        @Override public String toString() { return Arrays.deepToString(a); }
    }

    static <T> void study(String name, Field<T> f, int n) {
        Random r = new Random(n);
        Matrix<T> a = Matrix.of(f, n, n, (i, j) -> r.nextInt(19) - 9), b = Matrix.of(f, n, n, (i, j) -> r.nextInt(5) + (i.equals(j) ? 7 : 0));
        Matrix<T> id = Matrix.identity(f, n);
        System.out.println(name + " det " + a.determinant() + " inverse " + a.times(a.inverse()).equals(id) + " associative " + a.times(b).times(a).equals(a.times(b.times(a)))
                + " det of product " + f.isZero(f.sub(f.div(a.times(b).determinant(), f.mul(a.determinant(), b.determinant())), f.one())) + " power " + a.power(5).equals(a.times(a).times(a).times(a).times(a)));
        try {
            Matrix.of(f, 3, 3, (i, j) -> i + j).inverse();
        } catch (ArithmeticException e) {
            System.out.println(name + " " + e.getMessage());
        }
    }

    static void fft(double[] re, double[] im, boolean inverse) {
        int n = re.length;
        for (int i = 1, j = 0; i < n; i++) {
            int bit = n >> 1;
            for (; (j & bit) != 0; bit >>= 1) j ^= bit;
            j ^= bit;
            if (i < j) {
                double t = re[i]; re[i] = re[j]; re[j] = t;
                t = im[i]; im[i] = im[j]; im[j] = t;
            }
        }
        for (int len = 2; len <= n; len <<= 1) {
            double ang = 2 * StrictMath.PI / len * (inverse ? -1 : 1);
            for (int i = 0; i < n; i += len) {
                for (int k = 0; k < len / 2; k++) {
                    double wr = StrictMath.cos(ang * k), wi = StrictMath.sin(ang * k);
                    int u = i + k, v = i + k + len / 2;
                    double xr = re[v] * wr - im[v] * wi, xi = re[v] * wi + im[v] * wr;
                    re[v] = re[u] - xr; im[v] = im[u] - xi;
                    re[u] += xr; im[u] += xi;
                }
            }
        }
        if (inverse) for (int i = 0; i < n; i++) { re[i] /= n; im[i] /= n; }
    }

    static String product(String a, String b) {
        int n = 1;
        while (n < a.length() + b.length()) n <<= 1;
        double[] ar = new double[n], ai = new double[n], br = new double[n], bi = new double[n];
        for (int i = 0; i < a.length(); i++) ar[i] = a.charAt(a.length() - 1 - i) - '0';
        for (int i = 0; i < b.length(); i++) br[i] = b.charAt(b.length() - 1 - i) - '0';
        fft(ar, ai, false);
        fft(br, bi, false);
        for (int i = 0; i < n; i++) {
            double t = ar[i] * br[i] - ai[i] * bi[i];
            ai[i] = ar[i] * bi[i] + ai[i] * br[i];
            ar[i] = t;
        }
        fft(ar, ai, true);
        StringBuilder s = new StringBuilder();
        long carry = 0;
        for (int i = 0; i < n; i++) {
            carry += StrictMath.round(ar[i]);
            s.append(carry % 10);
            carry /= 10;
        }
        return s.reverse().toString().replaceFirst("^0+(?=.)", "");
    }

    public static void main(String[] args) {
        study("real", Reals.FIELD, 6);
        study("fraction", new Fractions(), 6);
        study("mod", new Modulo(1_000_003), 12);
        IntFunction<Matrix<Fraction>> hilbert = n -> {
            Matrix<Fraction> m = new Matrix<>(new Fractions(), n, n);
            for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) m.a[i][j] = new Fraction(BigInteger.ONE, BigInteger.valueOf(i + j + 1));
            return m;
        };
        System.out.println(hilbert.apply(4) + " " + hilbert.apply(4).inverse());
        System.out.println(hilbert.apply(8).determinant());
        System.out.println(Matrix.of(new Modulo(1_000_000_007), 2, 2, (i, j) -> i + j < 2 ? 1 : 0).power(1_000_000).get(0, 1));
        try {
            hilbert.apply(2).times(hilbert.apply(3));
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        String x = "9876543210".repeat(30), y = "1234567899".repeat(25);
        System.out.println(product(x, y).equals(new BigInteger(x).multiply(new BigInteger(y)).toString()) + " " + product("99", "99") + " " + product("0", "5"));
        double[] v = {1, 0.5, 0.25};
        for (int i = 0; i < 200; i++) {
            double[] w = {4 * v[0] + v[1], v[0] + 3 * v[1] + v[2], v[1] + 2 * v[2]};
            double norm = Math.sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2]);
            for (int k = 0; k < 3; k++) v[k] = w[k] / norm;
        }
        System.out.printf("%.10f %.10f %.10f%n", v[0], v[1], v[2]);
    }
}
