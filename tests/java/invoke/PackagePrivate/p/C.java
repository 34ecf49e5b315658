package p;

public class C extends q.B {
    String m() { return "C.m"; }
    @Override public String open() { return "C.open>" + super.open(); }
    @Override protected String guarded() { return "C.guarded"; }
}
