import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/** Digits of pi by a spigot, factorials, modular powers and a square root with {@code java.math}. */
public class BigIntegers extends Harness {
    private static long pi(int digits) {
        BigInteger q = BigInteger.ONE, r = BigInteger.ZERO, t = BigInteger.ONE;
        long hash = 0;
        int k = 0;
        for (int done = 0; done < digits; ) {
            k++;
            BigInteger odd = BigInteger.valueOf(2L * k + 1);
            r = q.shiftLeft(1).add(r).multiply(odd);
            q = q.multiply(BigInteger.valueOf(k));
            t = t.multiply(odd);
            if (q.compareTo(r) > 0) {
                continue;
            }
            BigInteger three = q.multiply(BigInteger.valueOf(3)).add(r).divide(t);
            BigInteger four = q.shiftLeft(2).add(r).divide(t);
            if (three.equals(four)) {
                hash = hash * 31 + three.intValue();
                done++;
                r = r.subtract(three.multiply(t)).multiply(BigInteger.TEN);
                q = q.multiply(BigInteger.TEN);
            }
        }
        return hash;
    }

    @Override
    protected long iterate() {
        long sum = pi(120);
        BigInteger f = BigInteger.ONE;
        for (int i = 2; i <= 400; i++) {
            f = f.multiply(BigInteger.valueOf(i));
        }
        sum = sum * 31 + f.toString().hashCode();
        BigInteger p = BigInteger.TWO.pow(521).subtract(BigInteger.ONE);
        sum = sum * 31 + BigInteger.valueOf(65537).modPow(f.mod(p), p).hashCode();
        sum = sum * 31 + f.gcd(BigInteger.valueOf(3).pow(150)).bitLength();
        BigDecimal x = BigDecimal.ONE;
        MathContext precision = new MathContext(80);
        for (int i = 0; i < 8; i++) {
            x = x.add(new BigDecimal(2).divide(x, precision)).divide(new BigDecimal(2), precision);
        }
        return sum * 31 + x.toString().hashCode();
    }

    public static void main(String[] args) {
        new BigIntegers().start(args);
    }
}
