/** SHA-256 and CRC-32 written in Java over a buffer: int rotations, tables, loops with constant trip counts. */
public class Digests extends Harness {
    private static final int[] K = new int[64];
    private static final int[] CRC = new int[256];

    static {
        int n = 0;
        for (int p = 2; n < 64; p++) {
            boolean prime = true;
            for (int d = 2; d * d <= p && prime; d++) {
                prime = p % d != 0;
            }
            if (prime) {
                double root = Math.cbrt(p);
                K[n++] = (int) (long) ((root - Math.floor(root)) * 4294967296.0);
            }
        }
        for (int i = 0; i < 256; i++) {
            int c = i;
            for (int k = 0; k < 8; k++) {
                c = (c & 1) != 0 ? c >>> 1 ^ 0xEDB88320 : c >>> 1;
            }
            CRC[i] = c;
        }
    }

    private static void block(int[] h, byte[] in, int at, int[] w) {
        for (int i = 0; i < 16; i++) {
            w[i] = in[at + 4 * i] << 24 | (in[at + 4 * i + 1] & 255) << 16 | (in[at + 4 * i + 2] & 255) << 8 | in[at + 4 * i + 3] & 255;
        }
        for (int i = 16; i < 64; i++) {
            int x = w[i - 15], y = w[i - 2];
            w[i] = w[i - 16] + w[i - 7] + (Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3)
                    + (Integer.rotateRight(y, 17) ^ Integer.rotateRight(y, 19) ^ y >>> 10);
        }
        int a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], k = h[7];
        for (int i = 0; i < 64; i++) {
            int t1 = k + (Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25)) + (e & f ^ ~e & g) + K[i] + w[i];
            int t2 = (Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22)) + (a & b ^ a & c ^ b & c);
            k = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        h[0] += a;
        h[1] += b;
        h[2] += c;
        h[3] += d;
        h[4] += e;
        h[5] += f;
        h[6] += g;
        h[7] += k;
    }

    @Override
    protected long iterate() {
        byte[] data = new byte[1 << 17];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * 31 >>> 3);
        }
        int[] h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
        int[] w = new int[64];
        for (int i = 0; i < data.length; i += 64) {
            block(h, data, i, w);
        }
        int crc = -1;
        for (int round = 0; round < 3; round++) {
            for (byte b : data) {
                crc = crc >>> 8 ^ CRC[(crc ^ b) & 255];
            }
        }
        return ((long) h[0] << 32 | h[7] & 0xffffffffL) ^ crc;
    }

    public static void main(String[] args) {
        new Digests().start(args);
    }
}
