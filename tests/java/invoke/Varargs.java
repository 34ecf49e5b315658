import java.util.Arrays;
import java.util.List;

public class Varargs {
    static int count(Object... o) { return o.length; }
    static <T> List<T> list(T... t) { return Arrays.asList(t); }
    static String fmt(String f, Object... a) { return String.format(f, a); }
    static long sum(long... l) {
        long s = 0;
        for (long x : l) s += x;
        return s;
    }

    static double many(int a, long b, double c, float d, Object e, int f, long g, double h, float i, Object j, byte k, short l, char m, boolean n, int[] o, long p, double q, int r) {
        return a + b + c + d + e.hashCode() + f + g + h + i + j.hashCode() + k + l + m + (n ? 1 : 0) + o.length + p + q + r;
    }

    public static void main(String[] args) {
        System.out.println(count() + count(1) + count(1, 2) + count((Object) new Object[5]) + count(new Object[5]) + count(new String[3]) + count(new int[4]));
        System.out.println(list(1, "a", 2.5).size() + " " + list().size() + " " + list((Object) null));
        System.out.println(fmt("%s-%d", "x", 5) + sum() + sum(1, 2, 3) + sum('a', (byte) 1));
        System.out.println(many(1, 2, 3, 4, 5, 6, 7, 8, 9, "j", (byte) 10, (short) 11, 'm', true, new int[3], 1L << 40, 0.5, -1));
        System.out.println(list(new Integer[] {1, 2}).size() + " " + list(new int[] {1, 2}).size());
    }
}
