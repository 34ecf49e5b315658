//@ vm: -Xmx16m
public class HeapTooSmall {
    static final byte[][] KEEP = new byte[64][];

    public static void main(String[] args) {
        int n = 0;
        try {
            for (; n < KEEP.length; n++) KEEP[n] = new byte[1 << 20];
        } catch (OutOfMemoryError e) {
            System.out.println(n > 3);
            java.util.Arrays.fill(KEEP, null);
            throw e;
        }
    }
}
