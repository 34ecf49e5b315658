/** Collector: large arrays that come and go beside a ring of medium ones. */
public class GcArrays extends Harness {
    @Override
    protected long iterate() {
        byte[][] ring = new byte[64][];
        long sum = 0;
        for (int i = 0; i < 4000; i++) {
            byte[] a = new byte[i % 50 == 0 ? 2_000_000 : 1000 + i % 40_000];
            a[a.length - 1] = (byte) i;
            ring[i & 63] = a;
            byte[] b = ring[i * 31 & 63];
            if (b != null) {
                sum = sum * 31 + b[b.length - 1];
            }
        }
        return sum;
    }

    public static void main(String[] args) {
        new GcArrays().start(args);
    }
}
