//@ vm: -Xbatch -XX:Tier3InvocationThreshold=200 -XX:Tier3MinInvocationThreshold=100 -XX:Tier3CompileThreshold=2000 -XX:Tier3BackEdgeThreshold=8192 -XX:Tier4BackEdgeThreshold=4000 -XX:TieredStopAtLevel=4
/** Loops that are entered in the middle by optimised code, all types of local variables alive. */
public class OnStackReplacement {
    static long total(int n, long seed, float scale, double offset, String name, int[] data) {
        long sum = seed;
        float f = scale;
        double d = offset;
        String last = name;
        for (int i = 0; i < n; i++) {
            sum = sum * 31 + data[i & 7];
            f += 0.25f;
            d -= 0.125;
            if ((i & 0xffff) == 0) {
                last = name + i;
            }
            for (int j = i & 3; j > 0; j--) {
                sum ^= j;
            }
        }
        return sum + (long) f + (long) d + last.hashCode();
    }

    synchronized int locked(int n) {
        int x = 0;
        for (int i = 0; i < n; i++) {
            x += i ^ x;
            if (i == n - 1 && !Thread.holdsLock(this)) {
                throw new AssertionError("monitor lost");
            }
        }
        return x;
    }

    /** Nothing reads the receiver, whose monitor is left in the end. */
    synchronized int lockedOnly(int n) {
        int x = 1;
        for (int i = 0; i < n; i++) {
            x = x * 31 + i;
        }
        return x;
    }

    static int depth(int n) {
        int frames = 0;
        for (int i = 0; i < n; i++) {
            if (i == n - 1) {
                frames = new Throwable().getStackTrace().length;
            }
        }
        return frames;
    }

    static int thrown(int[] data, int n) {
        int i = 0, sum = 0;
        try {
            for (i = 0; i < n; i++) {
                sum += data[i];
            }
        } catch (ArrayIndexOutOfBoundsException e) {
            return sum + i;
        }
        return -1;
    }

    public static void main(String[] args) {
        System.out.println(total(300_000, 42, 1.5f, 2.5, "x", new int[] {1, 2, 3, 4, 5, 6, 7, 8}));
        OnStackReplacement o = new OnStackReplacement();
        System.out.println(o.locked(200_000) + " " + Thread.holdsLock(o));
        System.out.println(o.lockedOnly(200_000) + " " + Thread.holdsLock(o));
        System.out.println(depth(200_000));
        int[] data = new int[100_000];
        java.util.Arrays.setAll(data, i -> i % 7);
        System.out.println(thrown(data, 200_000));
    }
}
