import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** SHA-256, SHA-512, MD5, AES, HMAC, PBKDF2, ChaCha20, RSA and a curve written out and compared with the library's. */
public class CryptoByHand {
    static final HexFormat HEX = HexFormat.of();

    static int[] primes(int n) {
        int[] p = new int[n];
        int k = 0;
        for (int c = 2; k < n; c++) {
            boolean prime = true;
            for (int i = 0; i < k && prime; i++) prime = c % p[i] != 0;
            if (prime) p[k++] = c;
        }
        return p;
    }

    /** First 64 bits of the fractional part of the root, exactly. */
    static long fraction(int p, int root) {
        BigInteger scaled = BigInteger.valueOf(p).shiftLeft(64 * root), lo = BigInteger.ZERO, hi = BigInteger.ONE.shiftLeft(80);
        while (hi.subtract(lo).compareTo(BigInteger.ONE) > 0) {
            BigInteger mid = lo.add(hi).shiftRight(1);
            if (mid.pow(root).compareTo(scaled) <= 0) lo = mid;
            else hi = mid;
        }
        return lo.longValue();
    }

    static final long[] K = Arrays.stream(primes(80)).mapToLong(p -> fraction(p, 3)).toArray();
    static final long[] H = Arrays.stream(primes(8)).mapToLong(p -> fraction(p, 2)).toArray();

    static byte[] pad(byte[] m, int block, boolean little) {
        int len = (m.length + block / 8 + 1 + block - 1) / block * block;
        byte[] out = Arrays.copyOf(m, len);
        out[m.length] = (byte) 0x80;
        long bits = m.length * 8L;
        for (int i = 0; i < 8; i++) out[len - 8 + i] = (byte) (little ? bits >>> 8 * i : bits >>> 56 - 8 * i);
        return out;
    }

