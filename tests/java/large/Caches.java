import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;

/** Caches with different policies over one generic interface, fed with the same traces; all checked against a slow model. */
public class Caches {
    interface Cache<K, V> extends Iterable<K> {
        V get(K key);
        void put(K key, V value);
        int size();
        String policy();

        default V computeIfAbsent(K key, Function<? super K, ? extends V> f) {
            V v = get(key);
            if (v == null) {
                v = f.apply(key);
                put(key, v);
            }
            return v;
        }
    }

    /** Least recently used: hash map into a doubly linked list with a sentinel. */
    static final class Lru<K, V> implements Cache<K, V> {
        private static final class Node<K, V> {
            K key;
            V value;
            Node<K, V> prev, next;
        }

        private final Map<K, Node<K, V>> map = new HashMap<>();
        private final Node<K, V> head = new Node<>();
        private final int capacity;
        private int modifications;

        Lru(int capacity) {
            if (capacity < 1) throw new IllegalArgumentException("capacity " + capacity);
            this.capacity = capacity;
            head.prev = head.next = head;
        }

        private void unlink(Node<K, V> n) {
            n.prev.next = n.next;
            n.next.prev = n.prev;
        }

        private void front(Node<K, V> n) {
            n.next = head.next;
            n.prev = head;
            head.next.prev = n;
            head.next = n;
        }

        @Override public V get(K key) {
            Node<K, V> n = map.get(key);
            if (n == null) return null;
            unlink(n);
            front(n);
            return n.value;
        }

        @Override public void put(K key, V value) {
            modifications++;
            Node<K, V> n = map.get(key);
            if (n == null) {
                if (map.size() == capacity) {
                    map.remove(head.prev.key);
                    unlink(head.prev);
                }
                n = new Node<>();
                n.key = key;
                map.put(key, n);
            } else {
                unlink(n);
            }
            n.value = value;
            front(n);
        }

        @Override public int size() { return map.size(); }
        @Override public String policy() { return "LRU"; }

        @Override public Iterator<K> iterator() {
            return new Iterator<>() {
                Node<K, V> at = head.next;
                final int expected = modifications;
                @Override public boolean hasNext() { return at != head; }
                @Override public K next() {
                    if (expected != modifications) throw new java.util.ConcurrentModificationException();
                    if (at == head) throw new NoSuchElementException();
                    K k = at.key;
                    at = at.next;
                    return k;
                }
            };
        }
    }

    /** Least frequently used, oldest first within one frequency. */
    static final class Lfu<K, V> implements Cache<K, V> {
        private final Map<K, V> values = new HashMap<>();
        private final Map<K, Integer> uses = new HashMap<>();
        private final TreeMap<Integer, LinkedHashSet<K>> byUse = new TreeMap<>();
        private final int capacity;
        Lfu(int capacity) { this.capacity = capacity; }

        private void touch(K k) {
            int u = uses.merge(k, 1, Integer::sum);
            byUse.computeIfPresent(u - 1, (x, s) -> { s.remove(k); return s.isEmpty() ? null : s; });
            byUse.computeIfAbsent(u, x -> new LinkedHashSet<>()).add(k);
        }

        @Override public V get(K k) {
            V v = values.get(k);
            if (v != null) touch(k);
            return v;
        }

        @Override public void put(K k, V v) {
            if (!values.containsKey(k) && values.size() == capacity) {
                var e = byUse.firstEntry();
                K victim = e.getValue().iterator().next();
                e.getValue().remove(victim);
                if (e.getValue().isEmpty()) byUse.remove(e.getKey());
                values.remove(victim);
                uses.remove(victim);
            }
            values.put(k, v);
            touch(k);
        }

        @Override public int size() { return values.size(); }
        @Override public String policy() { return "LFU"; }
        @Override public Iterator<K> iterator() { return byUse.values().stream().flatMap(java.util.Collection::stream).iterator(); }
    }

    static class Fifo<K, V> implements Cache<K, V> {
        final Map<K, V> map = new HashMap<>();
        final ArrayDeque<K> order = new ArrayDeque<>();
        final int capacity;
        Fifo(int capacity) { this.capacity = capacity; }
        @Override public V get(K k) { return map.get(k); }
        @Override public void put(K k, V v) {
            if (map.put(k, v) == null) {
                order.add(k);
                if (order.size() > capacity) evict();
            }
        }
        void evict() { map.remove(order.remove()); }
        @Override public int size() { return map.size(); }
        @Override public String policy() { return "FIFO"; }
        @Override public Iterator<K> iterator() { return order.iterator(); }
    }

