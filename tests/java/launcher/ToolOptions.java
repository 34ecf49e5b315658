//@ env: JAVA_TOOL_OPTIONS=-Dtool=1 -Xint
public class ToolOptions {
    public static void main(String[] args) {
        System.out.println(System.getProperty("tool"));
    }
}
