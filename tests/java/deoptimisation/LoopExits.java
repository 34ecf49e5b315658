//@ vm: -Xbatch -XX:Tier3InvocationThreshold=200 -XX:Tier3MinInvocationThreshold=100 -XX:Tier3CompileThreshold=2000 -XX:Tier3BackEdgeThreshold=8192 -XX:Tier4BackEdgeThreshold=4000 -XX:TieredStopAtLevel=4
/** Inner loops, entered in the middle by optimised code, that are left from their midst for the loop round them. */
public class LoopExits {
    static int replaced;

    static int replace(int[] values, int[] wanted, int[] kept) {
        int found = 0;
        for (int w : wanted) {
            for (int i = 0; i < values.length; i++) {
                if (values[i] == w && kept[i] != w) {
                    values[i] = -1;
                    replaced++;
                    if (replaced >= 0) {
                        found += i;
                        break;
                    }
                    throw new AssertionError("negative");
                }
            }
        }
        return found;
    }

    static int labelled(int n) {
        int sum = 0;
        outer:
        for (int i = 0; i < n; i++) {
            for (int j = 0; ; j++) {
                if (j % 701 == 700) {
                    sum += j;
                    if ((i & 7) != 0) {
                        continue outer;
                    }
                    sum ^= i;
                    if (i > n / 2) {
                        break outer;
                    }
                    continue outer;
                }
                sum += j ^ i;
            }
        }
        return sum;
    }

    public static void main(String[] args) {
        int n = 4000;
        int[] values = new int[n];
        int[] kept = new int[n];
        int[] wanted = new int[60];
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < n; i++) {
                values[i] = i;
                kept[i] = i % 3 == 0 ? i : 0;
            }
            for (int i = 0; i < wanted.length; i++) {
                wanted[i] = n - 1 - i * 11;
            }
            System.out.println(replace(values, wanted, kept) + " " + replaced);
        }
        for (int i = 1; i < 200; i += 50) {
            System.out.println(labelled(i));
        }
    }
}
