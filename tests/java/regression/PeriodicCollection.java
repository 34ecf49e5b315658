import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/** An idle program's heap is collected when that is asked for. */
public class PeriodicCollection {
    static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream().mapToLong(GarbageCollectorMXBean::getCollectionCount).sum();
    }

    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            String java = System.getProperty("java.home") + "/bin/java";
            new ProcessBuilder(java, "-Xmx64m", "-XX:+UseG1GC", "-XX:G1PeriodicGCInterval=200", "-cp", "classes", "PeriodicCollection", "child")
                    .inheritIO().start().waitFor();
            return;
        }
        long before = collections();
        for (int i = 0; i < 400 && collections() == before; i++) Thread.sleep(50);
        System.out.println(collections() > before);
    }
}
