/** Interpreter kernel: small objects, arrays, boxed numbers, with constructors up to Object. */
public class KernelAllocation extends Harness {
    static class Base {
        final int a;

        Base(int a) {
            this.a = a;
        }
    }

    static final class Node extends Base {
        final Node next;

        Node(int a, Node next) {
            super(a);
            this.next = next;
        }
    }

    @Override
    protected long iterate() {
        long sum = 0;
        for (int round = 0; round < 100; round++) {
            Node list = null;
            for (int i = 0; i < 400; i++) {
                list = new Node(i, list);
            }
            for (Node n = list; n != null; n = n.next) {
                sum += n.a;
            }
            for (int i = 0; i < 100; i++) {
                int[] a = new int[i & 31];
                Integer boxed = i * 1000;
                Object[] pair = {boxed, a};
                sum += a.length + ((Integer) pair[0] >> 3);
            }
        }
        return sum;
    }

    public static void main(String[] args) {
        new KernelAllocation().start(args);
    }
}
