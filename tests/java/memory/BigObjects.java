//@ vm: -Xmx200m
public class BigObjects {
    public static void main(String[] args) {
        long sum = 0;
        for (int r = 0; r < 30; r++) {
            int[] big = new int[5_000_000 + r];
            big[0] = r;
            big[big.length - 1] = 1;
            sum += big[0] + big[big.length - 1] + big[big.length / 2];
        }
        System.out.println(sum);
        long[][] rows = new long[1000][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new long[i * 10];
            if (i > 0) rows[i][i * 5] = i;
        }
        for (int i = 1; i < rows.length; i += 2) rows[i] = null;
        for (int i = 0; i < 200; i++) if ((new byte[100_000])[i] != 0) System.out.println("not zeroed");
        for (long[] row : rows) if (row != null) for (long v : row) sum += v;
        System.out.println(sum);
        char[] c = new char[40_000_000];
        c[39_999_999] = 'z';
        Object keep = c;
        System.gc();
        System.out.println(((char[]) keep)[39_999_999]);
        StringBuilder sb = new StringBuilder();
        for (int i = 0; i < 300_000; i++) sb.append(i);
        System.out.println(sb.length() + " " + sb.toString().hashCode());
    }
}
