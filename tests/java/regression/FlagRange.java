//@ vm: -XX:+UseNUMA -XX:G1PeriodicGCInterval=10 -XX:ObjectAlignmentInBytes=4

/** A flag that has no effect here has its range all the same. */
public class FlagRange {
    public static void main(String[] args) {
        System.out.println("not reached");
    }
}
