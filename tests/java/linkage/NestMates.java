import java.lang.invoke.MethodHandles;

public class NestMates {
    private static int secret = 1;
    private int inst = 2;
    private static int bump(int n) { return secret += n; }
    private NestMates() {}

    static class In {
        private int own = 5;
        private int peek(NestMates n) { return n.inst++ + secret + bump(10); }
        private In() {}
        private static class Deep { private int reach() { return new In().own + new NestMates().inst + secret; } }
    }

    interface Itf { private int p() { return 77; } private static int q() { return 78; } default int r() { return p() + q(); } }

    public static void main(String[] args) throws Throwable {
        NestMates n = new NestMates();
        In in = new In();
        System.out.println(in.own + in.peek(n) + n.inst + new In.Deep().reach());
        System.out.println(new Itf() {}.r() + ((Itf) new Itf() {}).p() + Itf.q());
        System.out.println(In.Deep.class.getNestHost() + " " + NestMates.class.isNestmateOf(In.Deep.class) + " " + NestMates.class.getNestMembers().length);
        System.out.println(In.class.getDeclaredMethod("peek", NestMates.class).invoke(in, n));
        System.out.println(MethodHandles.lookup().findVirtual(In.class, "peek", java.lang.invoke.MethodType.methodType(int.class, NestMates.class)).invoke(in, n));
        Runnable r = () -> secret += n.inst;
        r.run();
        System.out.println(secret);
    }
}
