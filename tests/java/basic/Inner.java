public class Inner {
    private int secret = 7;

    class Member {
        int peek() { return secret++; }
        class Deeper { int both() { return secret + peek(); } }
    }

    interface Op { int apply(int x); }

    Op adder(final int n) {
        return new Op() {
            int calls;
            public int apply(int x) { return x + n + secret + ++calls; }
        };
    }

    static Op local() {
        int base = 40;
        class Add implements Op {
            public int apply(int x) { return base + x; }
        }
        return new Add();
    }

    public static void main(String[] args) {
        Inner i = new Inner();
        Inner.Member m = i.new Member();
        System.out.println(m.peek());
        System.out.println(m.peek());
        System.out.println(m.new Deeper().both());
        Op a = i.adder(100);
        System.out.println(a.apply(1));
        System.out.println(a.apply(1));
        System.out.println(local().apply(2));
        System.out.println(a.getClass().getName());
        System.out.println(local().getClass().getName());
    }
}
