/** Uncaught StackOverflowError: 1024 frames are printed. One line, since where the stack ends within the method is open. */
public class DeepRecursion {
    static long calls;

    static long down(long n) { calls++; return down(n + 1) + n; }

    public static void main(String[] args) {
        down(0);
    }
}
