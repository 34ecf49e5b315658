import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/** Discrete events: a calendar, queues with servers, an elevator, a supermarket, an epidemic; statistics collected on the way. */
public class EventSimulation {
    static final class Calendar {
        private record Event(double at, long order, String label, Runnable action) {}
        private final PriorityQueue<Event> queue = new PriorityQueue<>(Comparator.comparingDouble(Event::at).thenComparingLong(Event::order));
        private double now;
        private long scheduled, fired;
        final List<String> log = new ArrayList<>();

        double now() { return now; }

        void in(double delay, String label, Runnable action) {
            if (delay < 0) throw new IllegalArgumentException("cannot schedule " + label + " in the past");
            queue.add(new Event(now + delay, scheduled++, label, action));
        }

        void every(double period, String label, Runnable action) {
            in(period, label, () -> {
                action.run();
                every(period, label, action);
            });
        }

        void run(double until) {
            while (!queue.isEmpty() && queue.peek().at() <= until) {
                Event e = queue.poll();
                now = e.at();
                fired++;
                if (log.size() < 6) log.add(String.format(Locale.ROOT, "%.3f %s", now, e.label()));
                e.action().run();
            }
            now = until;
        }
    }

    static final class Stat {
        private long n;
        private double mean, m2, min = Double.POSITIVE_INFINITY, max = Double.NEGATIVE_INFINITY;

        void add(double x) {
            n++;
            double d = x - mean;
            mean += d / n;
            m2 += d * (x - mean);
            min = Math.min(min, x);
            max = Math.max(max, x);
        }

        @Override public String toString() { return n == 0 ? "none" : String.format(Locale.ROOT, "n=%d mean=%.4f sd=%.4f min=%.4f max=%.4f", n, mean, Math.sqrt(m2 / n), min, max); }
    }

    /** Time-weighted average of a level. */
    static final class Level {
        private final Calendar c;
        private double area, since;
        private int value, peak;
        Level(Calendar c) { this.c = c; }
        void change(int by) {
            area += value * (c.now() - since);
            since = c.now();
            value += by;
            peak = Math.max(peak, value);
        }
        double average() { return (area + value * (c.now() - since)) / c.now(); }
    }

    static DoubleSupplier exponential(Random r, double mean) { return () -> -mean * StrictMath.log(1 - r.nextDouble()); }

    static final class Station {
        private record Customer(double arrived, int priority, Consumer<Station> after) {}
        final Calendar c;
        final String name;
        final int servers;
        final DoubleSupplier service;
        final PriorityQueue<Customer> waiting = new PriorityQueue<>(Comparator.comparingInt(Customer::priority).thenComparingDouble(Customer::arrived));
        final Stat wait = new Stat();
        final Level length;
        int busy, served;

        Station(Calendar c, String name, int servers, DoubleSupplier service) {
            this.c = c;
            this.name = name;
            this.servers = servers;
            this.service = service;
            this.length = new Level(c);
        }

        void arrive(int priority, Consumer<Station> after) {
            waiting.add(new Customer(c.now(), priority, after));
            length.change(1);
            begin();
        }

        private void begin() {
            while (busy < servers && !waiting.isEmpty()) {
                Customer k = waiting.poll();
                length.change(-1);
                wait.add(c.now() - k.arrived());
                busy++;
                c.in(service.getAsDouble(), name, () -> {
                    busy--;
                    served++;
                    k.after().accept(this);
                    begin();
                });
            }
        }

        @Override public String toString() { return name + " served " + served + " wait " + wait + String.format(Locale.ROOT, " length %.4f peak %d", length.average(), length.peak); }
    }

