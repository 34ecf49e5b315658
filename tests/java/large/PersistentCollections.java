import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Immutable collections: cons lists, lazy streams, a hash trie, a red-black tree, vectors, zippers; old versions stay what they were. */
public class PersistentCollections {
    sealed interface PList<T> extends Iterable<T> permits Nil, Cons {
        @SuppressWarnings("unchecked") static <T> PList<T> nil() { return (PList<T>) Nil.NIL; }
        @SafeVarargs static <T> PList<T> of(T... ts) {
            PList<T> l = nil();
            for (int i = ts.length - 1; i >= 0; i--) l = new Cons<>(ts[i], l);
            return l;
        }
        default <R> R fold(R start, BiFunction<? super R, ? super T, ? extends R> f) {
            R r = start;
            for (T t : this) r = f.apply(r, t);
            return r;
        }
        default PList<T> reverse() { return fold(PList.<T>nil(), (l, t) -> new Cons<>(t, l)); }
        default <R> PList<R> map(Function<? super T, ? extends R> f) { return fold(PList.<R>nil(), (l, t) -> new Cons<R>(f.apply(t), l)).reverse(); }
        default PList<T> filter(Predicate<? super T> p) { return fold(PList.<T>nil(), (l, t) -> p.test(t) ? new Cons<>(t, l) : l).reverse(); }
        default <R> PList<R> flatMap(Function<? super T, PList<R>> f) { return fold(PList.<R>nil(), (l, t) -> f.apply(t).fold(l, (m, r) -> new Cons<>(r, m))).reverse(); }
        @Override default Iterator<T> iterator() {
            return new Iterator<>() {
                PList<T> at = PList.this;
                @Override public boolean hasNext() { return at instanceof Cons; }
                @Override public T next() {
                    if (!(at instanceof Cons<T> c)) throw new java.util.NoSuchElementException();
                    at = c.tail();
                    return c.head();
                }
            };
        }
    }

    enum Nil implements PList<Object> { NIL; @Override public String toString() { return "[]"; } }
    record Cons<T>(T head, PList<T> tail) implements PList<T> {
        @Override public String toString() { return fold(new StringBuilder("["), (b, t) -> b.append(b.length() > 1 ? " " : "").append(t)) + "]"; }
    }

    /** Lazy and memoised: each tail is computed once. */
    static final class Lazy<T> {
        final T head;
        private Supplier<Lazy<T>> later;
        private Lazy<T> tail;
        static int forced;
        Lazy(T head, Supplier<Lazy<T>> later) { this.head = head; this.later = later; }
        Lazy<T> tail() {
            if (later != null) {
                forced++;
                tail = later.get();
                later = null;
            }
            return tail;
        }
        Lazy<T> filter(Predicate<T> p) {
            Lazy<T> l = this;
            while (!p.test(l.head)) l = l.tail();
            Lazy<T> found = l;
            return new Lazy<>(l.head, () -> found.tail().filter(p));
        }
        List<T> take(int n) {
            List<T> out = new ArrayList<>();
            for (Lazy<T> l = this; n > 0; n--, l = n > 0 ? l.tail() : l) out.add(l.head);
            return out;
        }
        static Lazy<Integer> from(int n) { return new Lazy<>(n, () -> from(n + 1)); }
        static Lazy<Integer> sieve(Lazy<Integer> l) { return new Lazy<>(l.head, () -> sieve(l.tail().filter(x -> x % l.head != 0))); }
        static <T> Lazy<T> iterate(T t, Function<T, T> f) { return new Lazy<>(t, () -> iterate(f.apply(t), f)); }
    }

    /** A hash array mapped trie: 32-way nodes compressed by a bitmap, buckets where hashes collide. */
    static final class HashTrie<K, V> {
        private static final class Node {
            final int bitmap;
            final Object[] slots;
            Node(int bitmap, Object... slots) { this.bitmap = bitmap; this.slots = slots; }
        }
        private record Entry(Object key, Object value) {}
        private record Bucket(int hash, List<Entry> entries) {}

        private static final Node EMPTY = new Node(0);
        final Node root;
        final int size;
        HashTrie() { this(EMPTY, 0); }
        private HashTrie(Node root, int size) { this.root = root; this.size = size; }

        @SuppressWarnings("unchecked") V get(K k) {
            Object at = root;
            for (int shift = 0, h = k.hashCode(); ; shift += 5) {
                if (at instanceof Node n) {
                    int bit = 1 << (h >>> shift & 31);
                    if (shift > 30 || (n.bitmap & bit) == 0) return null;
                    at = n.slots[Integer.bitCount(n.bitmap & bit - 1)];
                } else if (at instanceof Entry e) return e.key().equals(k) ? (V) e.value() : null;
                else return (V) ((Bucket) at).entries().stream().filter(e -> e.key().equals(k)).map(Entry::value).findFirst().orElse(null);
            }
        }

