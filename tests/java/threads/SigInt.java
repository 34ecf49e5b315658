//@ signal: INT after ready
public class SigInt {
    public static void main(String[] args) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook on SIGINT")));
        System.out.println("ready");
        Object o = new Object();
        synchronized (o) {
            o.wait();
        }
    }
}
