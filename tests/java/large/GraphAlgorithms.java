import java.util.*;

/** Shortest paths, spanning trees, flows, matchings, components, topological order, bridges, tours; cross-checked where two ways exist. */
public class GraphAlgorithms {
    record Edge(int from, int to, int weight) implements Comparable<Edge> {
        public int compareTo(Edge o) { return weight != o.weight ? Integer.compare(weight, o.weight) : from != o.from ? Integer.compare(from, o.from) : Integer.compare(to, o.to); }
    }

    static final class Graph {
        final int n;
        final List<List<Edge>> out = new ArrayList<>();
        final List<Edge> edges = new ArrayList<>();

        Graph(int n) {
            this.n = n;
            for (int i = 0; i < n; i++) out.add(new ArrayList<>());
        }

        void add(int a, int b, int w) {
            Edge e = new Edge(a, b, w);
            out.get(a).add(e);
            edges.add(e);
        }

        void both(int a, int b, int w) {
            add(a, b, w);
            add(b, a, w);
        }
    }

    static final long INF = Long.MAX_VALUE / 4;

    static long[] dijkstra(Graph g, int s) {
        long[] d = new long[g.n];
        Arrays.fill(d, INF);
        d[s] = 0;
        PriorityQueue<long[]> q = new PriorityQueue<>(Comparator.comparingLong((long[] x) -> x[0]).thenComparingLong(x -> x[1]));
        q.add(new long[] {0, s});
        while (!q.isEmpty()) {
            long[] top = q.poll();
            int u = (int) top[1];
            if (top[0] > d[u]) continue;
            for (Edge e : g.out.get(u)) {
                if (d[u] + e.weight() < d[e.to()]) {
                    d[e.to()] = d[u] + e.weight();
                    q.add(new long[] {d[e.to()], e.to()});
                }
            }
        }
        return d;
    }

    /** Null where a negative cycle is reachable. */
    static long[] bellmanFord(Graph g, int s) {
        long[] d = new long[g.n];
        Arrays.fill(d, INF);
        d[s] = 0;
        for (int i = 0; i < g.n; i++) {
            boolean changed = false;
            for (Edge e : g.edges) {
                if (d[e.from()] < INF && d[e.from()] + e.weight() < d[e.to()]) {
                    d[e.to()] = d[e.from()] + e.weight();
                    changed = true;
                }
            }
            if (!changed) return d;
        }
        return null;
    }

    static long[][] floydWarshall(Graph g) {
        long[][] d = new long[g.n][g.n];
        for (long[] row : d) Arrays.fill(row, INF);
        for (int i = 0; i < g.n; i++) d[i][i] = 0;
        for (Edge e : g.edges) d[e.from()][e.to()] = Math.min(d[e.from()][e.to()], e.weight());
        for (int k = 0; k < g.n; k++) for (int i = 0; i < g.n; i++) for (int j = 0; j < g.n; j++) if (d[i][k] + d[k][j] < d[i][j]) d[i][j] = d[i][k] + d[k][j];
        return d;
    }

    static final class Union {
        final int[] parent, size;
        Union(int n) {
            parent = new int[n];
            size = new int[n];
            for (int i = 0; i < n; i++) {
                parent[i] = i;
                size[i] = 1;
            }
        }
        int find(int x) { return parent[x] == x ? x : (parent[x] = find(parent[x])); }
        boolean join(int a, int b) {
            a = find(a);
            b = find(b);
            if (a == b) return false;
            if (size[a] < size[b]) { int t = a; a = b; b = t; }
            parent[b] = a;
            size[a] += size[b];
            return true;
        }
    }

    static long kruskal(Graph g) {
        List<Edge> es = new ArrayList<>(g.edges);
        Collections.sort(es);
        Union u = new Union(g.n);
        long w = 0;
        for (Edge e : es) if (u.join(e.from(), e.to())) w += e.weight();
        return w;
    }

    static long prim(Graph g) {
        boolean[] in = new boolean[g.n];
        long w = 0;
        for (int s = 0; s < g.n; s++) {
            if (in[s]) continue;
            PriorityQueue<Edge> q = new PriorityQueue<>();
            in[s] = true;
            q.addAll(g.out.get(s));
            while (!q.isEmpty()) {
                Edge e = q.poll();
                if (in[e.to()]) continue;
                in[e.to()] = true;
                w += e.weight();
                q.addAll(g.out.get(e.to()));
            }
        }
        return w;
    }

