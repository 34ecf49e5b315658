public class StdErr {
    public static void main(String[] args) {
        System.out.println("out 1");
        System.err.println("err 1");
        System.out.print("no newline");
        System.err.print('x');
        System.err.println(3.5);
    }
}
