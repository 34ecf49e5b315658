import java.lang.reflect.*;

public class Invoke {
    private int hidden = 3;
    public final int fin = 4;
    static int stat = 5;
    static final int SFIN = Integer.valueOf(6);
    public Invoke() {}
    public Invoke(int a, String b) { hidden = a + b.length(); }
    Invoke(boolean fail) throws Exception { if (fail) throw new java.io.IOException("in constructor"); }
    private String secret(byte b, short s, char c, int i, long l, float f, double d, boolean z, Object o, int[] a) { return "" + b + s + c + i + l + f + d + z + o + a.length; }
    static void boom() { throw new IllegalStateException("boom"); }
    public int same(int x) { return x; }
    public static long wide(long x) { return x; }
    public static Object none() { return null; }
    static abstract class Abs {}
    static class Sub extends Invoke { public int same(int x) { return -x; } }

    interface Body { Object run() throws Throwable; }
    static void t(String what, Body b) {
        try {
            System.out.println(what + ": " + b.run());
        } catch (InvocationTargetException e) {
            System.out.println(what + ": ITE <- " + e.getCause());
        } catch (Throwable e) {
            System.out.println(what + ": " + e.toString().replaceAll("@[0-9a-f]+", "@h"));
        }
    }

    public static void main(String[] args) throws Exception {
        Method secret = Invoke.class.getDeclaredMethod("secret", byte.class, short.class, char.class, int.class, long.class, float.class, double.class, boolean.class, Object.class, int[].class);
        Method same = Invoke.class.getMethod("same", int.class), wide = Invoke.class.getMethod("wide", long.class);
        Invoke o = new Invoke();
        t("all types", () -> secret.invoke(o, (byte) 1, (short) 2, 'c', 4, 5L, 6f, 7d, true, "o", new int[9]));
        t("widening", () -> secret.invoke(o, (byte) 1, (byte) 2, 'c', 'd', (short) 5, 6L, 7f, true, null, new int[9]));
        t("narrowing", () -> secret.invoke(o, 1, (short) 2, 'c', 4, 5L, 6f, 7d, true, "o", new int[9]));
        t("virtual", () -> same.invoke(new Sub(), 5));
        t("wrong count", () -> same.invoke(o));
        t("null args", () -> same.invoke(o, (Object[]) null));
        t("null for int", () -> same.invoke(o, (Object) null));
        t("wrong receiver", () -> same.invoke("text", 5));
        t("null receiver", () -> same.invoke(null, 5));
        t("static ignores receiver", () -> wide.invoke("anything", 'c'));
        t("returns null", () -> Invoke.class.getMethod("none").invoke(null));
        t("throws", () -> Invoke.class.getDeclaredMethod("boom").invoke(null));
        t("constructor", () -> Invoke.class.getConstructor(int.class, String.class).newInstance(4, "xyz").hidden);
        t("constructor throws", () -> Invoke.class.getDeclaredConstructor(boolean.class).newInstance(true));
        t("abstract", () -> Abs.class.getDeclaredConstructor().newInstance());
        t("interface", () -> Runnable.class.getDeclaredConstructor());
        t("enum", () -> Thread.State.class.getDeclaredConstructors()[0].newInstance("X", 1));
        t("array method", () -> int[].class.getMethod("clone"));
        Field hidden = Invoke.class.getDeclaredField("hidden"), fin = Invoke.class.getField("fin"), stat = Invoke.class.getDeclaredField("stat"), sfin = Invoke.class.getDeclaredField("SFIN");
        t("get", () -> hidden.get(o));
        t("set", () -> { hidden.setInt(o, 30); return o.hidden; });
        t("set widening", () -> { hidden.set(o, (short) 31); return hidden.getLong(o); });
        t("set wrong", () -> { hidden.set(o, 5L); return 0; });
        t("set null", () -> { hidden.set(o, null); return 0; });
        t("wrong object", () -> hidden.get("text"));
        t("null object", () -> hidden.get(null));
        t("getByte of int", () -> hidden.getByte(o));
        t("final refused", () -> { fin.set(o, 40); return 0; });
        t("final accessible", () -> { fin.setAccessible(true); fin.set(o, 40); return fin.get(o); });
        t("static", () -> { stat.set(null, 50); return stat.getInt(null) + Invoke.stat; });
        t("static final", () -> { sfin.setAccessible(true); sfin.set(null, 60); return 0; });
        Method other = Class.forName("java.util.Collections$EmptyList").getMethod("size");
        t("not accessible", () -> other.invoke(java.util.Collections.emptyList()));
        t("module", () -> { other.setAccessible(true); return 0; });
        t("private of jdk", () -> String.class.getDeclaredMethod("isLatin1").invoke(""));
        for (int i = 0; i < 40; i++) if ((int) same.invoke(o, i) != i) System.out.println("wrong " + i);
        try {
            for (int i = 0; ; i++) Invoke.class.getDeclaredMethod("boom").invoke(null);
        } catch (InvocationTargetException e) {
            StackTraceElement[] st = e.getCause().getStackTrace();
            System.out.println(st[0] + " ... " + st[st.length - 1]);
        }
        System.out.println(Invoke.class.getDeclaredConstructor().newInstance().equals(null) + " " + same.canAccess(o) + " " + hidden.isAccessible());
    }
}
