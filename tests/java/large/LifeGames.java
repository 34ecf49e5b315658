import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Conway's game in four ways that must agree: arrays, sparse sets, bit rows and a memoising quad tree; and other automata. */
public class LifeGames {
    interface World {
        void set(int x, int y);
        boolean get(int x, int y);
        void step();
        int population();
    }

    static final class Dense implements World {
        final int size;
        boolean[][] cells;

        Dense(int size) {
            this.size = size;
            cells = new boolean[size][size];
        }

        public void set(int x, int y) { cells[y][x] = true; }
        public boolean get(int x, int y) { return x >= 0 && y >= 0 && x < size && y < size && cells[y][x]; }

        public void step() {
            boolean[][] next = new boolean[size][size];
            for (int y = 0; y < size; y++) {
                for (int x = 0; x < size; x++) {
                    int n = 0;
                    for (int dy = -1; dy <= 1; dy++) for (int dx = -1; dx <= 1; dx++) if ((dx != 0 || dy != 0) && get(x + dx, y + dy)) n++;
                    next[y][x] = n == 3 || n == 2 && cells[y][x];
                }
            }
            cells = next;
        }

        public int population() {
            int n = 0;
            for (boolean[] row : cells) for (boolean c : row) if (c) n++;
            return n;
        }
    }

    record Point(int x, int y) {}

    static final class Sparse implements World {
        Set<Point> alive = new HashSet<>();
        public void set(int x, int y) { alive.add(new Point(x, y)); }
        public boolean get(int x, int y) { return alive.contains(new Point(x, y)); }

        public void step() {
            Map<Point, Integer> n = new HashMap<>();
            for (Point p : alive) for (int dy = -1; dy <= 1; dy++) for (int dx = -1; dx <= 1; dx++) if (dx != 0 || dy != 0) n.merge(new Point(p.x() + dx, p.y() + dy), 1, Integer::sum);
            Set<Point> next = new HashSet<>();
            n.forEach((p, c) -> {
                if (c == 3 || c == 2 && alive.contains(p)) next.add(p);
            });
            alive = next;
        }

        public int population() { return alive.size(); }
    }

    static final class Rows implements World {
        final int h;
        long[] rows;
        Rows(int h) { this.h = h; rows = new long[h]; }
        public void set(int x, int y) { rows[y] |= 1L << x; }
        public boolean get(int x, int y) { return x >= 0 && x < 64 && y >= 0 && y < h && (rows[y] >>> x & 1) != 0; }

        public void step() {
            long[] next = new long[h];
            for (int y = 0; y < h; y++) {
                long a = y > 0 ? rows[y - 1] : 0, b = rows[y], c = y + 1 < h ? rows[y + 1] : 0;
                long[] in = {a << 1, a, a >>> 1, b << 1, b >>> 1, c << 1, c, c >>> 1};
                long s0 = 0, s1 = 0, s2 = 0;
                for (long v : in) {
                    long c0 = s0 & v;
                    s0 ^= v;
                    long c1 = s1 & c0;
                    s1 ^= c0;
                    s2 |= c1;
                }
                next[y] = s1 & ~s2 & (s0 | b);
            }
            rows = next;
        }

        public int population() { return Arrays.stream(rows).mapToInt(Long::bitCount).sum(); }
    }

    /** Hash-consed quad trees; {@code result} is memoised one generation ahead. */
    static final class Quad implements World {
        static final class Node {
            final Node nw, ne, sw, se;
            final int level, population;
            Node result;

            Node(int alive) {
                nw = ne = sw = se = null;
                level = 0;
                population = alive;
            }

            Node(Node nw, Node ne, Node sw, Node se) {
                this.nw = nw;
                this.ne = ne;
                this.sw = sw;
                this.se = se;
                level = nw.level + 1;
                population = nw.population + ne.population + sw.population + se.population;
            }

            @Override public int hashCode() { return System.identityHashCode(nw) + 11 * System.identityHashCode(ne) + 101 * System.identityHashCode(sw) + 1007 * System.identityHashCode(se); }
            @Override public boolean equals(Object o) { return o instanceof Node n && level > 0 && nw == n.nw && ne == n.ne && sw == n.sw && se == n.se; }
        }

        final Node dead = new Node(0), live = new Node(1);
        final Map<Node, Node> all = new HashMap<>();
        Node root;
        int half;

        Quad(int level) {
            root = empty(level);
            half = 1 << level - 1;
        }

        Node make(Node a, Node b, Node c, Node d) {
            Node n = new Node(a, b, c, d);
            Node old = all.putIfAbsent(n, n);
            return old == null ? n : old;
        }

        Node empty(int level) {
            if (level == 0) return dead;
            Node e = empty(level - 1);
            return make(e, e, e, e);
        }

        public void set(int x, int y) { root = set(root, x, y); }

        Node set(Node n, int x, int y) {
            if (n.level == 0) return live;
            int h = 1 << n.level - 1;
            if (y < h) return x < h ? make(set(n.nw, x, y), n.ne, n.sw, n.se) : make(n.nw, set(n.ne, x - h, y), n.sw, n.se);
            return x < h ? make(n.nw, n.ne, set(n.sw, x, y - h), n.se) : make(n.nw, n.ne, n.sw, set(n.se, x - h, y - h));
        }

        public boolean get(int x, int y) {
            Node n = root;
            if (x < 0 || y < 0 || x >= 1 << n.level || y >= 1 << n.level) return false;
            while (n.level > 0) {
                int h = 1 << n.level - 1;
                n = y < h ? x < h ? n.nw : n.ne : x < h ? n.sw : n.se;
                x &= h - 1;
                y &= h - 1;
            }
            return n == live;
        }

