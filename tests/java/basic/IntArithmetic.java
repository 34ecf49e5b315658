public class IntArithmetic {
    static int div(int a, int b) { return a / b; }
    static int rem(int a, int b) { return a % b; }

    public static void main(String[] args) {
        int[] values = {0, 1, -1, 7, -7, 100, Integer.MAX_VALUE, Integer.MIN_VALUE, 0x55555555};
        for (int a : values) {
            System.out.println(-a);
            System.out.println(~a);
            for (int b : values) {
                System.out.println(a + b);
                System.out.println(a - b);
                System.out.println(a * b);
                System.out.println(a & b);
                System.out.println(a | b);
                System.out.println(a ^ b);
                if (b != 0) {
                    System.out.println(div(a, b));
                    System.out.println(rem(a, b));
                }
            }
        }
        int i = 127;
        i += 1000;
        System.out.println(i);
        i -= 32000;
        System.out.println(i++ + ++i);
        System.out.println(i-- - --i);
    }
}
