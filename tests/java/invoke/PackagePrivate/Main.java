/** JVMS §5.4.5: a package-private method is overridden only within its package, transitively too. */
public class Main {
    public static void main(String[] args) {
        p.A a = new p.A();
        p.A b = new q.B();
        p.A c = new p.C();
        q.B bc = new p.C();
        System.out.println(p.A.call(a) + " " + p.A.call(b) + " " + p.A.call(c) + " " + q.B.call(bc) + " " + q.B.call((q.B) b));
        System.out.println(p.A.pub(b) + " " + p.A.pub(c));
        System.out.println(q.B.prot(bc) + " " + new q.D().viaProtected());
    }
}
