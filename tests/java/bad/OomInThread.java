//@ vm: -Xmx24m
//@ stderr: only OutOfMemoryError
/** A thread dies of OutOfMemoryError; the others and the VM go on. */
public class OomInThread {
    public static void main(String[] args) throws Exception {
        Thread t = new Thread(() -> {
            java.util.ArrayList<long[]> l = new java.util.ArrayList<>();
            while (true) l.add(new long[100_000]);
        }, "eater");
        t.start();
        t.join();
        System.out.println("main goes on " + new byte[1 << 20].length);
    }
}
