//@ vm: -Xmx512m
//@ timeout: 120
import java.lang.ref.*;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;

/** A heap that is mostly full of live data of many shapes, with churn beside it, soft caches, and running out of it. */
public class BigHeap {
    static class Node {
        Node left, right;
        long value;

        Node(int depth, long value) {
            this.value = value;
            if (depth > 0) {
                left = new Node(depth - 1, 2 * value);
                right = new Node(depth - 1, 2 * value + 1);
            }
        }

        long sum() { return value + (left == null ? 0 : left.sum() + right.sum()); }
    }

    public static void main(String[] args) throws Exception {
        Node tree = new Node(19, 1);
        Map<String, Integer> map = new HashMap<>();
        for (int i = 0; i < 200_000; i++) map.put("key" + i, i);
        List<byte[]> blocks = new ArrayList<>();
        for (int i = 0; i < 60; i++) blocks.add(new byte[1 << 20]);
        Object[][] table = new Object[1000][];
        for (int i = 0; i < table.length; i++) table[i] = new Object[i];
        LinkedHashMap<Integer, int[]> cache = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, int[]> e) { return size() > 500; }
        };
        Map<Integer, WeakReference<Object>> weak = new ConcurrentHashMap<>();
        long churn = 0;
        for (int i = 0; i < 60_000; i++) {
            cache.put(i, new int[200 + i % 100]);
            weak.put(i % 1000, new WeakReference<>(cache.get(i)));
            churn += cache.values().iterator().next().length;
            if (i % 1000 == 0) table[i % 999] = new Object[] {table[(i + 1) % 999], "x".repeat(i % 50)};
        }
        System.out.println(tree.sum() + " " + map.get("key777") + " " + churn + " " + weak.size());
        int softBefore = 0;
        List<SoftReference<byte[]>> soft = new ArrayList<>();
        for (int i = 0; i < 50; i++) soft.add(new SoftReference<>(new byte[1 << 20]));
        for (var s : soft) if (s.get() != null) softBefore++;
        int thrown = 0;
        for (int round = 0; round < 3; round++) {
            List<Object> hog = new ArrayList<>();
            try {
                while (true) hog.add(new long[1 << 17]);
            } catch (OutOfMemoryError e) {
                hog = null;
                thrown++;
            }
        }
        int softAfter = 0;
        for (var s : soft) if (s.get() != null) softAfter++;
        System.out.println("thrown " + thrown + " soft " + (softBefore > 0) + " " + softAfter);
        for (int n : new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE - 2, 600 << 20}) {
            try {
                System.out.println(new byte[n].length);
            } catch (OutOfMemoryError e) {
                System.out.println(e.getMessage());
            }
        }
        System.out.println(tree.sum() + " " + map.size() + " " + blocks.size());
    }
}
