public class Narrowing {
    public static void main(String[] args) {
        int[] ints = {0, 1, -1, 127, 128, 255, 256, 32767, 32768, 65535, 65536, Integer.MIN_VALUE, Integer.MAX_VALUE};
        for (int i : ints) {
            System.out.println((byte) i);
            System.out.println((short) i);
            System.out.println((int) (char) i);
            System.out.println((long) i);
            System.out.println((float) i);
            System.out.println((double) i);
        }
        long[] longs = {0, -1, 0x1_0000_0000L, 0x7fff_ffff_8000_0000L, Long.MIN_VALUE, Long.MAX_VALUE};
        for (long l : longs) {
            System.out.println((int) l);
            System.out.println((short) l);
            System.out.println((byte) l);
            System.out.println((float) l);
            System.out.println((double) l);
        }
        byte b = 10;
        b *= 30;
        System.out.println(b);
        b += 0.7;
        System.out.println(b);
    }
}
