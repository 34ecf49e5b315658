import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Conway's game on a boolean grid, and on a set of boxed cells. */
public class GameOfLife extends Harness {
    private static final int SIZE = 128;

    private static boolean[][] step(boolean[][] grid) {
        boolean[][] next = new boolean[SIZE][SIZE];
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                int n = 0;
                for (int dy = -1; dy <= 1; dy++) {
                    for (int dx = -1; dx <= 1; dx++) {
                        if ((dx != 0 || dy != 0) && grid[(y + dy) & (SIZE - 1)][(x + dx) & (SIZE - 1)]) {
                            n++;
                        }
                    }
                }
                next[y][x] = n == 3 || n == 2 && grid[y][x];
            }
        }
        return next;
    }

    private static Set<Long> step(Set<Long> alive) {
        Map<Long, Integer> counts = new HashMap<>();
        for (long cell : alive) {
            int x = (int) (cell >> 32), y = (int) cell;
            for (int dy = -1; dy <= 1; dy++) {
                for (int dx = -1; dx <= 1; dx++) {
                    if (dx != 0 || dy != 0) {
                        counts.merge((long) (x + dx) << 32 | (y + dy) & 0xffffffffL, 1, Integer::sum);
                    }
                }
            }
        }
        Set<Long> next = new HashSet<>();
        for (Map.Entry<Long, Integer> e : counts.entrySet()) {
            if (e.getValue() == 3 || e.getValue() == 2 && alive.contains(e.getKey())) {
                next.add(e.getKey());
            }
        }
        return next;
    }

    @Override
    protected long iterate() {
        boolean[][] grid = new boolean[SIZE][SIZE];
        Set<Long> alive = new HashSet<>();
        int seed = 5;
        for (int i = 0; i < 3000; i++) {
            seed = seed * 1103515245 + 12345;
            grid[seed >>> 25][seed >>> 11 & 127] = true;
            if (i < 120) {
                alive.add((long) (seed >>> 28) << 32 | (seed >>> 20 & 15));
            }
        }
        for (int i = 0; i < 30; i++) {
            grid = step(grid);
        }
        for (int i = 0; i < 20; i++) {
            alive = step(alive);
        }
        long sum = alive.size();
        for (boolean[] row : grid) {
            for (boolean b : row) {
                sum = sum * 31 + (b ? 1 : 0);
            }
        }
        return sum;
    }

    public static void main(String[] args) {
        new GameOfLife().start(args);
    }
}
