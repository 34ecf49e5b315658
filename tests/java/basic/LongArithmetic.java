public class LongArithmetic {
    static long div(long a, long b) { return a / b; }
    static long rem(long a, long b) { return a % b; }

    public static void main(String[] args) {
        long[] values = {0, 1, -1, 7, -7, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, 0x5555555555555555L};
        for (long a : values) {
            System.out.println(-a);
            System.out.println(~a);
            for (long b : values) {
                System.out.println(a + b);
                System.out.println(a - b);
                System.out.println(a * b);
                System.out.println(a & b);
                System.out.println(a | b);
                System.out.println(a ^ b);
                System.out.println(a < b);
                System.out.println(a >= b);
                System.out.println(a == b);
                if (b != 0) {
                    System.out.println(div(a, b));
                    System.out.println(rem(a, b));
                }
            }
        }
    }
}
