//@ write: m.txt Main-Class: Jar\nAdd-Exports: java.base/jdk.internal.misc\nX-Other: y\n
//@ jar: --create -f app.jar --manifest m.txt -C {classes} Jar.class
//@ java: -Dp=q -jar classes/app.jar a b
public class Jar {
    public static void main(String[] args) throws Exception {
        System.out.println(String.join(",", args) + System.getProperty("java.class.path") + System.getProperty("p"));
        System.out.println(Jar.class.getResource("Jar.class").getProtocol() + Jar.class.getPackage().getImplementationTitle());
        System.out.println(Class.forName("jdk.internal.misc.VM").getMethod("isBooted").invoke(null));
    }
}
