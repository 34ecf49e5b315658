public class Shifts {
    public static void main(String[] args) {
        int[] counts = {0, 1, 5, 31, 32, 33, 63, 64, 65, -1, -32};
        int i = 0x87654321;
        long l = 0x8765432112345678L;
        for (int c : counts) {
            System.out.println(i << c);
            System.out.println(i >> c);
            System.out.println(i >>> c);
            System.out.println(l << c);
            System.out.println(l >> c);
            System.out.println(l >>> c);
            System.out.println(i << (long) c);
        }
        byte b = (byte) 0x80;
        System.out.println(b >> 1);
        System.out.println(b >>> 1);
        System.out.println((byte) (b >>> 1));
        short s = -2;
        s >>>= 1;
        System.out.println(s);
        char ch = 0xffff;
        ch >>= 4;
        System.out.println((int) ch);
    }
}
