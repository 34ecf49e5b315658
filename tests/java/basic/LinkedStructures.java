public class LinkedStructures {
    static final class Node {
        final int key;
        Node left, right;
        Node(int key) { this.key = key; }
    }

    static Node insert(Node n, int key) {
        if (n == null) return new Node(key);
        if (key < n.key) n.left = insert(n.left, key);
        else if (key > n.key) n.right = insert(n.right, key);
        return n;
    }

    static int height(Node n) { return n == null ? 0 : 1 + Math.max(height(n.left), height(n.right)); }
    static int size(Node n) { return n == null ? 0 : 1 + size(n.left) + size(n.right); }

    static long walk(Node n, long acc) {
        if (n == null) return acc;
        acc = walk(n.left, acc);
        acc = acc * 31 + n.key;
        return walk(n.right, acc);
    }

    public static void main(String[] args) {
        Node root = null;
        int x = 12345;
        for (int i = 0; i < 5000; i++) {
            x = x * 1103515245 + 12345;
            root = insert(root, (x >>> 8) % 10000);
        }
        System.out.println(size(root));
        System.out.println(height(root));
        System.out.println(walk(root, 7));
    }
}
