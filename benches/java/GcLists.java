import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;

/** Collector: a queue of a fixed length whose elements live through several young collections and then die. */
public class GcLists extends Harness {
    record Order(int number, String customer, List<Integer> items) {}

    @Override
    protected long iterate() {
        ArrayDeque<Order> queue = new ArrayDeque<>();
        LinkedList<Order> kept = new LinkedList<>();
        long sum = 0;
        for (int i = 0; i < 250_000; i++) {
            List<Integer> items = new ArrayList<>(4);
            for (int k = 0; k < (i & 3); k++) {
                items.add(i * k);
            }
            queue.add(new Order(i, "c" + i % 1000, items));
            if (queue.size() > 40_000) {
                Order o = queue.poll();
                sum = sum * 31 + o.number() + o.items().size();
                if (i % 10 == 0) {
                    kept.add(o);
                }
                if (kept.size() > 5000) {
                    sum += kept.removeFirst().customer().length();
                }
            }
        }
        return sum;
    }

    public static void main(String[] args) {
        new GcLists().start(args);
    }
}
