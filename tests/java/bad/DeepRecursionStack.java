//@ vm: -Xss512k
//@ stderr: only ^(Exception|Caused)
public class DeepRecursionStack {
    static int a(int n) { return n % 2 == 0 ? b(n + 1) : c(new int[] {n}) + 1; }
    static int b(int n) { return a(n + 1) + 1; }
    static int c(int[] n) { return a(n[0] + 1) + 1; }

    public static void main(String[] args) throws Exception {
        Thread t = new Thread(() -> a(0));
        t.setUncaughtExceptionHandler((x, e) -> System.out.println("thread " + e));
        t.start();
        t.join();
        a(0);
    }
}
