/** A deep, finite stack prints whole up to 1024 frames. */
public class TraceDepth {
    static Throwable at(int n) {
        return n == 0 ? new Throwable("deep") : at(n - 1);
    }

    public static void main(String[] args) {
        for (int n : new int[] {0, 10, 1000, 1022, 1023, 1024, 5000}) {
            StackTraceElement[] t = at(n).getStackTrace();
            System.out.println(n + " " + t.length + " " + t[0].getMethodName() + " " + t[t.length - 1].getMethodName());
        }
    }
}
