public class StaticInit {
    static int counter = start();
    static final int CONSTANT = 5;
    static final Integer BOXED = 6;

    static int start() {
        System.out.println("main class initialised");
        return 100;
    }

    static class Lazy {
        static { System.out.println("lazy"); }
        static int value = ++counter;
        static final int COMPILE_TIME = 77;
    }

    static class Parent {
        static { System.out.println("parent"); }
        static int inherited = 1;
    }

    static class Child extends Parent {
        static { System.out.println("child"); }
    }

    public static void main(String[] args) {
        System.out.println("start");
        System.out.println(Lazy.COMPILE_TIME);
        System.out.println(counter);
        System.out.println(Lazy.value);
        System.out.println(Child.inherited);
        Child[] none = new Child[2];
        System.out.println(none.length);
        new Child();
        System.out.println(BOXED + CONSTANT);
    }
}
