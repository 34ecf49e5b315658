/** Number theory with longs: modular powers, primality, factors, Collatz chains, random number generators. */
public class LongArithmetic extends Harness {
    private static long multiply(long a, long b, long m) {
        long high = Math.multiplyHigh(a, b), low = a * b;
        if (high == 0 && low >= 0) {
            return low % m;
        }
        long result = 0;
        for (a %= m; b != 0; b >>>= 1) {
            if ((b & 1) != 0) {
                result += a;
                if (result < 0 || result >= m) {
                    result -= m;
                }
            }
            a += a;
            if (a < 0 || a >= m) {
                a -= m;
            }
        }
        return result;
    }

    private static long power(long base, long exponent, long m) {
        long result = 1;
        for (base %= m; exponent != 0; exponent >>= 1) {
            if ((exponent & 1) != 0) {
                result = multiply(result, base, m);
            }
            base = multiply(base, base, m);
        }
        return result;
    }

    private static boolean isPrime(long n) {
        if (n < 2 || n % 2 == 0) {
            return n == 2;
        }
        int twos = Long.numberOfTrailingZeros(n - 1);
        long odd = (n - 1) >> twos;
        for (long base : new long[] {2, 3, 5, 7, 11, 13}) {
            if (n % base == 0) {
                return n == base;
            }
            long x = power(base, odd, n);
            if (x == 1 || x == n - 1) {
                continue;
            }
            boolean witness = true;
            for (int i = 1; i < twos && witness; i++) {
                x = multiply(x, x, n);
                witness = x != n - 1;
            }
            if (witness) {
                return false;
            }
        }
        return true;
    }

    private static long gcd(long a, long b) {
        while (b != 0) {
            long t = a % b;
            a = b;
            b = t;
        }
        return a;
    }

    @Override
    protected long iterate() {
        long sum = 0;
        for (long n = 1_000_000_007L; n < 1_000_002_007L; n += 2) {
            sum = sum * 31 + (isPrime(n) ? n : 1);
        }
        for (long n = 4_000_000_000_000_001L; n < 4_000_000_000_000_031L; n += 2) {
            sum = sum * 31 + (isPrime(n) ? n : 1);
        }
        for (int i = 1; i < 15000; i++) {
            long x = i, steps = 0;
            while (x != 1) {
                x = (x & 1) == 0 ? x >> 1 : 3 * x + 1;
                steps++;
            }
            sum += steps * i;
        }
        long state = 88172645463325252L, bits = 0;
        for (int i = 0; i < 400_000; i++) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            bits += Long.bitCount(state) ^ (state >>> 60);
            sum += Long.rotateLeft(state, i & 63);
        }
        for (int i = 1; i < 4000; i++) {
            sum += gcd(i * 1_000_003L, 7_919L * 5_040 + i);
        }
        return sum * 31 + bits;
    }

    public static void main(String[] args) {
        new LongArithmetic().start(args);
    }
}
