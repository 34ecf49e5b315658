/** Interpreter kernel: instance and static fields of several types, in a linked ring. */
public class KernelFields extends Harness {
    static int count;
    static long total;

    static final class Node {
        int a = 1;
        long b = 2;
        double c = 0.5;
        byte d;
        Node next;
    }

    @Override
    protected long iterate() {
        count = 0;
        total = 0;
        Node first = new Node(), at = first;
        for (int i = 0; i < 9; i++) {
            at.next = new Node();
            at = at.next;
        }
        at.next = first;
        for (int i = 0; i < 150_000; i++) {
            at = at.next;
            at.a += i;
            at.b ^= at.a;
            at.c += at.d;
            at.d++;
            count += at.a;
            total += at.b;
        }
        return total * 31 + count + (long) at.c;
    }

    public static void main(String[] args) {
        new KernelFields().start(args);
    }
}
