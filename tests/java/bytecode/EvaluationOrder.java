/** JLS §15.7: left to right, operands before the operation, exceptions at their exact moment. */
public class EvaluationOrder {
    static StringBuilder log = new StringBuilder();
    static int[] array = {1, 2, 3};

    static int v(int x) {
        log.append(x).append(' ');
        return x;
    }

    static int[] arr(int[] a) {
        log.append("arr ");
        return a;
    }

    static int boom() {
        log.append("boom ");
        throw new IllegalStateException();
    }

    static int three(int a, int b, int c) { return a * 100 + b * 10 + c; }

    static void line(Object o) {
        System.out.println(log + "= " + o);
        log.setLength(0);
    }

    public static void main(String[] args) {
        line(v(1) + v(2) * v(3) - v(4));
        line(three(v(1), v(2), v(3)));
        int a = 9;
        a += (a = 3);
        line(a);
        int i = 2;
        int j = (i = 3) * i;
        line(j);
        int[] x = {4, 4};
        int b = 1;
        x[b] = b = 0;
        line(x[0] + "," + x[1]);
        int k = 0;
        k = k++ + k++ + --k;
        line(k);
        try {
            arr(null)[v(1)] = boom();
        } catch (IllegalStateException e) {
            line("right side first, then the null check");
        }
        try {
            arr(array)[v(7)] = v(8);
        } catch (ArrayIndexOutOfBoundsException e) {
            line(e.getMessage());
        }
        try {
            arr(null)[v(1)] += v(2);
        } catch (NullPointerException e) {
            line("compound: null check before the right side");
        }
        try {
            v(1 / v(0));
        } catch (ArithmeticException e) {
            line(e.getMessage());
        }
        line(v(0) == 0 || v(1) == 1);
        line(v(0) == 1 && v(1) == 1);
        line(v(0) == 1 & v(1) == 1);
        line(v(1) > 0 ? v(2) : v(3));
        long[][] m = new long[v(2)][v(3)];
        line(m.length + m[0].length);
        try {
            Object o = new int[v(1)][v(-1)][v(2)];
            line(o);
        } catch (NegativeArraySizeException e) {
            line(e.getMessage());
        }
    }
}
