//@ signal: TERM after ready
public class SigTerm {
    public static void main(String[] args) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook on SIGTERM")));
        System.out.println("ready");
        Thread.sleep(50_000);
        System.out.println("not reached");
    }
}
