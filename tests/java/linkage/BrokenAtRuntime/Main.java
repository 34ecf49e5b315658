//@ remove: Missing.class
/** A class that is missing only matters once it is needed; the same error comes every time. */
public class Main {
    static Object maybe(boolean b) {
        return b ? new Missing() : "not needed";
    }

    static class Holder { Missing field; Missing method(Missing m) { return m; } static int ok() { return 5; } }

    public static void main(String[] args) throws Exception {
        System.out.println(maybe(false));
        for (int i = 0; i < 2; i++) {
            try {
                maybe(true);
            } catch (NoClassDefFoundError e) {
                System.out.println(e + " / " + e.getCause());
            }
        }
        System.out.println(Holder.ok() + " " + new Holder().field + " " + new Holder().method(null));
        try {
            Holder.class.getDeclaredMethods();
        } catch (NoClassDefFoundError e) {
            System.out.println(e + " / " + e.getCause());
        }
        try {
            Holder.class.getDeclaredField("field");
        } catch (NoClassDefFoundError e) {
            System.out.println(e + " / " + e.getCause());
        }
        try {
            Class.forName("Missing");
        } catch (ClassNotFoundException e) {
            System.out.println(e + " / " + e.getCause());
        }
        Class.forName("Main$Sub");
    }

    static class Sub extends Missing {}
}
