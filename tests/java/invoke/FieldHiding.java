public class FieldHiding {
    interface Consts { String X = "Consts.X"; int N = 5; }
    static class A { String x = "A.x"; static String s = "A.s"; int n = 1; String getX() { return x; } }
    static class B extends A { String x = "B.x"; static String s = "B.s"; long n = 2; String getX() { return x + super.x + super.getX(); } }
    static class C extends B implements Consts { String x = "C.x"; double n = 3.5; String all() { return x + super.x + ((A) this).x + X + n + super.n + ((A) this).n; } }
    static class Init { int a = b() + 1; int b = 7; int c = b() + 1; int b() { return b; } final int d = 9; int e = d(); int d() { return d; } }
    static class Early { Early() { show(); } void show() { System.out.println("early"); } }
    static class Late extends Early { String s = "set"; final String f = "final"; Object o; { o = s; } @Override void show() { System.out.println(s + f + o); } }

    public static void main(String[] args) {
        C c = new C();
        A a = c;
        B b = c;
        System.out.println(a.x + b.x + c.x + a.getX() + c.all());
        System.out.println(A.s + B.s + C.s + a.n + b.n + c.n + C.N);
        ((A) c).x = "changed";
        b.n += 5;
        System.out.println(c.all());
        C.s = "C sets B";
        System.out.println(B.s + A.s);
        Init i = new Init();
        System.out.println(i.a + " " + i.b + " " + i.c + " " + i.e);
        new Late().show();
        A nul = null;
        System.out.println(nul.s);
    }
}
