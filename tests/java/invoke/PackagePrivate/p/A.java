package p;

public class A {
    String m() { return "A.m"; }
    public static String call(A a) { return a.m(); }
    public static String pub(A a) { return a.open(); }
    public String open() { return "A.open"; }
    protected String guarded() { return "A.guarded"; }
    protected static int counter = 5;
}
