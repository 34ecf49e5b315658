//@ vm: -Da.b=c -Dempty= -Dnoval
//@ env: MY_VAR=my value
import java.util.*;

public class SystemFacts {
    public static void main(String[] args) throws Exception {
        for (String k : new String[] {"a.b", "empty", "noval", "none", "file.separator", "path.separator", "line.separator", "java.version", "java.specification.version", "java.class.version", "os.name", "os.arch", "user.language", "file.encoding", "sun.jnu.encoding", "native.encoding", "java.vendor", "java.class.path", "sun.arch.data.model", "java.vm.specification.name", "java.vm.specification.version", "sun.boot.library.path", "java.library.path", "java.io.tmpdir", "java.home", "jdk.debug", "sun.java.command", "sun.java.launcher"})
            System.out.println(k + "=" + (System.getProperty(k) == null ? "null" : System.getProperty(k).replace("\n", "\\n")));
        System.out.println(System.getenv("MY_VAR") + " " + System.getenv("NOT_THERE") + " " + System.getenv().containsKey("MY_VAR"));
        System.out.println(System.getProperty("user.dir").equals(new java.io.File("").getAbsolutePath()) + " " + System.getProperty("x", "default") + " " + System.setProperty("y", "1") + System.setProperty("y", "2") + System.clearProperty("y") + Integer.getInteger("no", 5) + Boolean.getBoolean("a.b"));
        try {
            System.getProperty("");
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        try {
            System.getenv().put("a", "b");
        } catch (UnsupportedOperationException e) {
            System.out.println("environment is fixed");
        }
        System.out.println(System.lineSeparator().length() + " " + System.getSecurityManager() + " " + Runtime.version().feature() + " " + System.identityHashCode(null) + " " + java.nio.charset.Charset.defaultCharset() + " " + Locale.getDefault() + " " + TimeZone.getDefault().getID());
        System.out.println(System.Logger.Level.INFO + " " + java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments().contains("-Da.b=c"));
    }
}
