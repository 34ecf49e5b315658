//@ write: res/data.txt resource text
//@ write: res/other.properties a=1\nb=two
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.Properties;
import java.util.ServiceLoader;

public class Resources {
    public static void main(String[] args) throws Exception {
        try (InputStream in = Resources.class.getResourceAsStream("/res/data.txt")) {
            System.out.println(new String(in.readAllBytes()).trim());
        }
        System.out.println(Resources.class.getResourceAsStream("none"));
        System.out.println(Resources.class.getResource("res/data.txt").getProtocol());
        Properties p = new Properties();
        p.load(Resources.class.getClassLoader().getResourceAsStream("res/other.properties"));
        System.out.println(p.getProperty("a") + p.getProperty("b").trim());
        System.out.println(Collections.list(Resources.class.getClassLoader().getResources("res/data.txt")).size());
        URL u = Object.class.getResource("Object.class");
        System.out.println(u);
        try (InputStream in = u.openStream()) {
            byte[] b = in.readNBytes(8);
            System.out.println(b[0] == (byte) 0xca && b[1] == (byte) 0xfe && b[7] == 61);
        }
        System.out.println(ClassLoader.getSystemResource("java/lang/String.class"));
        System.out.println(ServiceLoader.load(java.nio.file.spi.FileSystemProvider.class).stream().map(x -> x.type().getSimpleName()).sorted().toList());
        System.out.println(ModuleLayer.boot().findModule("java.base").get().getDescriptor().isOpen());
        System.out.println(Object.class.getModule().getResourceAsStream("java/lang/Object.class").read());
        System.out.println(Resources.class.getProtectionDomain().getCodeSource().getLocation().getPath().endsWith("Resources/"));
    }
}
