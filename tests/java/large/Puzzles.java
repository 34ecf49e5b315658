import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;

/** Exact cover with dancing links (sudoku, pentominoes, queens), backtracking, bit tricks, A* on the sliding puzzle, a knight's tour. */
public class Puzzles {
    static class Link {
        Link left = this, right = this, up = this, down = this;
        Column column;
        int row;
    }

    static final class Column extends Link {
        int size;
        final String name;
        Column(String name) { this.name = name; column = this; }
    }

    static final class ExactCover {
        final Column root = new Column("root");
        final List<Column> columns = new ArrayList<>();
        final List<Integer> chosen = new ArrayList<>();
        long visits, solutions;
        long limit = Long.MAX_VALUE;

        ExactCover(int primary, int secondary) {
            for (int i = 0; i < primary + secondary; i++) {
                Column c = new Column("c" + i);
                columns.add(c);
                if (i < primary) {
                    c.left = root.left;
                    c.right = root;
                    root.left.right = c;
                    root.left = c;
                }
            }
        }

        void row(int id, int... cols) {
            Link first = null;
            for (int k : cols) {
                Column c = columns.get(k);
                Link l = new Link();
                l.column = c;
                l.row = id;
                l.up = c.up;
                l.down = c;
                c.up.down = l;
                c.up = l;
                c.size++;
                if (first == null) first = l;
                l.left = first.left;
                l.right = first;
                first.left.right = l;
                first.left = l;
            }
        }

        void cover(Column c) {
            c.right.left = c.left;
            c.left.right = c.right;
            for (Link r = c.down; r != c; r = r.down) {
                for (Link n = r.right; n != r; n = n.right) {
                    n.down.up = n.up;
                    n.up.down = n.down;
                    n.column.size--;
                }
            }
        }

        void uncover(Column c) {
            for (Link r = c.up; r != c; r = r.up) {
                for (Link n = r.left; n != r; n = n.left) {
                    n.column.size++;
                    n.down.up = n;
                    n.up.down = n;
                }
            }
            c.right.left = c;
            c.left.right = c;
        }

        void solve(Consumer<List<Integer>> out) {
            if (solutions >= limit) return;
            visits++;
            if (root.right == root) {
                solutions++;
                out.accept(chosen);
                return;
            }
            Column best = null;
            for (Link l = root.right; l != root; l = l.right) if (best == null || l.column.size < best.size) best = l.column;
            cover(best);
            for (Link r = best.down; r != best; r = r.down) {
                chosen.add(r.row);
                for (Link n = r.right; n != r; n = n.right) cover(n.column);
                solve(out);
                for (Link n = r.left; n != r; n = n.left) uncover(n.column);
                chosen.remove(chosen.size() - 1);
            }
            uncover(best);
        }
    }

    static void sudoku(String given) {
        ExactCover x = new ExactCover(324, 0);
        for (int i = 0; i < 81; i++) {
            for (int d = 0; d < 9; d++) {
                if (given.charAt(i) != '.' && given.charAt(i) - '1' != d) continue;
                int r = i / 9, c = i % 9, b = r / 3 * 3 + c / 3;
                x.row(i * 9 + d, i, 81 + r * 9 + d, 162 + c * 9 + d, 243 + b * 9 + d);
            }
        }
        x.limit = 2;
        char[] grid = given.toCharArray();
        x.solve(rows -> rows.forEach(k -> grid[k / 9] = (char) ('1' + k % 9)));
        System.out.println("sudoku solutions " + x.solutions + " visits " + x.visits);
        if (x.solutions == 1) for (int r = 0; r < 9; r += 4) System.out.println("  " + new String(grid, r * 9, 9));
    }