        HashTrie<K, V> put(K k, V v) {
            boolean[] added = new boolean[1];
            Node n = put(root, 0, k.hashCode(), new Entry(k, v), added);
            return new HashTrie<>(n, size + (added[0] ? 1 : 0));
        }

        private static Node put(Node n, int shift, int h, Entry e, boolean[] added) {
            int bit = 1 << (h >>> shift & 31), i = Integer.bitCount(n.bitmap & bit - 1);
            if ((n.bitmap & bit) == 0) {
                Object[] s = new Object[n.slots.length + 1];
                System.arraycopy(n.slots, 0, s, 0, i);
                s[i] = e;
                System.arraycopy(n.slots, i, s, i + 1, n.slots.length - i);
                added[0] = true;
                return new Node(n.bitmap | bit, s);
            }
            Object[] s = n.slots.clone();
            Object old = s[i];
            if (old instanceof Node m) s[i] = put(m, shift + 5, h, e, added);
            else if (old instanceof Entry o && o.key().equals(e.key())) s[i] = e;
            else {
                int oh = old instanceof Entry o ? o.key().hashCode() : ((Bucket) old).hash();
                if (oh == h) {
                    List<Entry> es = new ArrayList<>(old instanceof Bucket b ? b.entries() : List.of((Entry) old));
                    added[0] = !es.removeIf(x -> x.key().equals(e.key()));
                    es.add(e);
                    s[i] = new Bucket(h, es);
                } else {
                    Node m = new Node(1 << (oh >>> shift + 5 & 31), old);
                    s[i] = put(m, shift + 5, h, e, added);
                }
            }
            return new Node(n.bitmap, s);
        }

        void each(java.util.function.BiConsumer<Object, Object> c) { each(root, c); }
        private static void each(Object o, java.util.function.BiConsumer<Object, Object> c) {
            if (o instanceof Node n) for (Object s : n.slots) each(s, c);
            else if (o instanceof Entry e) c.accept(e.key(), e.value());
            else ((Bucket) o).entries().forEach(e -> c.accept(e.key(), e.value()));
        }
    }

    /** Okasaki's red-black insertion. */
    static final class RedBlack<K extends Comparable<K>, V> {
        record Node<K, V>(boolean red, Node<K, V> l, K k, V v, Node<K, V> r) {}
        final Node<K, V> root;
        RedBlack() { this(null); }
        private RedBlack(Node<K, V> r) { root = r; }

        RedBlack<K, V> put(K k, V v) {
            Node<K, V> n = ins(root, k, v);
            return new RedBlack<>(new Node<>(false, n.l(), n.k(), n.v(), n.r()));
        }

        private Node<K, V> ins(Node<K, V> n, K k, V v) {
            if (n == null) return new Node<>(true, null, k, v, null);
            int c = k.compareTo(n.k());
            if (c < 0) return balance(n.red(), ins(n.l(), k, v), n.k(), n.v(), n.r());
            if (c > 0) return balance(n.red(), n.l(), n.k(), n.v(), ins(n.r(), k, v));
            return new Node<>(n.red(), n.l(), k, v, n.r());
        }

        private static <K, V> boolean red(Node<K, V> n) { return n != null && n.red(); }

        private static <K, V> Node<K, V> balance(boolean red, Node<K, V> l, K k, V v, Node<K, V> r) {
            if (!red) {
                if (red(l) && red(l.l())) return join(l.l().l(), l.l(), l.l().r(), l, l.r(), k, v, r);
                if (red(l) && red(l.r())) return join(l.l(), l, l.r().l(), l.r(), l.r().r(), k, v, r);
                if (red(r) && red(r.l())) return new Node<>(true, new Node<>(false, l, k, v, r.l().l()), r.l().k(), r.l().v(), new Node<>(false, r.l().r(), r.k(), r.v(), r.r()));
                if (red(r) && red(r.r())) return new Node<>(true, new Node<>(false, l, k, v, r.l()), r.k(), r.v(), new Node<>(false, r.r().l(), r.r().k(), r.r().v(), r.r().r()));
            }
            return new Node<>(red, l, k, v, r);
        }

        private static <K, V> Node<K, V> join(Node<K, V> a, Node<K, V> x, Node<K, V> b, Node<K, V> y, Node<K, V> c, K k, V v, Node<K, V> d) {
            return new Node<>(true, new Node<>(false, a, x.k(), x.v(), b), y.k(), y.v(), new Node<>(false, c, k, v, d));
        }

        /** Black height, or an exception where an invariant is broken. */
        static <K, V> int check(Node<K, V> n) {
            if (n == null) return 1;
            if (n.red() && (red(n.l()) || red(n.r()))) throw new IllegalStateException("red under red");
            int a = check(n.l()), b = check(n.r());
            if (a != b) throw new IllegalStateException("black heights " + a + " " + b);
            return a + (n.red() ? 0 : 1);
        }