    static void queueing() {
        Calendar c = new Calendar();
        Random r = new Random(1);
        Station desk = new Station(c, "desk", 1, exponential(r, 0.8)), cash = new Station(c, "cash", 2, () -> 1 + r.nextDouble()), exit = new Station(c, "exit", 1, () -> 0.1);
        int[] left = new int[1];
        DoubleSupplier gap = exponential(r, 1);
        Runnable[] arrive = new Runnable[1];
        arrive[0] = () -> {
            desk.arrive(r.nextInt(10) == 0 ? 0 : 1, s -> (r.nextInt(4) > 0 ? cash : exit).arrive(1, t -> {
                if (t == cash) exit.arrive(1, u -> left[0]++);
                else left[0]++;
            }));
            c.in(gap.getAsDouble(), "arrival", arrive[0]);
        };
        c.in(0, "first", arrive[0]);
        c.run(5000);
        System.out.println(desk);
        System.out.println(cash);
        System.out.println(exit + " left " + left[0] + " events " + c.fired);
        c.log.forEach(System.out::println);
        try {
            c.in(-1, "nothing", () -> {});
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
    }

    enum Direction { UP, DOWN, IDLE }

    static void elevator() {
        Calendar c = new Calendar();
        Random r = new Random(2);
        int floors = 12;
        List<ArrayDeque<int[]>> waiting = new ArrayList<>();
        for (int i = 0; i < floors; i++) waiting.add(new ArrayDeque<>());
        List<int[]> inside = new ArrayList<>();
        Stat trip = new Stat();
        EnumMap<Direction, Integer> moves = new EnumMap<>(Direction.class);
        int[] floor = {0};
        Direction[] dir = {Direction.IDLE};
        c.every(7, "passenger", () -> {
            int from = r.nextInt(3) == 0 ? 0 : r.nextInt(floors), to = r.nextInt(floors);
            if (from != to) waiting.get(from).add(new int[] {to, (int) c.now()});
        });
        c.every(2, "lift", () -> {
            inside.removeIf(p -> {
                if (p[0] != floor[0]) return false;
                trip.add(c.now() - p[1]);
                return true;
            });
            while (inside.size() < 6 && !waiting.get(floor[0]).isEmpty()) inside.add(waiting.get(floor[0]).poll());
            boolean above = inside.stream().anyMatch(p -> p[0] > floor[0]), below = inside.stream().anyMatch(p -> p[0] < floor[0]);
            for (int f = 0; f < floors; f++) {
                if (waiting.get(f).isEmpty()) continue;
                above |= f > floor[0];
                below |= f < floor[0];
            }
            dir[0] = dir[0] == Direction.DOWN ? below ? Direction.DOWN : above ? Direction.UP : Direction.IDLE : above ? Direction.UP : below ? Direction.DOWN : Direction.IDLE;
            moves.merge(dir[0], 1, Integer::sum);
            floor[0] += switch (dir[0]) { case UP -> 1; case DOWN -> -1; case IDLE -> 0; };
        });
        c.run(20000);
        System.out.println("elevator " + trip + " " + moves + " inside " + inside.size() + " floor " + floor[0]);
    }

    static void epidemic() {
        Calendar c = new Calendar();
        Random r = new Random(3);
        int n = 400;
        int[] state = new int[n];
        TreeMap<Integer, Integer> daily = new TreeMap<>();
        int[] infected = {0};
        class Infect {
            void infect(int i) {
                if (state[i] != 0) return;
                state[i] = 1;
                infected[0]++;
                daily.merge((int) c.now() / 10, 1, Integer::sum);
                for (int k = 0; k < 3; k++) {
                    int other = Math.floorMod(i + (r.nextInt(5) == 0 ? r.nextInt(n) : r.nextInt(9) - 4), n);
                    c.in(1 + r.nextDouble() * 5, "contact", () -> {
                        if (state[i] == 1 && r.nextInt(10) < 6) infect(other);
                    });
                }
                c.in(4 + r.nextDouble() * 4, "recover", () -> state[i] = 2);
            }
        }
        Infect inf = new Infect();
        for (int i = 0; i < 5; i++) inf.infect(i * 70);
        c.run(1000);
        int[] count = new int[3];
        for (int s : state) count[s]++;
        System.out.println("epidemic infected " + infected[0] + " never " + count[0] + " ill " + count[1] + " well " + count[2] + " " + daily);
    }

    static void inventory() {
        Map<Integer, Double> cost = new TreeMap<>();
        for (int reorder = 10; reorder <= 60; reorder += 10) {
            Calendar c = new Calendar();
            Random r = new Random(4);
            double[] total = new double[1];
            int[] stock = {60};
            boolean[] ordered = new boolean[1];
            int level = reorder;
            c.every(1, "demand", () -> {
                int want = r.nextInt(9);
                int sold = Math.min(want, stock[0]);
                stock[0] -= sold;
                total[0] += (want - sold) * 5.0 + stock[0] * 0.1;
                if (stock[0] < level && !ordered[0]) {
                    ordered[0] = true;
                    total[0] += 20;
                    c.in(3 + r.nextInt(4), "delivery", () -> {
                        stock[0] += 60;
                        ordered[0] = false;
                    });
                }
            });
            c.run(3000);
            cost.put(reorder, Math.round(total[0] / 3000 * 1000) / 1000.0);
        }
        System.out.println("inventory " + cost + " best " + cost.entrySet().stream().min(Map.Entry.comparingByValue()).get());
    }

    public static void main(String[] args) {
        queueing();
        elevator();
        epidemic();
        inventory();
    }
}
