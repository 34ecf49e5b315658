import java.math.*;
import java.util.Random;

public class BigNumbers {
    public static void main(String[] args) {
        BigInteger a = new BigInteger("123456789012345678901234567890"), b = new BigInteger("-987654321098765432109876543210");
        System.out.println(a.add(b) + " " + a.subtract(b) + " " + a.multiply(b) + " " + b.divide(a) + " " + b.mod(a) + " " + b.remainder(a) + " " + a.gcd(b) + " " + a.pow(5));
        System.out.println(a.shiftLeft(70) + " " + b.shiftRight(33) + " " + a.and(b) + " " + a.or(b) + " " + a.xor(b) + " " + a.not() + " " + a.bitLength() + " " + b.bitCount() + " " + a.testBit(3) + " " + a.getLowestSetBit() + a.signum());
        System.out.println(a.modPow(new BigInteger("65537"), new BigInteger("1000000007")) + " " + new BigInteger("3").modInverse(new BigInteger("11")) + " " + a.sqrt() + " " + new BigInteger("1000000007").isProbablePrime(20) + " " + new BigInteger("100").nextProbablePrime() + " " + a.toString(36) + " " + new BigInteger("zz", 36));
        System.out.println(a.intValue() + " " + a.longValue() + " " + a.doubleValue() + " " + a.hashCode() + " " + a.compareTo(b) + a.equals(new BigInteger(a.toByteArray())) + " " + a.toByteArray().length);
        BigInteger f = BigInteger.ONE;
        for (int i = 2; i <= 500; i++) f = f.multiply(BigInteger.valueOf(i));
        System.out.println(f.bitLength() + " " + f.toString().hashCode() + " " + f.divide(BigInteger.TEN.pow(1000)).bitLength());
        Random r = new Random(1);
        BigInteger x = new BigInteger(6000, r), y = new BigInteger(5000, r);
        System.out.println(x.multiply(y).hashCode() + " " + x.divide(y).hashCode() + " " + x.multiply(x).sqrt().equals(x) + " " + x.multiply(y).divide(y).equals(x) + " " + new BigInteger(x.toString()).equals(x) + " " + BigInteger.probablePrime(64, r).isProbablePrime(50));
        for (String s : new String[] {"", "-", "12a", "+-1"}) {
            try {
                System.out.println(new BigInteger(s));
            } catch (NumberFormatException e) {
                System.out.println(e.getMessage());
            }
        }
        try {
            a.divide(BigInteger.ZERO);
        } catch (ArithmeticException e) {
            System.out.println(e.getMessage());
        }
        try {
            a.longValueExact();
        } catch (ArithmeticException e) {
            System.out.println(e.getMessage());
        }
        BigDecimal d = new BigDecimal("1234.56789"), e = new BigDecimal("-0.0012300");
        System.out.println(d.add(e) + " " + d.multiply(e) + " " + d.divide(e, 20, RoundingMode.HALF_EVEN) + " " + d.divide(new BigDecimal("3"), MathContext.DECIMAL64) + " " + e.scale() + e.precision() + " " + e.stripTrailingZeros() + " " + e.toPlainString() + " " + e.toEngineeringString() + " " + d.setScale(2, RoundingMode.DOWN) + " " + d.negate().remainder(new BigDecimal("7.5")));
        for (RoundingMode m : RoundingMode.values()) {
            if (m == RoundingMode.UNNECESSARY) continue;
            StringBuilder sb = new StringBuilder(m.toString());
            for (String s : new String[] {"5.5", "2.5", "1.6", "1.1", "-1.1", "-2.5", "-5.5"}) sb.append(' ').append(new BigDecimal(s).setScale(0, m));
            System.out.println(sb);
        }
        try {
            BigDecimal.ONE.divide(new BigDecimal(3));
        } catch (ArithmeticException ex) {
            System.out.println(ex.getMessage());
        }
        System.out.println(new BigDecimal(0.1) + " " + BigDecimal.valueOf(0.1) + " " + new BigDecimal("1E+5").add(BigDecimal.ONE) + " " + new BigDecimal("1.0").equals(new BigDecimal("1.00")) + new BigDecimal("1.0").compareTo(new BigDecimal("1.00")) + " " + new BigDecimal("2").sqrt(new MathContext(50)) + " " + new BigDecimal("1.23E-10").doubleValue() + " " + new BigDecimal("123.456").movePointLeft(5) + new BigDecimal("99.99").round(new MathContext(2)) + " " + d.unscaledValue() + d.hashCode());
    }
}
