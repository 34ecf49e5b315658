import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/** Dijkstra on a random graph with the library's priority queue, Floyd-Warshall, and a union-find forest. */
public class ShortestPaths extends Harness {
    record Edge(int to, int weight) {}

    record Visit(int node, long distance) implements Comparable<Visit> {
        public int compareTo(Visit o) {
            return Long.compare(distance, o.distance);
        }
    }

    private static final int N = 3000, SMALL = 90;
    private final List<List<Edge>> graph = new ArrayList<>();

    private ShortestPaths() {
        int seed = 11;
        for (int i = 0; i < N; i++) {
            graph.add(new ArrayList<>());
            for (int k = 0; k < 6; k++) {
                seed = seed * 1103515245 + 12345;
                graph.get(i).add(new Edge((seed >>> 8) % N, 1 + (seed >>> 24)));
            }
        }
    }

    private long dijkstra(int from) {
        long[] distance = new long[N];
        Arrays.fill(distance, Long.MAX_VALUE);
        PriorityQueue<Visit> queue = new PriorityQueue<>();
        queue.add(new Visit(from, 0));
        distance[from] = 0;
        while (!queue.isEmpty()) {
            Visit v = queue.poll();
            if (v.distance() > distance[v.node()]) {
                continue;
            }
            for (Edge e : graph.get(v.node())) {
                long d = v.distance() + e.weight();
                if (d < distance[e.to()]) {
                    distance[e.to()] = d;
                    queue.add(new Visit(e.to(), d));
                }
            }
        }
        long sum = 0;
        for (long d : distance) {
            sum = sum * 31 + (d == Long.MAX_VALUE ? -1 : d);
        }
        return sum;
    }

    private long floyd() {
        int[][] d = new int[SMALL][SMALL];
        for (int i = 0; i < SMALL; i++) {
            for (int j = 0; j < SMALL; j++) {
                d[i][j] = i == j ? 0 : 1_000_000;
            }
            for (Edge e : graph.get(i)) {
                d[i][e.to() % SMALL] = Math.min(d[i][e.to() % SMALL], e.weight());
            }
        }
        for (int k = 0; k < SMALL; k++) {
            int[] dk = d[k];
            for (int i = 0; i < SMALL; i++) {
                int[] di = d[i];
                int via = di[k];
                for (int j = 0; j < SMALL; j++) {
                    if (via + dk[j] < di[j]) {
                        di[j] = via + dk[j];
                    }
                }
            }
        }
        long sum = 0;
        for (int[] row : d) {
            sum = sum * 31 + Arrays.hashCode(row);
        }
        return sum;
    }

    private static int find(int[] parent, int x) {
        while (parent[x] != x) {
            parent[x] = parent[parent[x]];
            x = parent[x];
        }
        return x;
    }

    private long spanningTree() {
        int[] parent = new int[N];
        Arrays.setAll(parent, i -> i);
        long[] edges = new long[6 * N];
        int n = 0;
        for (int i = 0; i < N; i++) {
            for (Edge e : graph.get(i)) {
                edges[n++] = (long) e.weight() << 40 | (long) i << 20 | e.to();
            }
        }
        Arrays.sort(edges);
        long total = 0;
        for (long e : edges) {
            int a = find(parent, (int) (e >> 20) & 0xfffff), b = find(parent, (int) e & 0xfffff);
            if (a != b) {
                parent[a] = b;
                total += e >> 40;
            }
        }
        return total;
    }

    @Override
    protected long iterate() {
        return dijkstra(0) + 31 * dijkstra(N / 2) + 7 * floyd() + spanningTree();
    }

    public static void main(String[] args) {
        new ShortestPaths().start(args);
    }
}
