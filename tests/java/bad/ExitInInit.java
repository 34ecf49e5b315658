public class ExitInInit {
    static {
        System.out.println("leaving early");
        System.exit(3);
    }
    public static void main(String[] args) { System.out.println("not reached"); }
}
