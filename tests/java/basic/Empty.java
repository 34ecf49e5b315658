/** Ends at once: exit code 0 and not a byte of output. */
public class Empty {
    public static void main(String[] args) {}
}
