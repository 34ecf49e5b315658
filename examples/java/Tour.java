import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/** A short tour: records, lambdas, streams, threads, exceptions, and which VM runs them. */
public class Tour {
    record Coffee(String name, int height) {}

    public static void main(String[] args) throws Exception {
        System.out.println("Running on " + System.getProperty("java.vm.name") + " "
                + System.getProperty("java.vm.version") + ", class library "
                + System.getProperty("java.version"));

        var plants = List.of(new Coffee("Typica", 350), new Coffee("Bourbon", 300), new Coffee("Caturra", 180));
        var byFirst = plants.stream().collect(
                Collectors.groupingBy(c -> c.name().charAt(0), TreeMap::new, Collectors.toList()));
        System.out.println(byFirst);

        var pool = Executors.newFixedThreadPool(2);
        List<Future<Integer>> sums = List.of(pool.submit(() -> sum(1_000_000)), pool.submit(() -> sum(2_000_000)));
        for (var s : sums) {
            System.out.println("sum " + s.get());
        }
        pool.shutdown();

        try {
            Object coffee = plants.get(2);
            System.out.println(((String) coffee).length());
        } catch (ClassCastException e) {
            System.out.println(e.getMessage());
        }
        String missing = null;
        try {
            System.out.println(missing.length());
        } catch (NullPointerException e) {
            System.out.println(e.getMessage());
        }
    }

    static int sum(int n) {
        int s = 0;
        for (int i = 1; i <= n; i++) {
            s += i;
        }
        return s;
    }
}