        Node cell(Node a, int count) { return count == 3 || count == 2 && a == live ? live : dead; }

        Node next(Node n) {
            if (n.result != null) return n.result;
            if (n.level == 2) {
                Node[][] g = {{n.nw.nw, n.nw.ne, n.ne.nw, n.ne.ne}, {n.nw.sw, n.nw.se, n.ne.sw, n.ne.se}, {n.sw.nw, n.sw.ne, n.se.nw, n.se.ne}, {n.sw.sw, n.sw.se, n.se.sw, n.se.se}};
                Node[] r = new Node[4];
                for (int i = 0; i < 4; i++) {
                    int x = 1 + i % 2, y = 1 + i / 2, c = 0;
                    for (int dy = -1; dy <= 1; dy++) for (int dx = -1; dx <= 1; dx++) if ((dx != 0 || dy != 0) && g[y + dy][x + dx] == live) c++;
                    r[i] = cell(g[y][x], c);
                }
                return n.result = make(r[0], r[1], r[2], r[3]);
            }
            Node n00 = centre(n.nw), n01 = centre(make(n.nw.ne, n.ne.nw, n.nw.se, n.ne.sw)), n02 = centre(n.ne);
            Node n10 = centre(make(n.nw.sw, n.nw.se, n.sw.nw, n.sw.ne)), n11 = centre(make(n.nw.se, n.ne.sw, n.sw.ne, n.se.nw)), n12 = centre(make(n.ne.sw, n.ne.se, n.se.nw, n.se.ne));
            Node n20 = centre(n.sw), n21 = centre(make(n.sw.ne, n.se.nw, n.sw.se, n.se.sw)), n22 = centre(n.se);
            return n.result = make(next(make(n00, n01, n10, n11)), next(make(n01, n02, n11, n12)), next(make(n10, n11, n20, n21)), next(make(n11, n12, n21, n22)));
        }

        Node centre(Node n) { return make(n.nw.se, n.ne.sw, n.sw.ne, n.se.nw); }

        public void step() {
            Node e = empty(root.level - 1);
            Node big = make(make(e, e, e, root.nw), make(e, e, root.ne, e), make(e, root.sw, e, e), make(root.se, e, e, e));
            root = next(big);
        }

        public int population() { return root.population; }
    }

    static void place(World w, int x, int y, String... rows) {
        for (int r = 0; r < rows.length; r++) for (int c = 0; c < rows[r].length(); c++) if (rows[r].charAt(c) == '#') w.set(x + c, y + r);
    }

    static String show(World w, int x, int y, int n) {
        StringBuilder b = new StringBuilder();
        for (int r = 0; r < n; r++) {
            for (int c = 0; c < n; c++) b.append(w.get(x + c, y + r) ? '#' : '.');
            b.append('\n');
        }
        return b.toString();
    }

    static String rule(int number, int width, int steps) {
        BitSet row = new BitSet(width);
        row.set(width / 2);
        int[] counts = new int[steps];
        for (int s = 0; s < steps; s++) {
            counts[s] = row.cardinality();
            BitSet next = new BitSet(width);
            for (int i = 0; i < width; i++) {
                int k = (row.get((i + width - 1) % width) ? 4 : 0) | (row.get(i) ? 2 : 0) | (row.get((i + 1) % width) ? 1 : 0);
                next.set(i, (number >> k & 1) != 0);
            }
            row = next;
        }
        return Arrays.toString(counts);
    }

    static int ant(int steps) {
        Set<Long> black = new HashSet<>();
        int x = 0, y = 0, d = 0;
        for (int i = 0; i < steps; i++) {
            long k = (long) x << 32 | y & 0xffffffffL;
            if (black.remove(k)) d = d + 3 & 3;
            else {
                black.add(k);
                d = d + 1 & 3;
            }
            x += d == 1 ? 1 : d == 3 ? -1 : 0;
            y += d == 0 ? -1 : d == 2 ? 1 : 0;
        }
        return black.size();
    }

    public static void main(String[] args) {
        Dense dense = new Dense(64);
        Sparse sparse = new Sparse();
        Rows rows = new Rows(64);
        Quad quad = new Quad(6);
        List<World> all = new ArrayList<>(List.of(dense, sparse, rows, quad));
        for (World w : all) {
            place(w, 30, 30, ".##", "##.", ".#.");
            place(w, 5, 5, ".#.", "..#", "###");
            place(w, 50, 50, "##", "##");
            place(w, 10, 40, "###");
        }
        for (int gen = 0; gen <= 60; gen++) {
            int p = dense.population();
            boolean same = true;
            for (World w : all) same &= w.population() == p;
            if (gen % 10 == 0 || !same) System.out.println("generation " + gen + " population " + p + " agree " + same);
            for (World w : all) w.step();
        }
        System.out.print(show(dense, 20, 20, 24));
        System.out.println(show(dense, 0, 0, 64).equals(show(quad, 0, 0, 64)) + " " + show(rows, 0, 0, 64).equals(show(sparse, 0, 0, 64)));
        Sparse gun = new Sparse();
        place(gun, 0, 0, "........................#...........", "......................#.#...........", "............##......##............##", "...........#...#....##............##", "##........#.....#...##..............", "##........#...#.##....#.#...........", "..........#.....#.......#...........", "...........#...#....................", "............##......................");
        for (int i = 0; i < 120; i++) gun.step();
        System.out.println("gun " + gun.population());
        for (int r : new int[] {30, 90, 110, 184}) System.out.println("rule " + r + " " + rule(r, 101, 24));
        System.out.println("ant " + ant(11000));
    }
}
