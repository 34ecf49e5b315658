import java.util.*;
import java.util.function.*;
import java.util.stream.*;

public class Streams {
    record Emp(String name, String dept, int salary, int age) {}

    public static void main(String[] args) {
        List<Emp> es = List.of(new Emp("Ann", "dev", 100, 30), new Emp("Bob", "dev", 80, 40), new Emp("Cyd", "ops", 70, 25), new Emp("Dan", "ops", 90, 50), new Emp("Eve", "hr", 60, 35));
        System.out.println(es.stream().filter(e -> e.salary() > 65).map(Emp::name).collect(Collectors.joining(",", "[", "]")));
        System.out.println(new TreeMap<>(es.stream().collect(Collectors.groupingBy(Emp::dept, Collectors.averagingInt(Emp::salary)))));
        System.out.println(es.stream().collect(Collectors.partitioningBy(e -> e.age() > 33, Collectors.mapping(Emp::name, Collectors.toList()))));
        System.out.println(es.stream().sorted(Comparator.comparing(Emp::dept).thenComparing(Emp::salary, Comparator.reverseOrder())).map(Emp::name).toList());
        System.out.println(es.stream().collect(Collectors.summarizingInt(Emp::age)));
        System.out.println(es.stream().max(Comparator.comparingInt(Emp::salary)).get().name() + es.stream().mapToInt(Emp::salary).sum() + es.stream().anyMatch(e -> e.age() == 25) + es.stream().allMatch(e -> e.age() > 25) + es.stream().noneMatch(e -> e.dept().isEmpty()));
        System.out.println(es.stream().collect(Collectors.toMap(Emp::dept, Emp::salary, Integer::sum, TreeMap::new)) + " " + es.stream().collect(Collectors.teeing(Collectors.counting(), Collectors.summingInt(Emp::salary), (n, s) -> s / n)));
        System.out.println(IntStream.rangeClosed(1, 10).boxed().flatMap(i -> IntStream.range(0, i % 3).mapToObj(j -> i * 10 + j)).toList());
        System.out.println(Stream.iterate(1, x -> x * 2).limit(10).skip(3).reduce(0, Integer::sum) + " " + Stream.iterate(1, x -> x < 50, x -> x * 3).toList() + Stream.generate(() -> "g").limit(2).toList());
        System.out.println(Stream.of(5, 3, 8, 3, 1).distinct().sorted().peek(x -> System.out.print("<" + x + ">")).takeWhile(x -> x < 8).dropWhile(x -> x < 3).toList());
        System.out.println(Arrays.toString(IntStream.of(3, 1, 2).map(x -> x * x).sorted().toArray()) + DoubleStream.of(1, 2, 3).average().getAsDouble() + LongStream.range(0, 1000).filter(x -> x % 7 == 0).count() + IntStream.range(0, 5).mapToObj(Integer::toString).collect(Collectors.joining()));
        System.out.println(Stream.of("a", "bb", "cc").collect(Collectors.collectingAndThen(Collectors.groupingBy(String::length, TreeMap::new, Collectors.counting()), Map::toString)) + Stream.of(1, 2, 3, 4).mapMulti((Integer x, Consumer<Object> c) -> { if (x % 2 == 0) { c.accept(x); c.accept("m" + x); } }).toList());
        System.out.println(IntStream.range(0, 10000).parallel().mapToObj(x -> x % 100).collect(Collectors.groupingByConcurrent(x -> x % 5, Collectors.counting())).values().stream().distinct().toList() + " " + IntStream.range(0, 100000).parallel().boxed().sorted(Comparator.reverseOrder()).skip(10).findFirst().get());
        System.out.println(List.of(1, 2, 3).parallelStream().map(x -> x * 2).collect(Collectors.toList()) + " " + IntStream.rangeClosed(1, 20).parallel().mapToObj(java.math.BigInteger::valueOf).reduce(java.math.BigInteger.ONE, java.math.BigInteger::multiply));
        Stream<Integer> once = Stream.of(1);
        once.count();
        try {
            once.count();
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
        try {
            Stream.of("a", "a").collect(Collectors.toMap(x -> x, x -> 1));
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
        Spliterator<Integer> sp = List.of(1, 2, 3, 4, 5, 6, 7, 8).spliterator(), half = sp.trySplit();
        System.out.println(sp.estimateSize() + " " + half.estimateSize() + StreamSupport.stream(half, false).toList() + sp.hasCharacteristics(Spliterator.SIZED));
        try (Stream<String> c = Stream.of("x").onClose(() -> System.out.println("closed"))) {
            System.out.println(c.findFirst().get());
        }
        Iterator<Integer> it = Stream.concat(Stream.of(1), Stream.of(2)).iterator();
        System.out.println(it.next() + it.next() + " " + it.hasNext() + "hello".chars().mapToObj(x -> (char) x).map(String::valueOf).collect(Collectors.toCollection(TreeSet::new)) + Collectors.class.getSimpleName());
        BinaryOperator<Integer> mx = BinaryOperator.maxBy(Comparator.naturalOrder());
        System.out.println(mx.apply(3, 4) + Stream.of(1, 2, 3, 4).reduce(1, (a, b) -> a * b, (a, b) -> a * b) + Stream.<Integer>empty().reduce(Integer::sum).map(String::valueOf).orElse("empty"));
    }
}
