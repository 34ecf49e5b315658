public class StaticCalls {
    static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
    static long gcd(long a, long b) { return b == 0 ? a : gcd(b, a % b); }
    static int ackermann(int m, int n) {
        if (m == 0) return n + 1;
        if (n == 0) return ackermann(m - 1, 1);
        return ackermann(m - 1, ackermann(m, n - 1));
    }
    static boolean even(int n) { return n == 0 || odd(n - 1); }
    static boolean odd(int n) { return n != 0 && even(n - 1); }
    static double mix(int a, long b, float c, double d, byte e, char f, short g, boolean h) {
        return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + (h ? 8 : 9);
    }

    public static void main(String[] args) {
        System.out.println(fib(20));
        System.out.println(gcd(1071L * 12345, 462L * 12345));
        System.out.println(ackermann(2, 9));
        System.out.println(even(100));
        System.out.println(odd(100));
        System.out.println(mix(1, 2L, 3f, 4.5, (byte) 5, 'A', (short) -7, true));
    }
}
