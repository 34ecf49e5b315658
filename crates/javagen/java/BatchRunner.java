import java.lang.reflect.InvocationTargetException;
import java.nio.file.*;
import java.util.List;

/** Runs the {@code main} of many classes one after the other, with a time limit for each. */
public class BatchRunner {
    public static void main(String[] args) throws Exception {
        List<String> names = Files.readAllLines(Path.of(args[0]));
        long limit = Long.parseLong(args[1]);
        for (String name : names) {
            System.out.println("@@begin " + name);
            System.out.flush();
            Thread thread = new Thread(null, new Program(name), "main");
            thread.setDaemon(true);
            thread.start();
            thread.join(limit);
            if (thread.isAlive()) {
                System.out.println("@@timeout " + name);
                System.out.flush();
                Runtime.getRuntime().halt(3);
            }
            System.out.println("@@end " + name);
            System.out.flush();
        }
    }

    private static final class Program implements Runnable {
        private final String name;

        Program(String name) {
            this.name = name;
        }

        @Override
        public void run() {
            try {
                Class.forName(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
            } catch (InvocationTargetException e) {
                System.out.println("uncaught " + e.getCause());
            } catch (Throwable e) {
                System.out.println("not run: " + e);
            }
        }
    }
}
