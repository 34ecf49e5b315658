public class Overloads {
    static String f(int x) { return "int"; }
    static String f(long x) { return "long"; }
    static String f(double x) { return "double"; }
    static String f(Object x) { return "Object"; }
    static String f(Integer x) { return "Integer"; }
    static String f(int... x) { return "int..."; }
    static String g(long x) { return "long"; }
    static String g(Integer x) { return "Integer"; }
    static String h(Object x) { return "Object"; }
    static String h(String x) { return "String"; }
    static String k(double a, int b) { return "double,int"; }
    static String k(float a, long b) { return "float,long"; }
    static String v(Object... x) { return x == null ? "null array" : "Object[" + x.length + "]"; }
    static String v(String a, Object... x) { return "String,Object[" + x.length + "]"; }
    static String c(char x) { return "char"; }
    static String c(int x) { return "int"; }
    static String w(int x) { return "widened to " + x; }

    static class P { String m(Object o) { return "P.Object"; } String m(P p) { return "P.P"; } }
    static class Q extends P { String m(Q q) { return "Q.Q"; } @Override String m(Object o) { return "Q.Object"; } }

    public static void main(String[] args) {
        byte b = 1;
        short s = 2;
        char ch = 'c';
        System.out.println(f(b) + f(s) + f(ch) + f(1) + f(1L) + f(1f) + f(1.0) + f("s") + f(Integer.valueOf(1)) + f(Long.valueOf(1)) + f() + f(1, 2));
        System.out.println(g(1) + g(b) + g(Integer.valueOf(3)));
        System.out.println(h(null) + h("s") + h((Object) "s") + h(1));
        System.out.println(k(1f, 1L) + k(1.0, 1));
        System.out.println(v() + v("a") + v("a", "b") + v(1) + v((Object[]) null) + v((Object) null) + v(new Object[3]) + v(new int[3]));
        System.out.println(c('x') + c(120) + c((char) 120) + c(b) + w(ch) + w(b) + w('\uffff'));
        P p = new Q();
        Q q = new Q();
        System.out.println(p.m(q) + p.m(p) + q.m(q) + q.m(p) + q.m((Object) q) + p.m("x"));
        long l = ch;
        float fl = Long.MAX_VALUE;
        double d = ch * 1.5f;
        System.out.println(l + " " + fl + " " + d + " " + (ch + 1) + " " + (char) (ch + 1) + " " + (int) ch);
        Integer i1 = 127, i2 = 127, i3 = 128, i4 = 128;
        System.out.println((i1 == i2) + " " + i3.equals(i4) + " " + (i3 <= i4) + " " + new Object().equals(null));
        Object o = true ? 1 : "s";
        Object o2 = true ? 1 : 2.0;
        System.out.println(o + " " + o2 + " " + (false ? 'a' : 98) + " " + (true ? null : 0));
    }
}
