/** finally and catch blocks run in overflow; the stack has room again after unwinding. */
public class DeepFinally {
    static long finals;

    static int down(int n) {
        try {
            return down(n + 1);
        } finally {
            finals++;
        }
    }

    static int tries(int n) {
        try {
            return tries(n + 1);
        } catch (StackOverflowError e) {
            return n;
        }
    }

    public static void main(String[] args) {
        try {
            down(0);
        } catch (StackOverflowError e) {
            System.out.println(finals > 500);
        }
        System.out.println(tries(0) > 500);
        int[] result = new int[1];
        Thread t = new Thread(null, () -> result[0] = tries(0), "small", 256 * 1024);
        Thread u = new Thread(null, () -> result[0] -= tries(0), "large", 16 * 1024 * 1024);
        try {
            t.start();
            t.join();
            u.start();
            u.join();
        } catch (InterruptedException e) {
            System.out.println(e);
        }
        System.out.println(result[0] < 0);
    }
}
