/** Volatile publication, final-field safety, Dekker's pattern and long/double atomicity, run hard. */
public class Volatile {
    static volatile boolean go;
    static int payload;
    static volatile int a, b;
    static volatile long wide;
    static int bad;

    static class Frozen { final int x; final int[] arr; Frozen(int n) { x = n; arr = new int[] {n, n}; } }
    static Frozen racy;

    public static void main(String[] args) throws Exception {
        Thread t = new Thread(() -> { while (!go) Thread.onSpinWait(); System.out.println(payload); });
        t.start();
        payload = 42;
        go = true;
        t.join();
        int both = 0;
        for (int i = 0; i < 300; i++) {
            a = b = 0;
            int[] r = new int[2];
            Thread x = new Thread(() -> { a = 1; r[0] = b; }), y = new Thread(() -> { b = 1; r[1] = a; });
            x.start();
            y.start();
            x.join();
            y.join();
            if (r[0] == 0 && r[1] == 0) both++;
        }
        System.out.println("both saw zero: " + both);
        Thread w = new Thread(() -> { for (int i = 0; i < 200_000; i++) { wide = (i & 1) == 0 ? 0L : -1L; racy = new Frozen(i); } wide = 5; });
        w.start();
        while (wide != 5) {
            long l = wide;
            if (l != 0 && l != -1 && l != 5) bad++;
            Frozen f = racy;
            if (f != null && (f.arr[0] != f.x || f.arr[1] != f.x)) bad++;
        }
        w.join();
        System.out.println("torn: " + bad);
    }
}