    static byte[] sha256(byte[] m) {
        ByteBuffer b = ByteBuffer.wrap(pad(m, 64, false));
        int[] h = new int[8];
        for (int i = 0; i < 8; i++) h[i] = (int) (H[i] >>> 32);
        int[] w = new int[64];
        while (b.hasRemaining()) {
            for (int i = 0; i < 16; i++) w[i] = b.getInt();
            for (int i = 16; i < 64; i++) {
                int x = w[i - 15], y = w[i - 2];
                w[i] = w[i - 16] + w[i - 7] + (Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3) + (Integer.rotateRight(y, 17) ^ Integer.rotateRight(y, 19) ^ y >>> 10);
            }
            int[] s = h.clone();
            for (int i = 0; i < 64; i++) {
                int t1 = s[7] + (Integer.rotateRight(s[4], 6) ^ Integer.rotateRight(s[4], 11) ^ Integer.rotateRight(s[4], 25)) + (s[4] & s[5] ^ ~s[4] & s[6]) + (int) (K[i] >>> 32) + w[i];
                int t2 = (Integer.rotateRight(s[0], 2) ^ Integer.rotateRight(s[0], 13) ^ Integer.rotateRight(s[0], 22)) + (s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2]);
                System.arraycopy(s, 0, s, 1, 7);
                s[4] += t1;
                s[0] = t1 + t2;
            }
            for (int i = 0; i < 8; i++) h[i] += s[i];
        }
        ByteBuffer out = ByteBuffer.allocate(32);
        for (int v : h) out.putInt(v);
        return out.array();
    }

    static byte[] sha512(byte[] m) {
        ByteBuffer b = ByteBuffer.wrap(pad(m, 128, false));
        long[] h = H.clone(), w = new long[80];
        while (b.hasRemaining()) {
            for (int i = 0; i < 16; i++) w[i] = b.getLong();
            for (int i = 16; i < 80; i++) {
                long x = w[i - 15], y = w[i - 2];
                w[i] = w[i - 16] + w[i - 7] + (Long.rotateRight(x, 1) ^ Long.rotateRight(x, 8) ^ x >>> 7) + (Long.rotateRight(y, 19) ^ Long.rotateRight(y, 61) ^ y >>> 6);
            }
            long[] s = h.clone();
            for (int i = 0; i < 80; i++) {
                long t1 = s[7] + (Long.rotateRight(s[4], 14) ^ Long.rotateRight(s[4], 18) ^ Long.rotateRight(s[4], 41)) + (s[4] & s[5] ^ ~s[4] & s[6]) + K[i] + w[i];
                long t2 = (Long.rotateRight(s[0], 28) ^ Long.rotateRight(s[0], 34) ^ Long.rotateRight(s[0], 39)) + (s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2]);
                System.arraycopy(s, 0, s, 1, 7);
                s[4] += t1;
                s[0] = t1 + t2;
            }
            for (int i = 0; i < 8; i++) h[i] += s[i];
        }
        ByteBuffer out = ByteBuffer.allocate(64);
        for (long v : h) out.putLong(v);
        return out.array();
    }

    static byte[] md5(byte[] m) {
        int[] r = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};
        ByteBuffer b = ByteBuffer.wrap(pad(m, 64, true)).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        int[] h = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}, w = new int[16];
        while (b.hasRemaining()) {
            for (int i = 0; i < 16; i++) w[i] = b.getInt();
            int a = h[0], x = h[1], c = h[2], d = h[3];
            for (int i = 0; i < 64; i++) {
                int f = switch (i / 16) { case 0 -> x & c | ~x & d; case 1 -> d & x | ~d & c; case 2 -> x ^ c ^ d; default -> c ^ (x | ~d); };
                int g = switch (i / 16) { case 0 -> i; case 1 -> 5 * i + 1; case 2 -> 3 * i + 5; default -> 7 * i; } & 15;
                int k = (int) (long) (StrictMath.abs(StrictMath.sin(i + 1)) * 4294967296.0);
                int t = d;
                d = c;
                c = x;
                x += Integer.rotateLeft(a + f + k + w[g], r[i / 16 * 4 + i % 4]);
                a = t;
            }
            h[0] += a;
            h[1] += x;
            h[2] += c;
            h[3] += d;
        }
        ByteBuffer out = ByteBuffer.allocate(16).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int v : h) out.putInt(v);
        return out.array();
    }

    static final class Aes {
        static final int[] S = new int[256], INV = new int[256];
        static {
            int p = 1, q = 1;
            do {
                p = (p ^ p << 1 ^ ((p & 0x80) != 0 ? 0x11b : 0)) & 0xff;
                q ^= q << 1;
                q ^= q << 2;
                q ^= q << 4;
                q &= 0xff;
                if ((q & 0x80) != 0) q ^= 9;
                int x = q ^ rot(q, 1) ^ rot(q, 2) ^ rot(q, 3) ^ rot(q, 4);
                S[p] = (x ^ 0x63) & 0xff;
            } while (p != 1);
            S[0] = 0x63;
            for (int i = 0; i < 256; i++) INV[S[i]] = i;
        }
        static int rot(int x, int n) { return (x << n | x >> 8 - n) & 0xff; }
        static int mul(int a, int b) {
            int r = 0;
            for (; b > 0; b >>= 1, a = a << 1 ^ ((a & 0x80) != 0 ? 0x11b : 0)) if ((b & 1) != 0) r ^= a;
            return r & 0xff;
        }

        final int rounds;
        final int[] w;

        Aes(byte[] key) {
            int nk = key.length / 4;
            if (key.length % 8 != 0 || nk < 4 || nk > 8) throw new IllegalArgumentException("key of " + key.length + " bytes");
            rounds = nk + 6;
            w = new int[4 * (rounds + 1)];
            ByteBuffer b = ByteBuffer.wrap(key);
            for (int i = 0; i < nk; i++) w[i] = b.getInt();
            for (int i = nk, rc = 1; i < w.length; i++) {
                int t = w[i - 1];
                if (i % nk == 0) {
                    t = sub(Integer.rotateLeft(t, 8)) ^ rc << 24;
                    rc = mul(rc, 2);
                } else if (nk > 6 && i % nk == 4) t = sub(t);
                w[i] = w[i - nk] ^ t;
            }
        }
        static int sub(int x) { return S[x >>> 24] << 24 | S[x >>> 16 & 255] << 16 | S[x >>> 8 & 255] << 8 | S[x & 255]; }

        void addKey(int[] s, int round) { for (int i = 0; i < 16; i++) s[i] ^= w[round * 4 + i / 4] >>> 24 - 8 * (i % 4) & 255; }

        byte[] block(byte[] in, boolean encrypt) {
            int[] s = new int[16], t = new int[16];
            for (int i = 0; i < 16; i++) s[i] = in[i] & 255;
            addKey(s, encrypt ? 0 : rounds);
            for (int r = 1; r <= rounds; r++) {
                if (encrypt) {
                    for (int i = 0; i < 16; i++) t[i] = S[s[(i + i % 4 * 4) % 16]];
                    if (r < rounds) mix(t, s, 2, 3, 1, 1);
                    else System.arraycopy(t, 0, s, 0, 16);
                    addKey(s, r);
                } else {
                    for (int i = 0; i < 16; i++) t[(i + i % 4 * 4) % 16] = INV[s[i]];
                    addKey(t, rounds - r);
                    if (r < rounds) mix(t, s, 14, 11, 13, 9);
                    else System.arraycopy(t, 0, s, 0, 16);
                }
            }
            byte[] out = new byte[16];
            for (int i = 0; i < 16; i++) out[i] = (byte) s[i];
            return out;
        }

        static void mix(int[] t, int[] s, int a, int b, int c, int d) {
            for (int i = 0; i < 16; i++) {
                int k = i / 4 * 4;
                s[i] = mul(t[i], a) ^ mul(t[k + (i + 1) % 4], b) ^ mul(t[k + (i + 2) % 4], c) ^ mul(t[k + (i + 3) % 4], d);
            }
        }

        byte[] cbc(byte[] in, byte[] iv, boolean encrypt) {
            int p = encrypt ? 16 - in.length % 16 : 0;
            byte[] data = Arrays.copyOf(in, in.length + p), prev = iv;
            if (encrypt) Arrays.fill(data, in.length, data.length, (byte) p);
            for (int i = 0; i < data.length; i += 16) {
                byte[] b = Arrays.copyOfRange(data, i, i + 16), c = b.clone();
                if (encrypt) for (int k = 0; k < 16; k++) b[k] ^= prev[k];
                b = block(b, encrypt);
                if (!encrypt) for (int k = 0; k < 16; k++) b[k] ^= prev[k];
                System.arraycopy(b, 0, data, i, 16);
                prev = encrypt ? b : c;
            }
            return encrypt ? data : Arrays.copyOf(data, data.length - data[data.length - 1]);
        }
    }

    static byte[] hmac(byte[] key, byte[] m) {
        byte[] k = Arrays.copyOf(key.length > 64 ? sha256(key) : key, 64), in = new byte[64 + m.length], out = new byte[96];
        for (int i = 0; i < 64; i++) {
            in[i] = (byte) (k[i] ^ 0x36);
            out[i] = (byte) (k[i] ^ 0x5c);
        }
        System.arraycopy(m, 0, in, 64, m.length);
        System.arraycopy(sha256(in), 0, out, 64, 32);
        return sha256(out);
    }

    static byte[] pbkdf2(byte[] pw, byte[] salt, int n) {
        byte[] s = Arrays.copyOf(salt, salt.length + 4);
        s[s.length - 1] = 1;
        byte[] u = hmac(pw, s), t = u.clone();
        for (int i = 1; i < n; i++) {
            u = hmac(pw, u);
            for (int k = 0; k < t.length; k++) t[k] ^= u[k];
        }
        return t;
    }

    static void quarter(int[] x, int a, int b, int c, int d) {
        x[a] += x[b]; x[d] = Integer.rotateLeft(x[d] ^ x[a], 16);
        x[c] += x[d]; x[b] = Integer.rotateLeft(x[b] ^ x[c], 12);
        x[a] += x[b]; x[d] = Integer.rotateLeft(x[d] ^ x[a], 8);
        x[c] += x[d]; x[b] = Integer.rotateLeft(x[b] ^ x[c], 7);
    }

    static byte[] chacha(byte[] key, byte[] nonce, byte[] in) {
        byte[] out = in.clone();
        for (int block = 0; block * 64 < in.length; block++) {
            ByteBuffer b = ByteBuffer.allocate(64).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            b.put("expand 32-byte k".getBytes()).put(key).putInt(1 + block).put(nonce).flip();
            int[] s = new int[16], x;
            b.asIntBuffer().get(s);
            x = s.clone();
            for (int i = 0; i < 10; i++) {
                for (int k = 0; k < 4; k++) quarter(x, k, k + 4, k + 8, k + 12);
                for (int k = 0; k < 4; k++) quarter(x, k, 4 + (k + 1) % 4, 8 + (k + 2) % 4, 12 + (k + 3) % 4);
            }
            b.clear();
            for (int i = 0; i < 16; i++) b.putInt(x[i] + s[i]);
            for (int i = 0; i < 64 && block * 64 + i < in.length; i++) out[block * 64 + i] ^= b.get(i);
        }
        return out;
    }

    static boolean check(String name, byte[] mine, byte[] theirs) {
        boolean same = Arrays.equals(mine, theirs);
        System.out.println(name + " " + same + " " + HEX.formatHex(Arrays.copyOf(mine, Math.min(mine.length, 20))));
        return same;
    }

    public static void main(String[] args) throws Exception {
        Random r = new Random(123);
        for (int n : new int[] {0, 3, 55, 56, 63, 64, 111, 112, 200, 5000}) {
            byte[] m = new byte[n];
            r.nextBytes(m);
            check("sha256/" + n, sha256(m), MessageDigest.getInstance("SHA-256").digest(m));
            check("sha512/" + n, sha512(m), MessageDigest.getInstance("SHA-512").digest(m));
            check("md5/" + n, md5(m), MessageDigest.getInstance("MD5").digest(m));
        }
        for (int bits : new int[] {128, 192, 256}) {
            byte[] key = new byte[bits / 8], iv = new byte[16], text = "attack at dawn, bring coffee and cake".getBytes(StandardCharsets.UTF_8);
            r.nextBytes(key);
            r.nextBytes(iv);
            Cipher c = Cipher.getInstance("AES/CBC/PKCS5Padding");
            c.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
            Aes a = new Aes(key);
            byte[] e = a.cbc(text, iv, true);
            check("aes" + bits, e, c.doFinal(text));
            System.out.println(new String(a.cbc(e, iv, false), StandardCharsets.UTF_8));
        }
        try {
            new Aes(new byte[5]);
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        for (int k : new int[] {1, 64, 100}) {
            byte[] key = new byte[k];
            r.nextBytes(key);
            Mac m = Mac.getInstance("HmacSHA256");
            m.init(new SecretKeySpec(key, "HmacSHA256"));
            check("hmac/" + k, hmac(key, "message".getBytes()), m.doFinal("message".getBytes()));
        }
        check("pbkdf2", pbkdf2("password".getBytes(), "salt".getBytes(), 100), javax.crypto.SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(new javax.crypto.spec.PBEKeySpec("password".toCharArray(), "salt".getBytes(), 100, 256)).getEncoded());
        byte[] key = new byte[32], nonce = new byte[12], plain = new byte[300];
        r.nextBytes(key);
        r.nextBytes(plain);
        Cipher cc = Cipher.getInstance("ChaCha20");
        cc.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "ChaCha20"), new javax.crypto.spec.ChaCha20ParameterSpec(nonce, 1));
        check("chacha20", chacha(key, nonce, plain), cc.doFinal(plain));
        BigInteger p = BigInteger.probablePrime(256, new Random(1)), q = BigInteger.probablePrime(256, new Random(2)), n = p.multiply(q), e = BigInteger.valueOf(65537);
        BigInteger d = e.modInverse(p.subtract(BigInteger.ONE).multiply(q.subtract(BigInteger.ONE))), m = new BigInteger(1, "secret".getBytes());
        BigInteger c = m.modPow(e, n), dp = c.modPow(d.mod(p.subtract(BigInteger.ONE)), p), dq = c.modPow(d.mod(q.subtract(BigInteger.ONE)), q);
        BigInteger crt = dq.add(q.multiply(dp.subtract(dq).multiply(q.modInverse(p)).mod(p)));
        System.out.println("rsa " + new String(c.modPow(d, n).toByteArray()) + " " + crt.equals(m) + " " + c.hashCode());
        // Points of y² = x³ + 7 over a small prime field: the order of every point divides the order of the group.
        int f = 1009, group = 1, odd = 0;
        for (int x = 0; x < f; x++) for (int y = 0; y < f; y++) if ((y * y - x * x % f * x - 7) % f == 0) group++;
        for (int x = 0; x < 60; x++) {
            for (int y = 1; y < f; y++) {
                if ((y * y - x * x % f * x - 7) % f != 0) continue;
                long[] acc = null, add = {x, y};
                for (int k = group; k > 0; k >>= 1, add = sum(add, add, f)) if ((k & 1) == 1) acc = sum(acc, add, f);
                if (acc != null) odd++;
            }
        }
        System.out.println("curve " + group + " " + odd);
    }

    static long[] sum(long[] a, long[] b, int f) {
        if (a == null) return b;
        if (b == null) return a;
        if (a[0] == b[0] && (a[1] + b[1]) % f == 0) return null;
        BigInteger m = BigInteger.valueOf(f);
        long num = a[0] == b[0] ? 3 * a[0] * a[0] : b[1] - a[1], den = a[0] == b[0] ? 2 * a[1] : b[0] - a[0];
        long k = BigInteger.valueOf(num).multiply(BigInteger.valueOf(den).modInverse(m)).mod(m).longValue();
        long x = Math.floorMod(k * k - a[0] - b[0], f);
        return new long[] {x, Math.floorMod(k * (a[0] - x) - a[1], f)};
    }
}
