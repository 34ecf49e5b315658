import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;

/** Interpreter kernel: HashMap and ArrayList as programs use them. */
public class KernelHashMap extends Harness {
    @Override
    protected long iterate() {
        Map<Integer, String> map = new HashMap<>();
        ArrayList<Integer> keys = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            map.put(i * 7, "v");
            keys.add(i * 5);
        }
        long sum = 0;
        for (int k : keys) {
            if (map.containsKey(k)) {
                sum += k + map.get(k).length();
            }
        }
        for (Map.Entry<Integer, String> e : map.entrySet()) {
            sum = sum * 31 + e.getKey();
        }
        for (int i = 0; i < 3000; i += 2) {
            map.remove(i * 7);
        }
        return sum * 31 + map.size();
    }

    public static void main(String[] args) {
        new KernelHashMap().start(args);
    }
}
