/** Interpreter kernel: loads and stores of int, byte, char, reference and two-dimensional arrays. */
public class KernelArrays extends Harness {
    @Override
    protected long iterate() {
        int[] a = new int[1000];
        byte[] b = new byte[1000];
        char[] c = new char[1000];
        int[][] grid = new int[30][30];
        String[] names = {"x", "y", "z", "w"};
        long sum = 0;
        for (int round = 0; round < 60; round++) {
            for (int i = 0; i < a.length; i++) {
                a[i] += i * round;
                b[i] = (byte) (a[i] >> 3);
                c[i] ^= b[i];
                sum += c[i];
            }
            for (int i = 1; i < 29; i++) {
                for (int j = 1; j < 29; j++) {
                    grid[i][j] = grid[i - 1][j] + grid[i][j - 1] + 1 & 0xfff;
                }
            }
            names[round & 3] = names[(round + 1) & 3];
        }
        for (int i = 999; i > 0; i--) {
            if (a[i] < a[i - 1]) {
                int t = a[i];
                a[i] = a[i - 1];
                a[i - 1] = t;
            }
        }
        return sum * 31 + a[17] + grid[28][28] + names[0].length();
    }

    public static void main(String[] args) {
        new KernelArrays().start(args);
    }
}
