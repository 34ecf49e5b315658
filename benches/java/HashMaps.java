import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The library's maps with int, string and record keys: puts, gets, misses, removals, iteration, growth. */
public class HashMaps extends Harness {
    record Point(int x, int y) {}

    private static long ints(Map<Integer, Integer> map) {
        for (int i = 0; i < 4000; i++) {
            map.put(i * 0x9E3779B1 >>> 12, i);
        }
        long sum = 0;
        for (int i = 0; i < 8000; i++) {
            Integer v = map.get(i * 0x9E3779B1 >>> 12);
            sum += v == null ? 1 : v;
        }
        for (int i = 0; i < 4000; i += 3) {
            map.remove(i * 0x9E3779B1 >>> 12);
        }
        for (Map.Entry<Integer, Integer> e : map.entrySet()) {
            sum += e.getKey() ^ e.getValue();
        }
        return sum * 31 + map.size();
    }

    private static long words() {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            counts.merge("word" + i * 7919 % 613, 1, Integer::sum);
        }
        long sum = 0;
        for (String key : new TreeMap<>(counts).keySet()) {
            sum = sum * 31 + key.hashCode() * counts.get(key);
        }
        return sum;
    }

    private static long points() {
        HashSet<Point> seen = new HashSet<>();
        int x = 0, y = 0, seed = 1, again = 0;
        for (int i = 0; i < 10_000; i++) {
            seed = seed * 1103515245 + 12345;
            switch (seed >>> 30) {
                case 0 -> x++;
                case 1 -> x--;
                case 2 -> y++;
                default -> y--;
            }
            if (!seen.add(new Point(x, y))) {
                again++;
            }
        }
        return seen.size() * 31L + again;
    }

    @Override
    protected long iterate() {
        return ints(new HashMap<>()) + 3 * ints(new LinkedHashMap<>()) + 5 * ints(new ConcurrentHashMap<>())
                + 7 * ints(new TreeMap<>()) + words() * 11 + points();
    }

    public static void main(String[] args) {
        new HashMaps().start(args);
    }
}
