//@ vm: --add-opens java.base/java.lang=ALL-UNNAMED --add-exports java.base/jdk.internal.misc=ALL-UNNAMED --add-modules java.sql
public class AddOpens {
    public static void main(String[] args) throws Exception {
        var f = String.class.getDeclaredField("hash");
        f.setAccessible(true);
        String s = new String(new char[] {'a', 'b', 'c'});
        System.out.println(f.getInt(s) + " " + s.hashCode() + " " + f.getInt(s));
        System.out.println(Object.class.getModule().isOpen("java.lang", AddOpens.class.getModule()) + " " + Object.class.getModule().isExported("jdk.internal.misc", AddOpens.class.getModule()));
        System.out.println(Class.forName("jdk.internal.misc.Unsafe").getMethod("getUnsafe").invoke(null) != null);
    }
}
