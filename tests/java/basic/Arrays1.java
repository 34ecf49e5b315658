public class Arrays1 {
    public static void main(String[] args) {
        int[] a = new int[10];
        for (int i = 0; i < a.length; i++) a[i] = i * i;
        int sum = 0;
        for (int v : a) sum += v;
        System.out.println(sum);
        byte[] b = {1, -2, 127, -128};
        b[0] += 127;
        System.out.println(b[0]);
        boolean[] z = new boolean[3];
        z[1] = true;
        System.out.println(z[0]);
        System.out.println(z[1]);
        char[] c = {'x', 'y'};
        c[0]++;
        System.out.println(c);
        short[] s = {1, 2, 3};
        s[2] = (short) 70000;
        System.out.println(s[2]);
        long[] l = {1L << 40, 2};
        l[1] = l[0] >>> 3;
        System.out.println(l[1]);
        float[] f = {1.5f, 2.5f};
        System.out.println(f[0] * f[1]);
        double[] d = new double[2];
        d[1] = 1.0 / 3;
        System.out.println(d[0]);
        System.out.println(d[1]);
        String[] names = {"a", null, "c"};
        System.out.println(names[1]);
        int[][] m = new int[3][4];
        m[2][3] = 5;
        m[1] = new int[] {7, 8};
        int total = 0;
        for (int[] row : m) for (int v : row) total += v;
        System.out.println(total);
        System.out.println(m[1].length);
        int i = 0;
        a[i++] = a[i] + i++;
        System.out.println(a[0]);
        System.out.println(i);
    }
}
