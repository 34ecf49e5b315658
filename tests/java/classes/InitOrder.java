/** JLS §12.4: what triggers initialisation and in which order; interfaces with and without default methods. */
public class InitOrder {
    static int say(String s) {
        System.out.println(s);
        return 1;
    }

    interface Plain { int A = say("Plain"); }
    interface WithDefault { int B = say("WithDefault"); default void f() {} }
    interface Sub extends WithDefault { int C = say("Sub"); }
    static class Base implements Plain, Sub { static { say("Base"); } static int s = 3; }
    static class Derived extends Base { static { say("Derived"); } static final String CONST = "const"; static final String NON = new String("non"); }
    static class Arr { static { say("Arr"); } }
    static class Viaclass { static { say("Viaclass"); } }
    static class Viaref { static { say("Viaref"); } static void m() {} static int f = 1; }
    static class Viaref2 { static { say("Viaref2"); } static int f = 1; }
    static class Inst { static { say("Inst static"); } { say("Inst instance"); } int v = say("field"); Inst() { this(say("arg")); say("no-arg"); } Inst(int i) { super(); say("int"); } }
    static class Cycle1 { static int x = Cycle2.y + 1; }
    static class Cycle2 { static int y = Cycle1.x + 10; }
    enum E { ONE, TWO; static { say("E after constants"); } E() { say("constant"); } }

    public static void main(String[] args) throws Exception {
        say("1 " + Derived.CONST);
        Arr[] arr = new Arr[1];
        say("2 " + Arr.class.getSimpleName() + arr.length);
        say("3 " + Derived.s);
        say("4 " + Derived.NON);
        say("5 " + Plain.A);
        say("6 " + Sub.C);
        Class.forName("InitOrder$Viaclass", false, InitOrder.class.getClassLoader());
        say("not yet");
        Class.forName("InitOrder$Viaclass");
        Viaref.class.getDeclaredMethod("m");
        say("not yet");
        Viaref.class.getDeclaredMethod("m").invoke(null);
        Viaref2.class.getDeclaredField("f").get(null);
        new Inst();
        say(Cycle1.x + " " + Cycle2.y);
        say("E " + E.valueOf("TWO"));
        Object o = null;
        say("7 " + (o instanceof Arr));
        new Arr();
    }
}