    /** Second chance: FIFO with a reference bit. */
    static final class Clock<K, V> extends Fifo<K, V> {
        private final Map<K, Boolean> referenced = new HashMap<>();
        Clock(int capacity) { super(capacity); }
        @Override public V get(K k) {
            V v = super.get(k);
            if (v != null) referenced.put(k, true);
            return v;
        }
        @Override void evict() {
            while (Boolean.TRUE.equals(referenced.remove(order.peek()))) order.add(order.remove());
            super.evict();
        }
        @Override public String policy() { return "CLOCK"; }
    }

    /** The slow, obvious LRU. */
    static final class Model {
        final List<Integer> keys = new ArrayList<>();
        final int capacity;
        Model(int c) { capacity = c; }
        boolean touch(int k) {
            boolean hit = keys.remove((Integer) k);
            keys.add(0, k);
            if (keys.size() > capacity) keys.remove(keys.size() - 1);
            return hit;
        }
    }

    interface Trace { int next(Random r, int i); }

    static int hits(Cache<Integer, String> c, Trace t) {
        Random r = new Random(99);
        int[] misses = new int[1];
        int n = 8000;
        for (int i = 0; i < n; i++) {
            int k = t.next(r, i);
            String v = c.computeIfAbsent(k, x -> {
                misses[0]++;
                return "v" + x;
            });
            if (!v.equals("v" + k)) throw new AssertionError(v);
        }
        return n - misses[0];
    }

    public static void main(String[] args) {
        Map<String, Trace> traces = new LinkedHashMap<>();
        traces.put("uniform", (r, i) -> r.nextInt(200));
        traces.put("skewed", (r, i) -> (int) Math.abs(r.nextGaussian() * 30));
        traces.put("loop", (r, i) -> i % 70);
        traces.put("scan", (r, i) -> i % 10 == 0 ? 1000 + i : r.nextInt(60));
        traces.put("phases", (r, i) -> i / 1000 * 40 + r.nextInt(60));
        traces.forEach((name, t) -> {
            StringBuilder line = new StringBuilder(name);
            List<Cache<Integer, String>> cs = List.of(new Lru<>(64), new Lfu<>(64), new Fifo<>(64), new Clock<>(64));
            for (Cache<Integer, String> c : cs) line.append(' ').append(c.policy()).append('=').append(hits(c, t)).append('/').append(c.size());
            System.out.println(line);
        });
        Lru<Integer, Integer> lru = new Lru<>(20);
        LinkedHashMap<Integer, Integer> jdk = new LinkedHashMap<>(16, 0.75f, true) {
            @Override protected boolean removeEldestEntry(Map.Entry<Integer, Integer> e) { return size() > 20; }
        };
        Model model = new Model(20);
        Random r = new Random(7);
        int wrong = 0;
        for (int i = 0; i < 20000; i++) {
            int k = r.nextInt(40);
            boolean hit = lru.get(k) != null, jhit = jdk.get(k) != null, mhit = model.touch(k);
            if (hit != mhit || jhit != mhit) wrong++;
            if (!hit) lru.put(k, i);
            if (!jhit) jdk.put(k, i);
        }
        List<Integer> order = new ArrayList<>();
        lru.forEach(order::add);
        List<Integer> jorder = new ArrayList<>(jdk.keySet());
        java.util.Collections.reverse(jorder);
        System.out.println("wrong " + wrong + " " + order.equals(model.keys) + " " + order.equals(jorder) + " " + order);
        try {
            for (Integer k : lru) lru.put(k + 1000, 0);
        } catch (java.util.ConcurrentModificationException e) {
            System.out.println("fails fast");
        }
        try {
            new Lru<String, String>(0);
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        Iterator<Integer> it = new Lru<Integer, Integer>(1).iterator();
        try {
            it.next();
        } catch (NoSuchElementException e) {
            System.out.println("empty");
        }
        Lru<Long, Long> memo = new Lru<>(100);
        System.out.println(fib(memo, 80));
    }

    static long fib(Cache<Long, Long> memo, long n) {
        if (n < 2) return n;
        Long known = memo.get(n);
        if (known != null) return known;
        long v = fib(memo, n - 1) + fib(memo, n - 2);
        memo.put(n, v);
        return v;
    }
}
