import java.util.*;

public class Records {
    record Point(int x, int y) { static int made; Point { made++; if (x < 0) throw new IllegalArgumentException("negative " + x); } Point(int both) { this(both, both); } double norm() { return Math.sqrt(x * x + y * y); } }
    record All(boolean z, byte b, short s, char c, int i, long l, float f, double d, String t, int[] a, List<? extends Number> g) {}
    record Empty() {}
    record Gen<T extends Comparable<T>>(T lo, T hi) implements Comparable<Gen<T>> { public int compareTo(Gen<T> o) { return lo.compareTo(o.lo); } }
    record Custom(String s) { @Override public String toString() { return "<" + s + ">"; } @Override public boolean equals(Object o) { return o instanceof Custom c && c.s.equalsIgnoreCase(s); } @Override public int hashCode() { return 7; } public String s() { return s + "!"; } }
    record Node(Object v, Node next) {}

    public static void main(String[] args) throws Exception {
        Point p = new Point(3, 4), q = new Point(3, 4), r = new Point(5);
        System.out.println(p + " " + p.equals(q) + " " + p.equals(r) + " " + p.equals(null) + " " + p.equals("x") + " " + (p.hashCode() == q.hashCode()) + " " + p.hashCode() + " " + p.norm() + Point.made);
        try {
            new Point(-1, 0);
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        int[] arr = {1};
        All a = new All(true, (byte) 1, (short) 2, 'c', 4, 5L, 6f, 7d, "t", arr, List.of(1, 2.5));
        All b = new All(true, (byte) 1, (short) 2, 'c', 4, 5L, 6f, 7d, "t", arr, List.of(1, 2.5));
        All c = new All(true, (byte) 1, (short) 2, 'c', 4, 5L, Float.NaN, -0.0, null, new int[] {1}, null);
        System.out.println(a.equals(b) + " " + a.equals(c) + " " + c.equals(new All(true, (byte) 1, (short) 2, 'c', 4, 5L, Float.NaN, -0.0, null, c.a(), null)) + " " + a.toString().replaceAll("@[0-9a-f]+", "@h"));
        System.out.println(new Empty() + " " + new Empty().equals(new Empty()) + " " + new Empty().hashCode());
        Gen<String> g = new Gen<>("a", "b");
        System.out.println(g + " " + g.compareTo(new Gen<>("c", "d")) + " " + g.hashCode());
        System.out.println(new Custom("Q") + new Custom("q").s() + new Custom("Q").equals(new Custom("q")) + new Custom("x").hashCode());
        System.out.println(new Node(1, new Node("two", new Node(3.0, null))));
        Map<Point, String> map = new HashMap<>();
        map.put(p, "first");
        map.put(q, "second");
        System.out.println(map);
        for (var rc : All.class.getRecordComponents())
            System.out.println(rc.getName() + " " + rc.getType().getSimpleName() + " " + rc.getGenericType() + " " + rc.getAccessor().getName());
        System.out.println(Point.class.getDeclaredConstructors().length + " " + All.class.getRecordComponents()[8].getAccessor().invoke(a));
    }
}