    static void queens(int n) {
        ExactCover x = new ExactCover(2 * n, 4 * n - 2);
        for (int r = 0; r < n; r++) for (int c = 0; c < n; c++) x.row(r * n + c, r, n + c, 2 * n + r + c, 4 * n - 1 + r - c + n - 1);
        int[] first = new int[n];
        x.solve(rows -> {
            if (x.solutions == 1) rows.forEach(k -> first[k / n] = k % n);
        });
        System.out.println("queens " + n + " " + x.solutions + " " + bits(n, 0, 0, 0) + " " + Arrays.toString(first));
    }

    static int bits(int n, int cols, int d1, int d2) {
        int all = (1 << n) - 1;
        if (cols == all) return 1;
        int count = 0;
        for (int free = all & ~(cols | d1 | d2); free != 0; free &= free - 1) {
            int q = free & -free;
            count += bits(n, cols | q, (d1 | q) << 1, (d2 | q) >>> 1);
        }
        return count;
    }

    static void pentominoes(int h, int w) {
        String[] shapes = {"F.##/##./.#.", "I#####", "L####/#...", "N##../.###", "P##/##/#.", "T###/.#./.#.", "U#.#/###", "V#../#../###", "W#../##./.##", "X.#./###/.#.", "Y####/.#..", "Z##./.#./.##"};
        ExactCover x = new ExactCover(12 + h * w, 0);
        List<String> names = new ArrayList<>();
        for (int s = 0; s < shapes.length; s++) {
            Set<Set<Integer>> seen = new HashSet<>();
            List<int[]> cells = new ArrayList<>();
            String[] rows = shapes[s].substring(1).split("/");
            for (int r = 0; r < rows.length; r++) for (int c = 0; c < rows[r].length(); c++) if (rows[r].charAt(c) == '#') cells.add(new int[] {r, c});
            for (int o = 0; o < 8; o++) {
                List<int[]> t = new ArrayList<>();
                int mr = 9, mc = 9;
                for (int[] p : cells) {
                    int r = p[0], c = p[1];
                    if ((o & 4) != 0) c = -c;
                    for (int k = 0; k < (o & 3); k++) {
                        int q = r;
                        r = c;
                        c = -q;
                    }
                    t.add(new int[] {r, c});
                    mr = Math.min(mr, r);
                    mc = Math.min(mc, c);
                }
                for (int r = 0; r < h; r++) {
                    for (int c = 0; c < w; c++) {
                        Set<Integer> at = new HashSet<>();
                        for (int[] p : t) {
                            int rr = p[0] - mr + r, cc = p[1] - mc + c;
                            if (rr < h && cc < w) at.add(rr * w + cc);
                        }
                        if (at.size() < 5 || !seen.add(at)) continue;
                        int[] cols = new int[6];
                        cols[0] = s;
                        int k = 1;
                        for (int p : at.stream().sorted().toList()) cols[k++] = 12 + p;
                        x.row(names.size(), cols);
                        names.add(shapes[s].charAt(0) + "" + at.stream().sorted().toList());
                    }
                }
            }
        }
        x.solve(rows -> {
            if (x.solutions == 1) System.out.println("  first uses " + rows.stream().map(i -> names.get(i).charAt(0)).toList());
        });
        System.out.println("pentominoes " + h + "x" + w + " placements " + names.size() + " solutions " + x.solutions + " visits " + x.visits);
    }

    static int slide(String start, String goal, int w) {
        record State(String s, int cost, int estimate, int order) {}
        Map<String, Integer> best = new HashMap<>();
        int[] order = {0};
        PriorityQueue<State> q = new PriorityQueue<>((a, b) -> a.estimate() != b.estimate() ? Integer.compare(a.estimate(), b.estimate()) : Integer.compare(b.order(), a.order()));
        q.add(new State(start, 0, distance(start, goal, w), 0));
        best.put(start, 0);
        while (!q.isEmpty()) {
            State s = q.poll();
            if (s.s().equals(goal)) return s.cost();
            if (s.cost() > best.get(s.s())) continue;
            int z = s.s().indexOf('_');
            int[] moves = {z % w > 0 ? z - 1 : -1, z % w < w - 1 ? z + 1 : -1, z - w, z + w};
            for (int m : moves) {
                if (m < 0 || m >= start.length()) continue;
                char[] c = s.s().toCharArray();
                c[z] = c[m];
                c[m] = '_';
                String t = new String(c);
                if (s.cost() + 1 < best.getOrDefault(t, Integer.MAX_VALUE)) {
                    best.put(t, s.cost() + 1);
                    q.add(new State(t, s.cost() + 1, s.cost() + 1 + distance(t, goal, w), ++order[0]));
                }
            }
        }
        return -1;
    }

