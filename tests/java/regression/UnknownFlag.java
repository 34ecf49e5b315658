//@ vm: -XX:+UseSerialG

/** A flag that nobody knows is an error. */
public class UnknownFlag {
    public static void main(String[] args) {
        System.out.println("not reached");
    }
}
