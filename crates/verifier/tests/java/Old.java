import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Code that needs no new instruction or constant, for class files of old versions. */
public class Old implements Cloneable, Runnable {
    static int count;
    int field;
    long wide;
    Object[] array = new Object[3];

    static int arithmetic(int a, long b, float c, double d) {
        int i = a * 31 + (a >>> 3) - (a << 2) ^ ~a & 0x55 | a % 7 / 2;
        long l = b * 31L + (b >>> 3) - (b << i) ^ ~b & 0x55L | b % 7 / 2;
        float f = -c * 2f + c / 3f - c % 4f;
        double e = -d * 2d + d / 3d - d % 4d;
        i += (int) l + (int) f + (int) e + (byte) i + (char) i + (short) i;
        count++;
        return l > b ? i : f < c ? -i : e >= d ? i << 1 : -1;
    }

    static long loops(int[] ints, long[] longs, byte[] bytes, boolean[] flags, double[] doubles, String[] strings, int[][] grid) {
        long sum = 0;
        for (int i = 0; i < ints.length; i++) {
            sum += ints[i] + longs[i] + bytes[i] + (flags[i] ? 1 : 0);
            double d = doubles[i];
            while (d > 1) { d /= 2; sum++; if (d < 0) break; }
            ints[i] = (int) sum; longs[i] = sum; flags[i] = true; doubles[i] = d; strings[i] = "s"; grid[i][0] = 5;
        }
        return sum;
    }

    static String switches(int n, String s) {
        switch (n) { case 1: case 2: case 3: s = "a"; break; case 5: s = "b"; default: s = null; }
        switch (n) { case -1000: s = null; break; case 0: return "zero"; }
        return s;
    }

    Object handlers(Object o, int n) throws IOException {
        Object result = null;
        try {
            result = ((String) o).substring(n);
            n++;
        } catch (ClassCastException e) {
            result = e.getMessage();
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(e.getMessage());
        } finally {
            synchronized (this) { field = n; wide = n; }
        }
        return result;
    }

    Object objects(boolean which, List list, Runnable r) throws Exception {
        int[][] grid = new int[2][3];
        Object[][][] deep = new Object[2][][];
        deep[0] = new String[1][1];
        Object o = which ? (Object) new ArrayList(which ? 1 : 2) : new int[] {1, 2, 3};
        list.add(grid[0].clone());
        r.run();
        array[0] = grid;
        return o == null | o instanceof int[] ? super.clone() : clone();
    }

    public void run() { }

    static class Leaf extends other.Base {
        Leaf next;
        Leaf(int n) { super(n > 0 ? n : -n); value = n; wide += n; shared = n; }
        Leaf() { this(3); }
        int use(Leaf l, other.Base b) { l.value = l.read() + value; next.wide = l.wide; return b.open() + super.read() + next.read(); }
    }
}
