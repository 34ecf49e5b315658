//@ vm: -ea
public class Assertions {
    static class Inner { static boolean on() { boolean b = false; assert b = true; return b; } }

    public static void main(String[] args) {
        try {
            assert args.length > 5 : "few arguments: " + args.length;
        } catch (AssertionError e) {
            System.out.println(e.getMessage());
        }
        try {
            assert false : new IllegalStateException("cause");
        } catch (AssertionError e) {
            System.out.println(e.getMessage() + " " + e.getCause());
        }
        System.out.println(Inner.on() + " " + Assertions.class.desiredAssertionStatus() + " " + String.class.desiredAssertionStatus());
        assert args.length == 1 : 42;
    }
}
