package q;

public class B extends p.A {
    String m() { return "B.m"; }
    public static String call(B b) { return b.m(); }
    @Override public String open() { return "B.open>" + super.open(); }
    public static String prot(B b) { return b.guarded(); }
}
