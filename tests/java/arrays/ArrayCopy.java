import java.util.Arrays;

public class ArrayCopy {
    public static void main(String[] args) {
        int[] a = new int[20];
        Arrays.setAll(a, i -> i * i);
        System.arraycopy(a, 0, a, 5, 10);
        System.out.println(Arrays.toString(a));
        System.arraycopy(a, 5, a, 0, 10);
        System.out.println(Arrays.toString(a));
        byte[] b = new byte[300];
        for (int i = 0; i < b.length; i++) b[i] = (byte) i;
        System.arraycopy(b, 1, b, 0, 299);
        System.arraycopy(b, 0, b, 3, 250);
        System.out.println(Arrays.hashCode(b));
        long[] l = {1, 2, 3, 4, 5};
        System.arraycopy(l, 1, l, 2, 3);
        System.out.println(Arrays.toString(l));
        char[] c = "abcdefgh".toCharArray();
        System.arraycopy(c, 2, c, 1, 5);
        System.out.println(c);
        short[] s = {1, 2, 3};
        System.arraycopy(s, 3, s, 0, 0);
        System.out.println(Arrays.toString(s));
        boolean[] z = {true, false, true};
        System.arraycopy(z, 0, z, 1, 2);
        System.out.println(Arrays.toString(z));
        double[] d = {1.5, 2.5};
        System.out.println(Arrays.toString(Arrays.copyOf(d, 4)));
        Object[] from = {"a", "b", 3, "d"};
        String[] to = new String[4];
        try {
            System.arraycopy(from, 0, to, 0, 4);
        } catch (ArrayStoreException e) {
            System.out.println("stopped with " + Arrays.toString(to));
        }
        Object[] o = new Object[3];
        System.arraycopy(new String[] {"x", "y", "z"}, 0, o, 0, 3);
        System.out.println(Arrays.toString(o));
        System.out.println(Arrays.copyOf(new Integer[] {1}, 3, Number[].class).getClass());
        int[][] m = {{1, 2}, {3}};
        System.out.println(Arrays.deepEquals(m, new int[][] {{1, 2}, {3}}) + " " + Arrays.equals(m, m.clone()) + " " + Arrays.deepHashCode(m));
        int[] sorted = {5, 3, 9, 1, 7};
        Arrays.sort(sorted);
        System.out.println(Arrays.binarySearch(sorted, 7) + " " + Arrays.binarySearch(sorted, 4) + " " + Arrays.mismatch(sorted, a) + " "
                + Arrays.compare(sorted, a));
        int[] big = new int[50000];
        long x = 42;
        for (int i = 0; i < big.length; i++) big[i] = (int) (x = x * 6364136223846793005L + 1442695040888963407L >>> 3);
        int[] p = big.clone();
        Arrays.sort(big);
        Arrays.parallelSort(p);
        System.out.println(Arrays.equals(big, p) + " " + big[0] + " " + big[25000]);
        Arrays.parallelPrefix(p, Integer::sum);
        System.out.println(p[p.length - 1]);
        Arrays.fill(a, 3, 6, -1);
        System.out.println(Arrays.toString(a));
    }
}
