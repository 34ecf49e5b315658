import java.util.HashMap;

/** Collector: a map of 200,000 entries whose values are replaced at random: old objects point to young ones. */
public class GcMap extends Harness {
    private final HashMap<Integer, Object[]> map = new HashMap<>();

    @Override
    protected long iterate() {
        int seed = 1;
        long sum = 0;
        for (int i = 0; i < 200_000; i++) {
            map.put(i, new Object[] {i});
        }
        for (int i = 0; i < 600_000; i++) {
            seed = seed * 1103515245 + 12345;
            int key = (seed >>> 8) % 200_000;
            Object[] old = map.put(key, new Object[] {Integer.valueOf(i), old(i)});
            sum = sum * 31 + old.length;
        }
        return sum;
    }

    private static byte[] old(int i) {
        return (i & 15) == 0 ? new byte[64] : null;
    }

    public static void main(String[] args) {
        new GcMap().start(args);
    }
}
