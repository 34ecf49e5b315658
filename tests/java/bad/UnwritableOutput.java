//@ output: /dev/full
/** Writing to a full device: PrintStream notes the error, the program and its exit code are as on the reference JDK. */
public class UnwritableOutput {
    public static void main(String[] args) {
        System.out.println("lost");
        System.err.println(System.out.checkError());
        try (var out = new java.io.FileOutputStream("/dev/full")) {
            out.write(1);
        } catch (java.io.IOException e) {
            System.err.println(e.getMessage());
        }
        System.exit(4);
    }
}