    static List<List<Integer>> tarjan(Graph g) {
        int[] index = new int[g.n], low = new int[g.n];
        boolean[] on = new boolean[g.n];
        Deque<Integer> stack = new ArrayDeque<>();
        List<List<Integer>> out = new ArrayList<>();
        int[] counter = {0};
        for (int v = 0; v < g.n; v++) if (index[v] == 0) strong(g, v, index, low, on, stack, out, counter);
        return out;
    }

    private static void strong(Graph g, int v, int[] index, int[] low, boolean[] on, Deque<Integer> stack, List<List<Integer>> out, int[] counter) {
        index[v] = low[v] = ++counter[0];
        stack.push(v);
        on[v] = true;
        for (Edge e : g.out.get(v)) {
            if (index[e.to()] == 0) {
                strong(g, e.to(), index, low, on, stack, out, counter);
                low[v] = Math.min(low[v], low[e.to()]);
            } else if (on[e.to()]) low[v] = Math.min(low[v], index[e.to()]);
        }
        if (low[v] == index[v]) {
            List<Integer> c = new ArrayList<>();
            int w;
            do {
                w = stack.pop();
                on[w] = false;
                c.add(w);
            } while (w != v);
            Collections.sort(c);
            out.add(c);
        }
    }

    static List<Integer> topological(Graph g) {
        int[] in = new int[g.n];
        for (Edge e : g.edges) in[e.to()]++;
        PriorityQueue<Integer> q = new PriorityQueue<>();
        for (int i = 0; i < g.n; i++) if (in[i] == 0) q.add(i);
        List<Integer> out = new ArrayList<>();
        while (!q.isEmpty()) {
            int u = q.poll();
            out.add(u);
            for (Edge e : g.out.get(u)) if (--in[e.to()] == 0) q.add(e.to());
        }
        if (out.size() < g.n) throw new IllegalStateException("cycle among " + (g.n - out.size()) + " nodes");
        return out;
    }

    static int maxFlow(int[][] cap, int s, int t) {
        int n = cap.length, flow = 0;
        int[][] c = new int[n][];
        for (int i = 0; i < n; i++) c[i] = cap[i].clone();
        while (true) {
            int[] prev = new int[n];
            Arrays.fill(prev, -1);
            prev[s] = s;
            ArrayDeque<Integer> q = new ArrayDeque<>(List.of(s));
            while (!q.isEmpty() && prev[t] < 0) {
                int u = q.poll();
                for (int v = 0; v < n; v++) if (c[u][v] > 0 && prev[v] < 0) { prev[v] = u; q.add(v); }
            }
            if (prev[t] < 0) return flow;
            int add = Integer.MAX_VALUE;
            for (int v = t; v != s; v = prev[v]) add = Math.min(add, c[prev[v]][v]);
            for (int v = t; v != s; v = prev[v]) { c[prev[v]][v] -= add; c[v][prev[v]] += add; }
            flow += add;
        }
    }

    static int matching(boolean[][] can) {
        int[] owner = new int[can[0].length];
        Arrays.fill(owner, -1);
        int m = 0;
        for (int i = 0; i < can.length; i++) if (augment(can, i, owner, new boolean[owner.length])) m++;
        return m;
    }

    private static boolean augment(boolean[][] can, int i, int[] owner, boolean[] seen) {
        for (int j = 0; j < owner.length; j++) {
            if (!can[i][j] || seen[j]) continue;
            seen[j] = true;
            if (owner[j] < 0 || augment(can, owner[j], owner, seen)) {
                owner[j] = i;
                return true;
            }
        }
        return false;
    }

    static int tour(int[][] d) {
        int n = d.length, full = 1 << n;
        int[][] best = new int[full][n];
        for (int[] row : best) Arrays.fill(row, Integer.MAX_VALUE / 2);
        best[1][0] = 0;
        for (int set = 1; set < full; set += 2)
            for (int last = 0; last < n; last++)
                if ((set >> last & 1) != 0)
                    for (int next = 1; next < n; next++)
                        if ((set >> next & 1) == 0) best[set | 1 << next][next] = Math.min(best[set | 1 << next][next], best[set][last] + d[last][next]);
        int r = Integer.MAX_VALUE;
        for (int last = 1; last < n; last++) r = Math.min(r, best[full - 1][last] + d[last][0]);
        return r;
    }

