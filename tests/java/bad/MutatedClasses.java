//@ timeout: 120
import java.io.InputStream;
import java.util.Random;
import java.util.TreeMap;

/** Thousands of damaged class files: each is refused with a LinkageError or accepted, never a crash. Counts are not compared. */
public class MutatedClasses extends ClassLoader {
    public static class Victim implements Comparable<Victim> {
        int a = 5;
        static long[] table = {1, 2, 3};
        String s = "text";
        public int compareTo(Victim v) { return Integer.compare(a, v.a); }
        int loop(int n) { int t = 0; for (int i = 0; i < n; i++) { try { t += switch (i % 5) { case 0 -> 1; case 3 -> (int) table[i % 3]; default -> s.length(); }; } catch (RuntimeException e) { t--; } finally { t++; } } return t; }
        Runnable r() { return () -> a++; }
    }

    static String attempt(byte[] b) {
        try {
            Class<?> c = new MutatedClasses().defineClass(null, b, 0, b.length);
            c.getDeclaredMethods();
            c.getDeclaredFields();
            Class.forName(c.getName(), true, c.getClassLoader());
            return "accepted";
        } catch (LinkageError | ClassNotFoundException | SecurityException e) {
            return e.getClass().getSimpleName();
        } catch (Throwable e) {
            return "other";
        }
    }

    public static void main(String[] args) throws Exception {
        byte[] good;
        try (InputStream in = MutatedClasses.class.getResourceAsStream("MutatedClasses$Victim.class")) {
            good = in.readAllBytes();
        }
        System.out.println(attempt(good));
        int truncatedAccepted = 0;
        for (int n = 0; n < good.length; n++) if (attempt(java.util.Arrays.copyOf(good, n)).equals("accepted")) truncatedAccepted++;
        System.out.println(truncatedAccepted);
        Random r = new Random(12345);
        TreeMap<String, Integer> kinds = new TreeMap<>();
        for (int i = 0; i < 4000; i++) {
            byte[] b = good.clone();
            for (int k = r.nextInt(3); k >= 0; k--) b[r.nextInt(b.length)] = (byte) (r.nextBoolean() ? r.nextInt() : b[r.nextInt(b.length)] ^ 1 << r.nextInt(8));
            kinds.merge(attempt(b), 1, Integer::sum);
        }
        System.out.println(kinds.containsKey("ClassFormatError") && kinds.containsKey("VerifyError"));
    }
}
