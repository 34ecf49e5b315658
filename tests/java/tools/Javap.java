//@ tool: javap -p -c -cp classes Javap$Target
public class Javap {
    static class Target<T extends Runnable> {
        private static final int K = 5;
        volatile String s;
        int f(int[] a) throws java.io.IOException {
            int t = 0;
            for (int v : a) t += v > K ? v : -v;
            switch (t) { case 1: return 2; case 100: return 3; default: }
            synchronized (this) { s = "x" + t; }
            try { return Integer.parseInt(s); } catch (NumberFormatException e) { return -1; }
        }
        Runnable r() { return () -> System.out.println(s); }
    }
}