    static int distance(String s, String goal, int w) {
        int d = 0;
        for (int i = 0; i < s.length(); i++) {
            if (s.charAt(i) == '_') continue;
            int g = goal.indexOf(s.charAt(i));
            d += Math.abs(i % w - g % w) + Math.abs(i / w - g / w);
        }
        return d;
    }

    static String knight(int n) {
        int[][] at = new int[n][n];
        int[][] jumps = {{1, 2}, {2, 1}, {2, -1}, {1, -2}, {-1, -2}, {-2, -1}, {-2, 1}, {-1, 2}};
        int x = 0, y = 0;
        for (int k = 1; k <= n * n; k++) {
            at[y][x] = k;
            int bx = -1, by = -1, fewest = 9;
            for (int[] j : jumps) {
                int nx = x + j[0], ny = y + j[1];
                if (nx < 0 || ny < 0 || nx >= n || ny >= n || at[ny][nx] != 0) continue;
                int exits = 0;
                for (int[] i : jumps) {
                    int mx = nx + i[0], my = ny + i[1];
                    if (mx >= 0 && my >= 0 && mx < n && my < n && at[my][mx] == 0) exits++;
                }
                if (exits < fewest) {
                    fewest = exits;
                    bx = nx;
                    by = ny;
                }
            }
            if (bx < 0) return k == n * n ? "complete " + Arrays.hashCode(Arrays.stream(at).mapToInt(Arrays::hashCode).toArray()) : "stuck at " + k;
            x = bx;
            y = by;
        }
        return "unreachable";
    }

    static void cryptarithm(String a, String b, String c) {
        List<Character> letters = new ArrayList<>((a + b + c).chars().mapToObj(i -> (char) i).distinct().toList());
        assign(a, b, c, letters, 0, new int[128], new BitSet());
    }

    static long value(String s, int[] v) {
        long n = 0;
        for (char ch : s.toCharArray()) n = n * 10 + v[ch];
        return n;
    }

    static void assign(String a, String b, String c, List<Character> letters, int i, int[] v, BitSet used) {
        if (i == letters.size()) {
            if (value(a, v) + value(b, v) == value(c, v)) System.out.println(a + "+" + b + "=" + c + ": " + value(a, v) + "+" + value(b, v) + "=" + value(c, v));
            return;
        }
        char ch = letters.get(i);
        for (int d = used.nextClearBit(0); d < 10; d = used.nextClearBit(d + 1)) {
            if (d == 0 && (a.charAt(0) == ch || b.charAt(0) == ch || c.charAt(0) == ch)) continue;
            used.set(d);
            v[ch] = d;
            assign(a, b, c, letters, i + 1, v, used);
            used.clear(d);
        }
    }

    public static void main(String[] args) {
        sudoku("53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79");
        sudoku("8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4..");
        sudoku(".".repeat(81));
        sudoku("55" + ".".repeat(79));
        for (int n = 4; n <= 8; n++) queens(n);
        pentominoes(3, 20);
        System.out.println(slide("1_3425786", "12345678_", 3) + " " + slide("8672543_1", "12345678_", 3));
        for (int n = 5; n <= 8; n++) System.out.println("knight " + n + " " + knight(n));
        cryptarithm("TO", "GO", "OUT");
        cryptarithm("AB", "BA", "CDC");
        cryptarithm("ODD", "ODD", "EVEN");
    }
}
