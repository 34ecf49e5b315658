import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.TreeMap;

/** A key-value store: B+ tree in memory checked against TreeMap, a paged file with a cache, a log with recovery. */
public class BTreeStore {
    static final int ORDER = 8;

    static abstract class Node {
        final List<Integer> keys = new ArrayList<>();
        abstract int height();
    }

    static final class Leaf extends Node {
        final List<String> values = new ArrayList<>();
        Leaf next;
        int height() { return 1; }
    }

    static final class Inner extends Node {
        final List<Node> kids = new ArrayList<>();
        int height() { return 1 + kids.get(0).height(); }
    }

    record Split(int key, Node right) {}

    static final class Tree implements Iterable<Map.Entry<Integer, String>> {
        Node root = new Leaf();
        int size, modifications, splits, merges;

        static int upper(List<Integer> keys, int k) {
            int lo = 0, hi = keys.size();
            while (lo < hi) {
                int mid = lo + hi >>> 1;
                if (keys.get(mid) <= k) lo = mid + 1;
                else hi = mid;
            }
            return lo;
        }

        String get(int k) {
            Node n = root;
            while (n instanceof Inner in) n = in.kids.get(upper(in.keys, k));
            int i = upper(n.keys, k) - 1;
            return i >= 0 && n.keys.get(i) == k ? ((Leaf) n).values.get(i) : null;
        }

        String put(int k, String v) {
            modifications++;
            String[] old = new String[1];
            Split s = put(root, k, v, old);
            if (s != null) {
                Inner r = new Inner();
                r.keys.add(s.key());
                r.kids.add(root);
                r.kids.add(s.right());
                root = r;
            }
            if (old[0] == null) size++;
            return old[0];
        }

        private Split put(Node n, int k, String v, String[] old) {
            int i = upper(n.keys, k);
            if (n instanceof Leaf l) {
                if (i > 0 && l.keys.get(i - 1) == k) {
                    old[0] = l.values.set(i - 1, v);
                    return null;
                }
                l.keys.add(i, k);
                l.values.add(i, v);
                if (l.keys.size() <= ORDER) return null;
                splits++;
                Leaf r = new Leaf();
                int half = l.keys.size() / 2;
                move(l.keys, half, r.keys);
                move(l.values, half, r.values);
                r.next = l.next;
                l.next = r;
                return new Split(r.keys.get(0), r);
            }
            Inner in = (Inner) n;
            Split s = put(in.kids.get(i), k, v, old);
            if (s == null) return null;
            in.keys.add(i, s.key());
            in.kids.add(i + 1, s.right());
            if (in.keys.size() <= ORDER) return null;
            splits++;
            Inner r = new Inner();
            int half = in.keys.size() / 2;
            move(in.keys, half + 1, r.keys);
            move(in.kids, half + 1, r.kids);
            return new Split(in.keys.remove(half), r);
        }

        private static <T> void move(List<T> from, int at, List<T> to) {
            List<T> tail = from.subList(at, from.size());
            to.addAll(tail);
            tail.clear();
        }

        String remove(int k) {
            modifications++;
            String[] old = new String[1];
            remove(root, k, old);
            if (root instanceof Inner in && in.kids.size() == 1) root = in.kids.get(0);
            if (old[0] != null) size--;
            return old[0];
        }

        private void remove(Node n, int k, String[] old) {
            int i = upper(n.keys, k);
            if (n instanceof Leaf l) {
                if (i > 0 && l.keys.get(i - 1) == k) {
                    l.keys.remove(i - 1);
                    old[0] = l.values.remove(i - 1);
                }
                return;
            }
            Inner in = (Inner) n;
            remove(in.kids.get(i), k, old);
            if (in.kids.get(i).keys.size() < ORDER / 2) rebalance(in, i);
        }

