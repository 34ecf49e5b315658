/** Pancake flips over all permutations of nine: small int arrays, loops with unknown trip counts. */
public class Fannkuch extends Harness {
    private static final int N = 9;

    @Override
    protected long iterate() {
        int[] permutation = new int[N], work = new int[N], count = new int[N];
        for (int i = 0; i < N; i++) {
            permutation[i] = i;
        }
        int most = 0, checksum = 0, r = N;
        boolean even = true;
        while (true) {
            for (; r != 1; r--) {
                count[r - 1] = r;
            }
            int flips = flips(permutation, work);
            most = Math.max(most, flips);
            checksum += even ? flips : -flips;
            while (true) {
                if (r == N) {
                    return checksum * 1000L + most;
                }
                int first = permutation[0];
                for (int i = 0; i < r; i++) {
                    permutation[i] = permutation[i + 1];
                }
                permutation[r] = first;
                if (--count[r] > 0) {
                    break;
                }
                r++;
            }
            even = !even;
        }
    }

    private static int flips(int[] permutation, int[] work) {
        System.arraycopy(permutation, 0, work, 0, N);
        int flips = 0;
        for (int k = work[0]; k != 0; k = work[0]) {
            for (int low = 0, high = k; low < high; low++, high--) {
                int t = work[low];
                work[low] = work[high];
                work[high] = t;
            }
            flips++;
        }
        return flips;
    }

    public static void main(String[] args) {
        new Fannkuch().start(args);
    }
}