    static Set<String> bridges(Graph g) {
        int[] in = new int[g.n], low = new int[g.n];
        Set<String> out = new TreeSet<>();
        int[] t = {0};
        for (int v = 0; v < g.n; v++) if (in[v] == 0) bridge(g, v, -1, in, low, t, out);
        return out;
    }

    private static void bridge(Graph g, int v, int from, int[] in, int[] low, int[] t, Set<String> out) {
        in[v] = low[v] = ++t[0];
        for (Edge e : g.out.get(v)) {
            if (e.to() == from) continue;
            if (in[e.to()] > 0) low[v] = Math.min(low[v], in[e.to()]);
            else {
                bridge(g, e.to(), v, in, low, t, out);
                low[v] = Math.min(low[v], low[e.to()]);
                if (low[e.to()] > in[v]) out.add(Math.min(v, e.to()) + "-" + Math.max(v, e.to()));
            }
        }
    }

    public static void main(String[] args) {
        Random r = new Random(2024);
        Graph g = new Graph(60);
        for (int i = 0; i < 260; i++) g.both(r.nextInt(60), r.nextInt(60), 1 + r.nextInt(100));
        long[] d = dijkstra(g, 0), b = bellmanFord(g, 0);
        long[][] f = floydWarshall(g);
        System.out.println(Arrays.equals(d, b) + " " + Arrays.equals(d, f[0]) + " " + Arrays.stream(d).filter(x -> x < INF).sum() + " " + Arrays.stream(d).max().getAsLong());
        System.out.println(kruskal(g) + " " + prim(g));
        Graph neg = new Graph(4);
        neg.add(0, 1, 4); neg.add(1, 2, -6); neg.add(2, 3, 1); neg.add(0, 3, 3);
        System.out.println(Arrays.toString(bellmanFord(neg, 0)));
        neg.add(2, 1, 2);
        System.out.println(Arrays.toString(bellmanFord(neg, 0)));
        Graph dg = new Graph(40);
        for (int i = 0; i < 55; i++) dg.add(r.nextInt(40), r.nextInt(40), 1);
        List<List<Integer>> comps = tarjan(dg);
        System.out.println(comps.size() + " " + comps.stream().filter(c -> c.size() > 1).toList());
        try {
            topological(dg);
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
        Graph dag = new Graph(20);
        for (int i = 0; i < 40; i++) {
            int x = r.nextInt(20), y = r.nextInt(20);
            if (x != y) dag.add(Math.min(x, y) * 7 % 20, Math.max(x, y) * 7 % 20, 1);
        }
        System.out.println(topological(dag));
        int[][] cap = new int[12][12];
        for (int i = 0; i < 50; i++) cap[r.nextInt(12)][r.nextInt(12)] += r.nextInt(20);
        System.out.println(maxFlow(cap, 0, 11) + " " + maxFlow(new int[][] {{0, 16, 13, 0, 0, 0}, {0, 0, 10, 12, 0, 0}, {0, 4, 0, 0, 14, 0}, {0, 0, 9, 0, 0, 20}, {0, 0, 0, 7, 0, 4}, {0, 0, 0, 0, 0, 0}}, 0, 5));
        boolean[][] can = new boolean[15][15];
        for (boolean[] row : can) for (int k = 0; k < 2; k++) row[r.nextInt(15)] = true;
        int[][] asFlow = new int[32][32];
        for (int i = 0; i < 15; i++) {
            asFlow[30][i] = 1;
            asFlow[15 + i][31] = 1;
            for (int j = 0; j < 15; j++) if (can[i][j]) asFlow[i][15 + j] = 1;
        }
        System.out.println(matching(can) + " " + maxFlow(asFlow, 30, 31));
        int[][] dist = new int[11][11];
        for (int i = 0; i < 11; i++) for (int j = 0; j < i; j++) dist[i][j] = dist[j][i] = 10 + r.nextInt(90);
        System.out.println(tour(dist));
        Graph sparse = new Graph(25);
        for (int i = 1; i < 25; i++) sparse.both(i, r.nextInt(i), 1);
        for (int i = 0; i < 6; i++) {
            int x = r.nextInt(25), y = r.nextInt(25);
            if (x != y && sparse.out.get(x).stream().noneMatch(e -> e.to() == y)) sparse.both(x, y, 1);
        }
        System.out.println(bridges(sparse));
    }
}
