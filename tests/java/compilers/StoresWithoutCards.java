//@ vm: -Xmx24m
//@ timeout: 120

/** Stores into objects just made and stores of null mark no card; everything else that an old object refers to stays alive. */
public class StoresWithoutCards {
    static final class Node {
        Node left, right;
        final int number;

        Node(int number, Node left, Node right) {
            this.number = number;
            this.left = left;
            this.right = right;
        }
    }

    private static int garbage;

    private static Node make(int depth, int number) {
        if (depth == 0) {
            return new Node(number, null, null);
        }
        Node left = make(depth - 1, 2 * number);
        Node node = new Node(number, left, null);
        // A call that collects now and then lies between the object and this store.
        node.right = make(depth - 1, 2 * number + 1);
        return node;
    }

    private static long sum(Node n) {
        return n == null ? 0 : n.number + 3 * sum(n.left) + 5 * sum(n.right);
    }

    /** Replaces parts of an old tree, with allocation between making and storing. */
    private static void renew(Node n, int depth, int round) {
        if (depth == 0) {
            Node fresh = new Node(round, null, null);
            byte[] other = new byte[200 + (round & 63)];
            garbage += other.length;
            n.left = fresh;
            n.right = (round & 1) == 0 ? null : new Node(-round, n.left, null);
            return;
        }
        if ((round >> depth & 1) == 0) {
            renew(n.left, depth - 1, round);
        } else {
            renew(n.right, depth - 1, round);
        }
    }

    private static Object[] chain(int length) {
        Object[] first = new Object[2];
        Object[] last = first;
        for (int i = 0; i < length; i++) {
            Object[] next = new Object[] {null, "x" + (i & 7)};
            last[0] = next;
            last = next;
        }
        return first;
    }

    private static int length(Object[] chain) {
        int n = 0;
        for (Object[] at = chain; at != null; at = (Object[]) at[0]) {
            n += at[1] == null ? 0 : ((String) at[1]).length();
        }
        return n;
    }

    public static void main(String[] args) {
        Node old = make(10, 1);
        Object[] chain = chain(2000);
        for (int round = 0; round < 60_000; round++) {
            renew(old, 9, round);
            if (round % 3000 == 0) {
                Node whole = make(8, round);
                System.out.println(round + " " + sum(old) + " " + sum(whole) + " " + length(chain));
                chain = chain(1000 + round / 100);
            }
        }
        System.out.println(garbage);
    }
}
