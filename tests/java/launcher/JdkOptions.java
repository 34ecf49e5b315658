//@ env: JDK_JAVA_OPTIONS=-Dfrom.env=yes
public class JdkOptions {
    public static void main(String[] args) {
        System.out.println(System.getProperty("from.env"));
    }
}
