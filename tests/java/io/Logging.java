//@ stderr: filter ^[A-Z][a-z]{2} \d
import java.util.logging.*;

public class Logging {
    public static void main(String[] args) {
        Logger l = Logger.getLogger("a.b");
        l.info("to the console");
        l.log(Level.SEVERE, "with exception", new IllegalStateException("x"));
        l.fine("hidden");
        System.Logger sl = System.getLogger("sys");
        sl.log(System.Logger.Level.WARNING, "system logger {0}", 5);
        System.out.println(l.getParent().getName().isEmpty() + " " + l.isLoggable(Level.INFO) + l.getLevel());
    }
}
