//@ javac: -g
/** Helpful NullPointerException messages with local names present. */
public class HelpfulNpe {
    static class Node {
        Node next;
        int value;
        int[] data;
        Node[] kids;
        static Node root;
        Node next() { return next; }
        static Node make(String s, int i) { return null; }
        long sum(Object o, int[][] a, String... rest) { return 0; }
    }

    interface Body { Object run() throws Throwable; }

    static void npe(Body b) {
        try {
            System.out.println("no exception: " + b.run());
        } catch (Throwable e) {
            System.out.println(e.getMessage());
        }
    }

    Node field;

    void instance() {
        npe(() -> field.value);
        npe(() -> this.field.next.value = 3);
    }

    static Object parameter(Node p, int[] q, Object lock) {
        switch (q == null ? p == null ? 0 : 1 : 2) {
            case 0: return p.value;
            case 1: return q[3];
            default:
                synchronized (lock) {
                    return 1;
                }
        }
    }

    public static void main(String[] args) {
        Node n = new Node();
        int i = 5;
        npe(() -> n.next.value);
        npe(() -> n.next.next.value);
        npe(() -> n.next().value);
        npe(() -> n.next().next());
        npe(() -> Node.root.value);
        npe(() -> Node.root.next().next);
        npe(() -> Node.make("x", 3).value);
        npe(() -> n.data[2]);
        npe(() -> n.data[i] = 4);
        npe(() -> n.data.length);
        npe(() -> n.kids[i + 1].data[i * 2]);
        npe(() -> { n.kids = new Node[7]; return n.kids[i + 1].data[0]; });
        npe(() -> { n.kids[i + 1] = new Node(); return n.kids[i + 1].data[n.value]; });
        npe(() -> n.next.sum(null, null));
        npe(() -> { n.next.value = 1; return null; });
        npe(() -> { throw null; });
        npe(() -> { Integer none = null; return none + 1; });
        npe(() -> { Object o = null; synchronized (o) { return o; } });
        npe(() -> { String[][] a = new String[3][]; return a[2][i].length(); });
        npe(() -> { String[][] a = new String[3][3]; return a[2][1].length(); });
        npe(() -> { long[][] a = {null}; a[0][1]++; return a; });
        npe(() -> { double[] a = null; return a[(int) 3L]; });
        npe(() -> { char[] a = null; a[0] = 'c'; return a; });
        npe(() -> { boolean[] a = null; return a[0]; });
        npe(() -> { byte[] a = null; a[1] = 1; return a; });
        npe(() -> { short[] a = null; return a[1]; });
        npe(() -> { float[] a = null; return a[1]; });
        npe(() -> { Object[] a = null; a[1] = ""; return a; });
        npe(() -> parameter(null, null, null));
        npe(() -> parameter(n, null, null));
        npe(() -> parameter(n, new int[1], null));
        npe(() -> ((String) null).length());
        npe(() -> ((Node) (Object) n.next).next);
        npe(() -> { Body b = null; return b.run(); });
        npe(() -> java.util.Objects.requireNonNull(null));
        npe(() -> java.util.Objects.requireNonNull(null, "own message"));
        npe(() -> { throw new NullPointerException(); });
        npe(() -> new int[][] {{1}, null}[1][0]);
        npe(() -> java.util.List.of(1).get(0).getClass().getSuperclass().getSuperclass().getSuperclass().getName());
        new HelpfulNpe().instance();
        int[] local = null;
        try {
            System.out.println(local[i]);
        } catch (NullPointerException e) {
            System.out.println(e.getMessage() + " / " + e.getMessage() + " / " + e.toString());
        }
    }
}
