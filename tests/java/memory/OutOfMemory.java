//@ timeout: 240
//@ vm: -Xmx48m
import java.util.ArrayList;
import java.util.List;

/** OutOfMemoryError of several kinds, caught and survived; the heap is usable afterwards. */
public class OutOfMemory {
    static List<Object> hoard = new ArrayList<>();

    static String fill(java.util.function.Supplier<Object> s) {
        try {
            while (true) hoard.add(s.get());
        } catch (OutOfMemoryError e) {
            int n = hoard.size();
            hoard = null;
            hoard = new ArrayList<>();
            return e.getMessage() + " " + (n > 0);
        }
    }

    static void grow() {
        StringBuilder sb = new StringBuilder("x");
        while (true) sb.append(sb);
    }

    public static void main(String[] args) throws Exception {
        for (int i = 0; i < 3; i++) {
            System.out.println(fill(() -> new byte[1 << 20]));
            System.out.println(fill(() -> new int[1000]));
            System.out.println(fill(() -> new Object[20]));
            System.out.println(fill(() -> new long[1 << 18][]));
        }
        for (int n : new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE - 1, 500_000_000}) {
            try {
                System.out.println(new long[n].length);
            } catch (OutOfMemoryError e) {
                System.out.println(n + " " + e.getMessage());
            }
            try {
                System.out.println(new byte[n].length);
            } catch (OutOfMemoryError e) {
                System.out.println(n + " " + e.getMessage());
            }
        }
        try {
            System.out.println(new int[30000][30000].length);
        } catch (OutOfMemoryError e) {
            System.out.println(e.getMessage());
        }
        try {
            grow();
        } catch (OutOfMemoryError e) {
            System.out.println("StringBuilder " + e.getMessage());
        }
        Thread t = new Thread(() -> System.out.println("thread " + fill(() -> new char[100_000])));
        t.start();
        t.join();
        byte[] after = new byte[10 << 20];
        System.out.println("alive " + after.length);
    }
}