        private void rebalance(Inner p, int i) {
            int l = i > 0 ? i - 1 : i;
            if (l + 1 >= p.kids.size()) return;
            Node a = p.kids.get(l), b = p.kids.get(l + 1);
            if (a instanceof Leaf x && b instanceof Leaf y) {
                x.keys.addAll(y.keys);
                x.values.addAll(y.values);
                y.keys.clear();
                y.values.clear();
                if (x.keys.size() <= ORDER) {
                    merges++;
                    x.next = y.next;
                    p.keys.remove(l);
                    p.kids.remove(l + 1);
                } else {
                    int half = x.keys.size() / 2;
                    move(x.keys, half, y.keys);
                    move(x.values, half, y.values);
                    p.keys.set(l, y.keys.get(0));
                }
            } else if (a instanceof Inner x && b instanceof Inner y) {
                x.keys.add(p.keys.get(l));
                x.keys.addAll(y.keys);
                x.kids.addAll(y.kids);
                y.keys.clear();
                y.kids.clear();
                if (x.keys.size() <= ORDER) {
                    merges++;
                    p.keys.remove(l);
                    p.kids.remove(l + 1);
                } else {
                    int half = x.keys.size() / 2;
                    move(x.keys, half + 1, y.keys);
                    move(x.kids, half + 1, y.kids);
                    p.keys.set(l, x.keys.remove(half));
                }
            }
        }

        int check(Node n, long lo, long hi) {
            for (int i = 0; i < n.keys.size(); i++) {
                int k = n.keys.get(i);
                if (k < lo || k >= hi || i > 0 && n.keys.get(i - 1) >= k) throw new IllegalStateException("order at " + k);
            }
            if (n instanceof Leaf l) {
                if (l.keys.size() != l.values.size()) throw new IllegalStateException("leaf");
                return l.keys.size();
            }
            Inner in = (Inner) n;
            if (in.kids.size() != in.keys.size() + 1) throw new IllegalStateException("inner");
            int sum = 0;
            for (int i = 0; i < in.kids.size(); i++) {
                if (in.kids.get(i).height() != in.kids.get(0).height()) throw new IllegalStateException("height");
                sum += check(in.kids.get(i), i == 0 ? lo : in.keys.get(i - 1), i == in.keys.size() ? hi : in.keys.get(i));
            }
            return sum;
        }

        @Override public Iterator<Map.Entry<Integer, String>> iterator() { return from(Integer.MIN_VALUE); }

        Iterator<Map.Entry<Integer, String>> from(int k) {
            Node n = root;
            while (n instanceof Inner in) n = in.kids.get(upper(in.keys, k));
            Leaf first = (Leaf) n;
            int start = 0;
            while (start < first.keys.size() && first.keys.get(start) < k) start++;
            int begin = start;
            return new Iterator<>() {
                Leaf l = first;
                int i = begin;
                final int expected = modifications;
                @Override public boolean hasNext() {
                    while (l != null && i >= l.keys.size()) {
                        l = l.next;
                        i = 0;
                    }
                    return l != null;
                }
                @Override public Map.Entry<Integer, String> next() {
                    if (expected != modifications) throw new ConcurrentModificationException();
                    if (!hasNext()) throw new NoSuchElementException();
                    return Map.entry(l.keys.get(i), l.values.get(i++));
                }
            };
        }
    }

    /** Fixed-size pages in a file behind a write-back cache. */
    static final class Pages implements AutoCloseable {
        static final int SIZE = 256;
        final RandomAccessFile file;
        int reads, writes;
        private final LinkedHashMap<Integer, ByteBuffer> cache = new LinkedHashMap<>(16, 0.75f, true) {
            @Override protected boolean removeEldestEntry(Map.Entry<Integer, ByteBuffer> e) {
                if (size() <= 4) return false;
                flush(e.getKey(), e.getValue());
                return true;
            }
        };

        Pages(Path p) throws IOException { file = new RandomAccessFile(p.toFile(), "rw"); }

