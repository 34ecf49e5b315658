import java.io.*;
import java.util.*;
import java.util.function.*;

/** Code of every sort for the mutations: each instruction of the language occurs, and frames of all kinds. */
public class Subject {
    static int count;
    int field;
    long wide;
    double real;
    Object[] array = new Object[3];

    static int arithmetic(int a, long b, float c, double d) {
        int i = a * 31 + (a >>> 3) - (a << 2) ^ ~a & 0x55 | a % 7 / 2;
        long l = b * 31L + (b >>> 3) - (b << i) ^ ~b & 0x55L | b % 7 / 2;
        float f = -c * 2f + c / 3f - c % 4f;
        double e = -d * 2d + d / 3d - d % 4d;
        i += (int) l + (int) f + (int) e + (byte) i + (char) i + (short) i;
        l += i + (long) f + (long) e;
        f += i + l + (float) e;
        e += i + l + f;
        count++;
        i += 1000;
        return l > b ? i : f < c ? -i : e >= d ? i << 1 : -1;
    }

    static long loops(int[] ints, long[] longs, byte[] bytes, char[] chars, short[] shorts, boolean[] flags,
            float[] floats, double[] doubles, String[] strings, int[][] grid) {
        long sum = 0;
        for (int i = 0; i < ints.length; i++) {
            sum += ints[i] + longs[i] + bytes[i] + chars[i] + shorts[i] + (flags[i] ? 1 : 0);
            if (sum == 77) continue;
            double d = floats[i] + doubles[i];
            while (d > 1) { d /= 2; sum++; if (d < 0) break; }
            ints[i] = (int) sum; longs[i] = sum; bytes[i] = 1; chars[i] = 'c'; shorts[i] = 2; flags[i] = true;
            floats[i] = 1f; doubles[i] = d; strings[i] = "s"; grid[i][0] = 5; grid[i][1]++; longs[i] += 2; doubles[0]--;
        }
        for (String s : strings) { for (int[] row : grid) sum += row.length + s.length(); }
        return sum;
    }

    static String switches(int n, String s) {
        switch (n) { case 1: case 2: case 3: s += "a"; break; case 5: s += "b"; default: s += n; }
        switch (n) { case -1000: s = null; break; case 0: return "zero"; case 70000: s += 1L; }
        if (s == null || s != null && n == 3) return switch (n) { case 1 -> "x"; case 2 -> { var t = new StringBuilder(s); yield t.toString(); } default -> s; };
        return s;
    }

    Object handlers(Object o, int n) throws IOException {
        Object result = null;
        try {
            result = ((String) o).substring(n);
            n++;
            try (Reader reader = new StringReader("x")) {
                n += reader.read();
            } catch (UncheckedIOException | IllegalStateException e) {
                result = e.getMessage();
            }
        } catch (ClassCastException e) {
            long l = n;
            result = l;
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(e);
        } finally {
            synchronized (this) { field = n; wide = n; real = n; }
        }
        return result instanceof Comparable<?> c ? c : result;
    }

    Object objects(boolean which, List<? super Integer> list, Runnable r) {
        int[][] grid = new int[2][3];
        Object[][][] deep = new Object[2][][];
        deep[0] = new String[1][1];
        Object o = which ? new ArrayList<String>(which ? 1 : 2) : new int[] {1, 2, 3};
        Supplier<Object> supplier = () -> grid[0].clone();
        BiFunction<Integer, Integer, Integer> f = Math::max;
        list.add(grid.length);
        r.run();
        array[0] = (Object) grid;
        assert o != null : "none";
        Class<?> c = String.class;
        int[] copy = grid[0].clone();
        return Objects.requireNonNullElse(supplier.get(), c.getName() + f.apply(copy[0], 1) + 12345678 + 1.5f + 1e10);
    }

    static boolean compare(Object a, Object b, long l, float f, double d) {
        boolean z = a == b;
        if (a != b ^ z) z = l == 0 | f != 1 | !(d <= 3);
        Cloneable c = (Cloneable) a;
        Serializable s = z ? new int[0] : "text";
        c = s instanceof int[] x ? x : null;
        return z && c == null;
    }

    interface Shape { double area(); default double twice() { return 2 * area(); } static Shape of() { return () -> 1.0; } private int own() { return 1; } default int two() { return own() + own(); } }
    record Point(int x, long y, Object o) implements Shape { Point { if (x < 0) throw new IllegalArgumentException(); } public double area() { return x * y; } }
    enum Color { RED, GREEN { @Override int code() { return 2; } }; int code() { return ordinal(); } }
    static abstract class Node<T> implements Iterable<T> {
        final Node<T> next; T value; static int made;
        Node(Node<T> next, T value) { this.next = next; this.value = value; made++; }
        Node(T value) { this(null, value); }
        Node(boolean b) { this(b ? new Leaf<T>(null) : null, b ? null : null); }
        public Iterator<T> iterator() { return new Iterator<T>() { Node<T> at = Node.this; public boolean hasNext() { return at != null; } public T next() { T v = at.value; at = at.next; return v; } }; }
        abstract int size();
        protected Object clone() throws CloneNotSupportedException { return super.clone(); }
    }
    static class Leaf<T> extends Node<T> {
        Leaf(T value) { super(value); try { made = Integer.parseInt("" + value); } catch (NumberFormatException e) { made = -1; } }
        int size() { return 1; }
        @Override public String toString() { return super.toString() + size(); }
    }
    static class Derived extends other.Base {
        Derived peer;
        Derived(int n) { super(n > 0 ? n : -n); value = n; wide += n; shared = n; }
        Derived() { }
        int use(Derived d, other.Base b, Object[] os) throws Exception {
            d.value = d.read() + value; this.set(d); peer.wide = d.wide; d.peer.value++;
            Object c = os.clone(); other.Base made = new other.Base(3) { }; 
            return b.open() + shared + super.read() + peer.read() + made.open() + Derived.super.open();
        }
        Runnable runner() { return super::read; }
    }
}
