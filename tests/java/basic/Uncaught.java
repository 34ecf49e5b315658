public class Uncaught {
    static void inner() {
        throw new IllegalArgumentException("not good");
    }

    public static void main(String[] args) {
        System.out.println("going down");
        inner();
    }
}