        private void flush(int n, ByteBuffer b) {
            try {
                writes++;
                file.seek((long) n * SIZE);
                file.write(b.array());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        ByteBuffer page(int n) throws IOException {
            ByteBuffer b = cache.get(n);
            if (b == null) {
                b = ByteBuffer.allocate(SIZE);
                if ((long) n * SIZE < file.length()) {
                    reads++;
                    file.seek((long) n * SIZE);
                    file.readFully(b.array(), 0, (int) Math.min(SIZE, file.length() - (long) n * SIZE));
                }
                cache.put(n, b);
            }
            return b;
        }

        @Override public void close() throws IOException {
            cache.forEach(this::flush);
            file.close();
        }
    }

    /** Operations appended to a log; replay stops at a damaged record. */
    static byte[] log(Object[][] ops) throws IOException {
        ByteArrayOutputStream b = new ByteArrayOutputStream();
        DataOutputStream o = new DataOutputStream(b);
        for (Object[] op : ops) {
            ByteArrayOutputStream rec = new ByteArrayOutputStream();
            DataOutputStream r = new DataOutputStream(rec);
            r.writeBoolean(op.length == 2);
            r.writeInt((Integer) op[0]);
            if (op.length == 2) r.writeUTF((String) op[1]);
            o.writeInt(rec.size());
            o.write(rec.toByteArray());
            o.writeInt(Arrays.hashCode(rec.toByteArray()));
        }
        return b.toByteArray();
    }

    static String replay(byte[] log) {
        Tree t = new Tree();
        int n = 0;
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(log))) {
            while (in.available() > 0) {
                byte[] rec = new byte[in.readInt()];
                in.readFully(rec);
                if (in.readInt() != Arrays.hashCode(rec)) return n + " records, then damage; size " + t.size;
                DataInputStream r = new DataInputStream(new ByteArrayInputStream(rec));
                boolean put = r.readBoolean();
                int k = r.readInt();
                if (put) t.put(k, r.readUTF());
                else t.remove(k);
                n++;
            }
        } catch (IOException e) {
            return n + " records, then " + e.getClass().getSimpleName() + "; size " + t.size;
        }
        return n + " records; size " + t.size;
    }

    public static void main(String[] args) throws IOException {
        Tree t = new Tree();
        TreeMap<Integer, String> model = new TreeMap<>();
        Random r = new Random(17);
        int wrong = 0;
        for (int phase = 0; phase < 4; phase++) {
            for (int i = 0; i < 4000; i++) {
                int k = r.nextInt(3000) - 1500;
                if (r.nextInt(10) < (phase % 2 == 0 ? 8 : 2)) {
                    String v = "v" + i;
                    if (!java.util.Objects.equals(t.put(k, v), model.put(k, v))) wrong++;
                } else if (!java.util.Objects.equals(t.remove(k), model.remove(k))) wrong++;
                int q = r.nextInt(3000) - 1500;
                if (!java.util.Objects.equals(t.get(q), model.get(q))) wrong++;
            }
            List<Map.Entry<Integer, String>> all = new ArrayList<>();
            t.forEach(all::add);
            System.out.println("phase " + phase + " wrong " + wrong + " size " + t.size + "/" + t.check(t.root, Integer.MIN_VALUE, Integer.MAX_VALUE) + " height " + t.root.height() + " splits " + t.splits + " merges " + t.merges + " same " + all.equals(new ArrayList<>(model.entrySet())));
        }
        StringBuilder range = new StringBuilder();
        Iterator<Map.Entry<Integer, String>> it = t.from(100);
        for (int i = 0; i < 5 && it.hasNext(); i++) range.append(it.next()).append(' ');
        System.out.println(range + " " + model.ceilingEntry(100));
        try {
            for (var e : t) t.put(e.getKey() + 1, "x");
        } catch (ConcurrentModificationException e) {
            System.out.println("fails fast");
        }
        for (int k : new ArrayList<>(model.keySet())) t.remove(k);
        System.out.println(t.size + " left, height " + t.root.height());
        Path p = Path.of("pages.bin");
        try (Pages pages = new Pages(p)) {
            for (int i = 0; i < 400; i++) {
                int slot = i * 37 % 600;
                pages.page(slot / 32).putLong(slot % 32 * 8, i * 1_000_003L);
            }
            System.out.println("reads " + pages.reads + " writes " + pages.writes);
        }
        long sum = 0;
        try (Pages pages = new Pages(p)) {
            for (int i = 0; i < 600; i++) sum = sum * 31 + pages.page(i / 32).getLong(i % 32 * 8);
            System.out.println("sum " + sum + " length " + Files.size(p) + " reads " + pages.reads);
        }
        Files.delete(p);
        byte[] log = log(new Object[][] {{1, "one"}, {2, "two"}, {1}, {3, "three"}, {2, "zwei"}});
        System.out.println(replay(log));
        byte[] bad = log.clone();
        bad[40] ^= 1;
        System.out.println(replay(bad) + " | " + replay(Arrays.copyOf(log, log.length - 3)) + " | " + replay(new byte[0]));
    }
}
