import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.concurrent.Callable;

public class PreciseRethrow {
    static void pick(int n) throws IOException, InterruptedException {
        try {
            switch (n) {
                case 0 -> throw new FileNotFoundException("f");
                case 1 -> throw new InterruptedException("i");
                case 2 -> throw new IllegalStateException("s");
                default -> System.out.println("none");
            }
        } catch (final Exception e) {
            System.out.println("seen " + e.getMessage());
            throw e;
        }
    }

    @SuppressWarnings("unchecked")
    static <T extends Throwable> void sneaky(Throwable t) throws T {
        throw (T) t;
    }

    public static void main(String[] args) {
        for (int i = 0; i < 4; i++) {
            try {
                pick(i);
            } catch (FileNotFoundException e) {
                System.out.println("FNF");
            } catch (IOException | InterruptedException e) {
                System.out.println("multi " + e.getClass().getSimpleName());
            } catch (RuntimeException e) {
                System.out.println("runtime");
            }
        }
        try {
            PreciseRethrow.<RuntimeException>sneaky(new IOException("checked, unchecked"));
        } catch (Exception e) {
            System.out.println(e);
        }
        Callable<String> c = () -> { throw new java.util.concurrent.TimeoutException("t"); };
        try {
            c.call();
        } catch (Exception e) {
            System.out.println(e);
        }
        Throwable kept = new Throwable("kept");
        for (int i = 0; i < 3; i++) {
            try {
                throw kept;
            } catch (Throwable t) {
                System.out.println(t == kept);
            }
        }
    }
}
