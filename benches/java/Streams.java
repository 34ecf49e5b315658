import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Pipelines of {@code java.util.stream}: primitive and object streams, grouping, sorting, flat maps. */
public class Streams extends Harness {
    record Person(String name, int age, String city) {}

    private final List<Person> people = new ArrayList<>();

    private Streams() {
        String[] cities = {"Oslo", "Lima", "Pune", "Cork", "Bern"};
        for (int i = 0; i < 12000; i++) {
            people.add(new Person("name" + i * 31 % 997, i * 17 % 90, cities[i * 7 % 5]));
        }
    }

    @Override
    protected long iterate() {
        long sum = IntStream.range(0, 600_000).filter(i -> i % 3 == 0).mapToLong(i -> (long) i * i).sum();
        sum = sum * 31 + LongStream.rangeClosed(1, 20_000).map(x -> x ^ (x >> 3)).reduce(1, (a, b) -> a * 31 + b);
        Map<String, Double> average =
                people.stream().filter(p -> p.age() >= 18).collect(Collectors.groupingBy(Person::city, Collectors.averagingInt(Person::age)));
        for (String city : average.keySet().stream().sorted().collect(Collectors.toList())) {
            sum = sum * 31 + Double.doubleToLongBits(average.get(city));
        }
        sum = sum * 31 + people.stream().sorted(Comparator.comparing(Person::age).thenComparing(Person::name)).skip(100).limit(500)
                .map(Person::name).collect(Collectors.joining(",")).hashCode();
        sum = sum * 31 + people.stream().flatMap(p -> Stream.of(p.name(), p.city())).distinct().mapToInt(String::length).sum();
        return sum * 31 + IntStream.iterate(1, i -> i * 3 % 10_007).limit(5000).boxed().mapToInt(Integer::intValue).max().orElse(0);
    }

    public static void main(String[] args) {
        new Streams().start(args);
    }
}
