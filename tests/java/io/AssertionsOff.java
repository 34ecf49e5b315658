//@ vm: -ea:AssertionsOff$A -da:AssertionsOff$B
public class AssertionsOff {
    static class A { static boolean on() { boolean b = false; assert b = true; return b; } }
    static class B { static boolean on() { boolean b = false; assert b = true; return b; } }
    static class C { static boolean on() { boolean b = false; assert b = true; return b; } }

    public static void main(String[] args) {
        System.out.println(A.on() + " " + B.on() + " " + C.on());
        ClassLoader.getSystemClassLoader().setDefaultAssertionStatus(true);
        System.out.println(D.on());
    }

    static class D { static boolean on() { boolean b = false; assert b = true; return b; } }
}