        static <K, V> void walk(Node<K, V> n, java.util.function.BiConsumer<K, V> c) {
            if (n == null) return;
            walk(n.l(), c);
            c.accept(n.k(), n.v());
            walk(n.r(), c);
        }
    }

    record Zipper<T>(PList<T> left, T focus, PList<T> right) {
        Zipper<T> next() { return right instanceof Cons<T> c ? new Zipper<>(new Cons<>(focus, left), c.head(), c.tail()) : this; }
        Zipper<T> back() { return left instanceof Cons<T> c ? new Zipper<>(c.tail(), c.head(), new Cons<>(focus, right)) : this; }
        Zipper<T> edit(T t) { return new Zipper<>(left, t, right); }
        PList<T> all() { return left.fold((PList<T>) new Cons<>(focus, right), (l, t) -> new Cons<>(t, l)); }
    }

    record Collide(String s) { @Override public int hashCode() { return s.length(); } }

    public static void main(String[] args) {
        PList<Integer> l = PList.of(1, 2, 3, 4, 5);
        System.out.println(l + " " + l.map(x -> x * x) + " " + l.filter(x -> x % 2 == 1).reverse() + " " + l.flatMap(x -> PList.of(x, -x)) + " " + l.fold(0, Integer::sum) + " " + PList.nil() + " " + l.equals(PList.of(1, 2, 3, 4, 5)) + " " + PList.of("a", null));
        PList<Integer> big = PList.nil();
        for (int i = 0; i < 50000; i++) big = new Cons<>(i, big);
        System.out.println(big.map(x -> x & 7).filter(x -> x == 3).fold(0L, (a, x) -> a + x));
        System.out.println(Lazy.sieve(Lazy.from(2)).take(20) + " forced " + Lazy.forced);
        Lazy<Integer> nat = Lazy.from(1);
        nat.take(10);
        int before = Lazy.forced;
        nat.take(10);
        System.out.println((Lazy.forced == before) + " " + Lazy.iterate(1L, x -> x * 3).take(8) + Lazy.iterate("", s -> s + "x").take(4));
        Random r = new Random(9);
        List<HashTrie<Integer, Integer>> versions = new ArrayList<>();
        HashTrie<Integer, Integer> t = new HashTrie<>();
        Map<Integer, Integer> model = new HashMap<>();
        List<Map<Integer, Integer>> copies = new ArrayList<>();
        for (int i = 0; i < 6000; i++) {
            int k = r.nextInt() >> r.nextInt(31);
            t = t.put(k, i);
            model.put(k, i);
            if (i % 1500 == 0) {
                versions.add(t);
                copies.add(new HashMap<>(model));
            }
        }
        int wrong = 0;
        for (int k = -3000; k < 3000; k++) if (!Objects.equals(t.get(k), model.get(k))) wrong++;
        for (var e : model.entrySet()) if (!e.getValue().equals(t.get(e.getKey()))) wrong++;
        for (int i = 0; i < versions.size(); i++) for (var e : copies.get(i).entrySet()) if (!e.getValue().equals(versions.get(i).get(e.getKey()))) wrong++;
        TreeMap<Object, Object> seen = new TreeMap<>();
        t.each(seen::put);
        System.out.println("trie " + wrong + " " + t.size + " " + (t.size == model.size()) + " " + seen.equals(model));
        HashTrie<Collide, Integer> c = new HashTrie<>();
        for (int i = 0; i < 200; i++) c = c.put(new Collide("k" + i), i).put(new Collide("k" + i / 2), i);
        System.out.println(c.size + " " + c.get(new Collide("k99")) + " " + c.get(new Collide("k100")) + " " + c.get(new Collide("none")) + " " + new HashTrie<String, String>().get("x"));
        RedBlack<String, Integer> rb = new RedBlack<>(), old = null;
        for (int i = 0; i < 2000; i++) {
            rb = rb.put("k" + (i * 7919 % 1500), i);
            if (i == 99) old = rb;
        }
        int[] count = new int[2];
        String[] last = {""};
        RedBlack.walk(rb.root, (k, v) -> {
            if (last[0].compareTo(k) >= 0) count[1]++;
            last[0] = k;
            count[0]++;
        });
        int[] oldCount = new int[1];
        RedBlack.walk(old.root, (k, v) -> oldCount[0]++);
        System.out.println("red-black " + count[0] + " disorder " + count[1] + " black height " + RedBlack.check(rb.root) + " old " + oldCount[0]);
        Zipper<String> z = new Zipper<>(PList.nil(), "a", PList.of("b", "c"));
        System.out.println(z.next().next().edit("C").back().edit("B").all() + " " + z.all() + " " + z.back().all() + " " + new AbstractMap.SimpleImmutableEntry<>(1, 2) + Arrays.asList(1, 2));
    }
}
