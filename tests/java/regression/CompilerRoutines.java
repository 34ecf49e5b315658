//@ timeout: 120

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** Methods of the class library whose loops the compilers replace, with arguments of all lengths. */
public class CompilerRoutines {
    static BigInteger number(Random random, int bits) {
        BigInteger x = new BigInteger(bits, random);
        // Long runs of ones and zeros, where carries go far.
        if (random.nextInt(3) == 0) x = x.or(BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE).shiftRight(bits / 3));
        if (random.nextInt(3) == 0) x = x.shiftRight(bits / 2).shiftLeft(bits / 2);
        return x;
    }

    static int products(int seed) {
        Random random = new Random(seed);
        int hash = 0;
        for (int n = 1; n < 60; n++) {
            BigInteger x = number(random, random.nextInt(n * 32) + 1), y = number(random, n * 32);
            hash = hash * 31 + x.multiply(y).hashCode();
            hash = hash * 31 + y.multiply(y).hashCode();
            hash = hash * 31 + y.pow(3).hashCode();
            BigInteger odd = y.setBit(0).setBit(70);
            hash = hash * 31 + x.modPow(BigInteger.valueOf(65537 + n), odd).hashCode();
            hash = hash * 31 + x.modPow(x.shiftRight(n * 29), odd.shiftLeft(n & 3)).hashCode();
            if (!x.multiply(y).subtract(y.multiply(x)).equals(BigInteger.ZERO)) System.out.println("differ " + n);
        }
        return hash;
    }

    static long checksums(byte[] bytes, int round) {
        long sum = 0;
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length);
        direct.put(bytes).flip();
        for (int n = 0; n < 80; n++) {
            CRC32 crc = new CRC32();
            crc.update(bytes, n, n * round % 200);
            crc.update(n + round);
            crc.update(bytes, 7, n);
            crc.update(direct.duplicate().position(n));
            sum = sum * 31 + crc.getValue();
            CRC32C castagnoli = new CRC32C();
            castagnoli.update(bytes, n, n * round % 200);
            castagnoli.update(n - round);
            castagnoli.update(direct.duplicate().position(n));
            sum = sum * 31 + castagnoli.getValue();
        }
        return sum;
    }

    public static void main(String[] args) {
        int hash = 0;
        for (int i = 0; i < 150; i++) hash = hash * 31 + products(i);
        System.out.println(hash);
        byte[] bytes = new byte[1000];
        new Random(1).nextBytes(bytes);
        long sum = 0;
        for (int i = 0; i < 300; i++) sum = sum * 31 + checksums(bytes, i);
        System.out.println(sum);
        CRC32 crc = new CRC32();
        try {
            crc.update(bytes, 990, 11);
        } catch (ArrayIndexOutOfBoundsException e) {
            System.out.println(crc.getValue());
        }
    }
}
