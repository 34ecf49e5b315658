/** instanceof and checkcast over classes, interfaces and arrays. */
public class Instance {
    interface I {}
    interface J extends I {}
    static class A implements J {}
    static class B extends A {}

    static void check(Object o) {
        System.out.println(o instanceof I);
        System.out.println(o instanceof J);
        System.out.println(o instanceof A);
        System.out.println(o instanceof B);
        System.out.println(o instanceof Object[]);
        System.out.println(o instanceof I[]);
        System.out.println(o instanceof int[]);
        System.out.println(o instanceof Cloneable);
        System.out.println(o instanceof Object[][]);
    }

    public static void main(String[] args) {
        check(null);
        check(new A());
        check(new B());
        check(new A[1]);
        check(new B[1][1]);
        check(new int[1]);
        check(new int[1][1]);
        check(new J[0]);
        I[] is = (I[]) (Object) new B[2];
        System.out.println(is.length);
        Object none = null;
        System.out.println((B) none);
    }
}
