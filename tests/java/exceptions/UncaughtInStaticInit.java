/** The main class's initialiser fails: the launcher reports it and exits with 1. */
public class UncaughtInStaticInit {
    static int value = Integer.parseInt("not a number");

    public static void main(String[] args) {
        System.out.println("not reached");
    }
}
