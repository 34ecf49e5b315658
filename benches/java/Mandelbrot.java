/** Escape times of the Mandelbrot set: a tight loop of double arithmetic, packed into a byte array. */
public class Mandelbrot extends Harness {
    private static final int SIZE = 256, LIMIT = 100;

    @Override
    protected long iterate() {
        byte[] bits = new byte[SIZE * SIZE / 8];
        long escapes = 0;
        for (int y = 0; y < SIZE; y++) {
            double ci = 2.0 * y / SIZE - 1.0;
            for (int x = 0; x < SIZE; x++) {
                double cr = 2.0 * x / SIZE - 1.5;
                double r = 0, i = 0, r2 = 0, i2 = 0;
                int n = 0;
                while (n < LIMIT && r2 + i2 <= 4.0) {
                    i = 2 * r * i + ci;
                    r = r2 - i2 + cr;
                    r2 = r * r;
                    i2 = i * i;
                    n++;
                }
                escapes += n;
                if (n == LIMIT) {
                    int at = y * SIZE + x;
                    bits[at >> 3] |= (byte) (0x80 >> (at & 7));
                }
            }
        }
        long hash = escapes;
        for (byte b : bits) {
            hash = hash * 31 + b;
        }
        return hash;
    }

    public static void main(String[] args) {
        new Mandelbrot().start(args);
    }
}
