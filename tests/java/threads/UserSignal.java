//@ signal: HUP after ready
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A program's own signal handler, through sun.misc.Signal. */
public class UserSignal {
    public static void main(String[] args) throws Exception {
        CountDownLatch got = new CountDownLatch(1);
        sun.misc.Signal.handle(new sun.misc.Signal("HUP"), s -> {
            System.out.println("handled " + s.getName() + " " + s.getNumber());
            got.countDown();
        });
        System.out.println("ready");
        System.out.println(got.await(20, TimeUnit.SECONDS));
        try {
            sun.misc.Signal.handle(new sun.misc.Signal("KILL"), s -> {});
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
    }
}
