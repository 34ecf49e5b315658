/** Hot loops of every kind: counters that wrap, long counters, backward jumps, nested state; enough for on-stack replacement. */
public class LongLoop {
    public static void main(String[] args) {
        int h = 17;
        for (int i = 0; i < 3_000_000; i++) h = h * 31 + (i ^ (h >>> 7));
        System.out.println(h);
        long l = 1;
        for (long i = 1L << 33; i > (1L << 33) - 1_000_000; i--) l = l * 6364136223846793005L + i;
        System.out.println(l);
        double d = 0;
        for (int i = 1; i < 1_000_000; i++) d += (i & 1) == 0 ? -1.0 / i : 1.0 / i;
        System.out.println(d);
        float f = 1;
        for (int i = 0; i < 500_000; i++) f = f * 1.000001f + 0.5f;
        System.out.println(f);
        byte b = 0;
        short s = 0;
        char c = 0;
        for (int i = 0; i < 200_000; i++) {
            b += 3;
            s += 7;
            c += 11;
        }
        System.out.println(b + " " + s + " " + (int) c);
        int wraps = 0;
        for (int i = Integer.MAX_VALUE - 1000; i > 0; i++) wraps++;
        System.out.println(wraps);
        int[] a = new int[1024];
        for (int r = 0; r < 2000; r++) for (int i = 1; i < a.length; i++) a[i] = a[i - 1] + a[i] + r & 0xffff;
        int sum = 0;
        for (int v : a) sum += v;
        System.out.println(sum);
    }
}
