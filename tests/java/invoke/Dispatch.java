/** Virtual, interface, default, private, static and super calls; package-private does not override across packages. */
public class Dispatch {
    interface A { default String who() { return "A"; } }
    interface B extends A { default String who() { return "B>" + A.super.who(); } }
    interface C extends A { default String who() { return "C"; } static String st() { return "C.st"; } private String hidden() { return "hidden " + who(); } default String call() { return hidden(); } }
    static class D implements B, C { public String who() { return "D>" + B.super.who() + C.super.who(); } }
    static class E1 implements B {}
    static class F extends E1 implements C { public String who() { return "F>" + super.who(); } }
    static abstract class G implements A { abstract void x(); }
    static class H extends G { void x() {} public String toString() { return "H" + super.toString().startsWith("Dispatch$H@"); } }
    static class Base {
        private String priv() { return "Base.priv"; }
        String callPriv() { return priv(); }
        static String stat() { return "Base.stat"; }
        String over() { return "Base.over"; }
        final String fin() { return over(); }
        String name = "Base.name";
    }
    static class Mid extends Base {
        String priv() { return "Mid.priv"; }
        static String stat() { return "Mid.stat"; }
        @Override String over() { return "Mid.over>" + super.over(); }
        String name = "Mid.name";
        String names() { return name + super.name + ((Base) this).name; }
    }
    static class Leaf extends Mid {
        @Override String over() { return "Leaf.over>" + super.over(); }
        String viaInner() { return new Object() { String g() { return Leaf.super.over(); } }.g(); }
    }
    interface Gen<T> { String take(T t); }
    static class Str implements Gen<String> { public String take(String s) { return "bridge " + s; } }
    static class Cov { Object make() { return "obj"; } }
    static class CovS extends Cov { @Override String make() { return "str"; } }

    public static void main(String[] args) {
        System.out.println(new D().who() + " " + new F().who() + " " + new E1().who() + " " + new D().call() + " " + C.st() + " " + new H().who() + new H());
        Base b = new Leaf();
        System.out.println(b.callPriv() + " " + b.over() + " " + b.fin() + " " + Base.stat() + " " + Mid.stat() + " " + b.name + " " + ((Mid) b).names() + " " + ((Leaf) b).viaInner());
        System.out.println(((Mid) b).priv());
        Gen<String> g = new Str();
        System.out.println(g.take("x"));
        try {
            @SuppressWarnings({"unchecked", "rawtypes"})
            String s = ((Gen) g).take(5);
            System.out.println(s);
        } catch (ClassCastException e) {
            System.out.println("bridge casts");
        }
        Cov c = new CovS();
        System.out.println(c.make());
        Object[] os = {"s", 5, new int[0].getClass(), 'c', 2.5, new StringBuilder("sb"), java.util.List.of(1)};
        for (int r = 0; r < 3; r++) for (Object o : os) System.out.print(o.toString() + o.hashCode() % 1 + " ");
        System.out.println();
        int[] arr = {1};
        System.out.println(arr.equals(arr) + " " + (arr.hashCode() == arr.hashCode()) + " " + arr.getClass().getSimpleName() + arr.clone().length);
        CharSequence[] cs = {"abc", new StringBuilder("de"), java.nio.CharBuffer.wrap("f")};
        for (CharSequence s : cs) System.out.print(s.length() + s.toString() + s.charAt(0) + " ");
        System.out.println();
    }
}
