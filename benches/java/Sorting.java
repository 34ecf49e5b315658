import java.util.Arrays;
import java.util.Comparator;

/** Quicksort, heapsort and mergesort of our own, the library's sorts, on ints, objects and strings. */
public class Sorting extends Harness {
    private static final int N = 20_000;

    record Item(int key, int weight) {}

    private static int[] numbers() {
        int[] a = new int[N];
        int seed = 42;
        for (int i = 0; i < N; i++) {
            seed ^= seed << 13;
            seed ^= seed >>> 17;
            seed ^= seed << 5;
            a[i] = seed;
        }
        return a;
    }

    private static void quick(int[] a, int low, int high) {
        while (high - low > 12) {
            int pivot = a[(low + high) >>> 1], i = low, j = high;
            while (i <= j) {
                while (a[i] < pivot) {
                    i++;
                }
                while (a[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    int t = a[i];
                    a[i++] = a[j];
                    a[j--] = t;
                }
            }
            if (j - low < high - i) {
                quick(a, low, j);
                low = i;
            } else {
                quick(a, i, high);
                high = j;
            }
        }
        for (int i = low + 1; i <= high; i++) {
            int x = a[i], j = i - 1;
            for (; j >= low && a[j] > x; j--) {
                a[j + 1] = a[j];
            }
            a[j + 1] = x;
        }
    }

    private static void heap(int[] a) {
        for (int i = a.length / 2 - 1; i >= 0; i--) {
            sink(a, i, a.length);
        }
        for (int end = a.length - 1; end > 0; end--) {
            int t = a[0];
            a[0] = a[end];
            a[end] = t;
            sink(a, 0, end);
        }
    }

    private static void sink(int[] a, int i, int end) {
        int x = a[i];
        for (int child; (child = 2 * i + 1) < end; i = child) {
            if (child + 1 < end && a[child + 1] > a[child]) {
                child++;
            }
            if (a[child] <= x) {
                break;
            }
            a[i] = a[child];
        }
        a[i] = x;
    }

    private static <T> void merge(T[] a, T[] spare, int low, int high, Comparator<? super T> order) {
        if (high - low < 2) {
            return;
        }
        int middle = (low + high) >>> 1;
        merge(a, spare, low, middle, order);
        merge(a, spare, middle, high, order);
        System.arraycopy(a, low, spare, low, high - low);
        for (int i = low, j = middle, k = low; k < high; k++) {
            if (j >= high || i < middle && order.compare(spare[i], spare[j]) <= 0) {
                a[k] = spare[i++];
            } else {
                a[k] = spare[j++];
            }
        }
    }

    @Override
    protected long iterate() {
        int[] source = numbers();
        int[] a = source.clone(), b = source.clone(), c = source.clone();
        quick(a, 0, N - 1);
        heap(b);
        Arrays.sort(c);
        if (!Arrays.equals(a, b) || !Arrays.equals(b, c)) {
            return -1;
        }
        Item[] items = new Item[N];
        String[] words = new String[N / 4];
        for (int i = 0; i < N; i++) {
            items[i] = new Item(source[i] & 1023, i);
        }
        for (int i = 0; i < words.length; i++) {
            words[i] = Integer.toString(source[i], 36);
        }
        merge(items, new Item[N], 0, N, (x, y) -> Integer.compare(x.key, y.key));
        Arrays.sort(words);
        Item[] again = items.clone();
        Arrays.sort(again, Comparator.comparing(Item::weight).reversed());
        long sum = 0;
        for (int i = 0; i < N; i++) {
            sum = sum * 31 + items[i].weight() + 7L * again[i].key() + a[i];
        }
        for (String w : words) {
            sum = sum * 31 + w.hashCode();
        }
        return sum;
    }

    public static void main(String[] args) {
        new Sorting().start(args);
    }
}
