import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Identity hashes on the first thread are the same in every run on the reference JDK, and with them the order of maps
 * with enum constants, classes or plain objects as keys; on other threads they are at least different.
 */
public class IdentityOrder {
    enum Colour { RED, GREEN, BLUE, YELLOW, BLACK, WHITE }

    interface Shape {}

    static class Circle implements Shape {}

    static class Square implements Shape {}

    static class Sphere extends Circle {}

    public static void main(String[] args) throws Exception {
        System.out.println(new Object());
        Map<Colour, Integer> counts = new HashMap<>();
        for (Colour c : Colour.values()) counts.merge(c, c.ordinal(), Integer::sum);
        System.out.println(counts);
        Set<Class<?>> classes = new HashSet<>(List.of(Circle.class, Square.class, Sphere.class, Shape.class, Colour.class));
        System.out.println(classes);
        Map<Object, String> plain = new ConcurrentHashMap<>();
        for (int i = 0; i < 10; i++) plain.put(new Object(), "v" + i);
        System.out.println(plain.values());
        Function<Colour, String> name = c -> c.name().toLowerCase();
        System.out.println(name.apply(Colour.RED) + new EnumMap<>(Map.of(Colour.RED, 1)) + new Circle());
        Set<Integer> hashes = new HashSet<>();
        for (int t = 0; t < 100; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 100; i++) hashes.add(System.identityHashCode(new Object()));
            });
            thread.start();
            thread.join();
        }
        System.out.println(hashes.size() > 9990);
    }
}
