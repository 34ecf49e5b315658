public class MultiDim {
    static int holes(Object[] a) {
        int n = 0;
        for (Object o : a) n += o == null ? 1 : o instanceof Object[] inner ? holes(inner) : 0;
        return n;
    }

    public static void main(String[] args) {
        int[][][] cube = new int[4][5][6];
        int v = 0;
        for (int[][] plane : cube) for (int[] row : plane) for (int i = 0; i < row.length; i++) row[i] = v++;
        System.out.println(cube[3][4][5] + " " + cube[1][0][2]);
        String[][][] part = new String[2][3][];
        System.out.println(holes(part));
        part[1][2] = new String[] {"deep"};
        System.out.println(part[1][2][0] + holes(part));
        long[][] ragged = {{}, {1}, {1, 2}, null};
        int total = 0;
        for (long[] r : ragged) total += r == null ? 100 : r.length;
        System.out.println(total);
        double[][] a = new double[30][30], b = new double[30][30], c = new double[30][30];
        for (int i = 0; i < 30; i++)
            for (int j = 0; j < 30; j++) {
                a[i][j] = i - j;
                b[i][j] = i * j % 7;
            }
        for (int i = 0; i < 30; i++)
            for (int j = 0; j < 30; j++) {
                double s = 0;
                for (int k = 0; k < 30; k++) s += a[i][k] * b[k][j];
                c[i][j] = s;
            }
        System.out.println(c[0][0] + " " + c[29][29] + " " + c[13][7]);
        Object[] store = new int[2][];
        store[0] = new int[] {5};
        System.out.println(((int[][]) store)[0][0]);
        try {
            store[1] = new long[1];
        } catch (ArrayStoreException e) {
            System.out.println(e.getMessage());
        }
        char[][] words = {"one".toCharArray(), "two".toCharArray()};
        words[1][0]++;
        words[0][2] += 2;
        System.out.println(new String(words[0]) + new String(words[1]));
    }
}
