import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Two caches that drop what was used least recently: one with its own linked list, one on LinkedHashMap. */
public class LruCache extends Harness {
    interface Cache<K, V> {
        V get(K key);

        void put(K key, V value);
    }

    static final class Linked<K, V> implements Cache<K, V> {
        static final class Entry<K, V> {
            K key;
            V value;
            Entry<K, V> before, after;
        }

        private final int capacity;
        private final Map<K, Entry<K, V>> map = new HashMap<>();
        private final Entry<K, V> ring = new Entry<>();

        Linked(int capacity) {
            this.capacity = capacity;
            ring.before = ring.after = ring;
        }

        private void unlink(Entry<K, V> e) {
            e.before.after = e.after;
            e.after.before = e.before;
        }

        private void pushFront(Entry<K, V> e) {
            e.before = ring;
            e.after = ring.after;
            ring.after.before = e;
            ring.after = e;
        }

        @Override
        public V get(K key) {
            Entry<K, V> e = map.get(key);
            if (e == null) {
                return null;
            }
            unlink(e);
            pushFront(e);
            return e.value;
        }

        @Override
        public void put(K key, V value) {
            Entry<K, V> e = map.get(key);
            if (e == null) {
                if (map.size() == capacity) {
                    Entry<K, V> oldest = ring.before;
                    unlink(oldest);
                    map.remove(oldest.key);
                }
                e = new Entry<>();
                e.key = key;
                map.put(key, e);
            } else {
                unlink(e);
            }
            e.value = value;
            pushFront(e);
        }
    }

    static final class Library<K, V> implements Cache<K, V> {
        private final LinkedHashMap<K, V> map;

        Library(int capacity) {
            map = new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                    return size() > capacity;
                }
            };
        }

        @Override
        public V get(K key) {
            return map.get(key);
        }

        @Override
        public void put(K key, V value) {
            map.put(key, value);
        }
    }

    private static long use(Cache<Long, String> cache) {
        long hits = 0, sum = 0, seed = 12345;
        for (int i = 0; i < 25_000; i++) {
            seed = seed * 6364136223846793005L + 1442695040888963407L;
            // Small keys are frequent.
            long key = (seed >>> 40) % (1 + (seed >>> 33 & 2047));
            String value = cache.get(key);
            if (value == null) {
                value = "v" + key;
                cache.put(key, value);
            } else {
                hits++;
            }
            sum = sum * 31 + value.length();
        }
        return sum * 31 + hits;
    }

    @Override
    protected long iterate() {
        return use(new Linked<>(500)) * 31 + use(new Library<>(500));
    }

    public static void main(String[] args) {
        new LruCache().start(args);
    }
}
