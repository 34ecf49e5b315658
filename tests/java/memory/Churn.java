//@ vm: -Xmx40m
import java.util.ArrayDeque;
import java.util.HashMap;

/** Allocation of many times the heap, with old objects pointing to young ones, and its checksum. */
public class Churn {
    static class Node { Node left, right; int v; Node(int v) { this.v = v; } }

    static Node tree(int d) {
        Node n = new Node(d);
        if (d > 0) {
            n.left = tree(d - 1);
            n.right = tree(d - 1);
        }
        return n;
    }

    static int check(Node n) { return n == null ? 0 : n.v + check(n.left) + check(n.right); }

    public static void main(String[] args) {
        Node old = tree(12);
        ArrayDeque<byte[]> window = new ArrayDeque<>();
        HashMap<Integer, String> map = new HashMap<>();
        long sum = 0;
        for (int i = 0; i < 20000; i++) {
            window.add(new byte[i % 4000]);
            if (window.size() > 500) sum += window.remove().length;
            map.put(i % 3000, "v" + i);
            Node at = old;
            for (int b = 0; b < 6; b++) at = (i >> b & 1) == 0 ? at.left : at.right;
            at.right = tree(3);
            if (i % 1000 == 0) sum += check(old);
        }
        for (var e : map.entrySet()) sum += e.getKey() * 31L + e.getValue().hashCode();
        System.out.println(sum + " " + check(old));
        Object[][] cards = new Object[200][];
        for (int i = 0; i < cards.length; i++) cards[i] = new Object[1000];
        for (int r = 0; r < 50; r++)
            for (int i = 0; i < cards.length; i++) cards[i][r * 7 % 1000] = new int[] {r, i};
        long s2 = 0;
        for (Object[] c : cards) for (Object o : c) if (o != null) s2 += ((int[]) o)[0] * 3L + ((int[]) o)[1];
        System.out.println(s2);
    }
}
