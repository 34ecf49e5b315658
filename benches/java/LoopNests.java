import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Havlak-like graph work: builds control-flow graphs with nested and irreducible loops and finds their loop
 * nesting with depth-first numbers and union-find. Objects that point to objects, lists, hash maps.
 */
public class LoopNests extends Harness {
    static final class Block {
        final int name;
        final List<Block> in = new ArrayList<>(), out = new ArrayList<>();

        Block(int name) {
            this.name = name;
        }
    }

    static final class Graph {
        final Map<Integer, Block> blocks = new HashMap<>();
        final Block start = block(0);

        Block block(int name) {
            return blocks.computeIfAbsent(name, Block::new);
        }

        void edge(int from, int to) {
            Block a = block(from), b = block(to);
            a.out.add(b);
            b.in.add(a);
        }
    }

    static final class Loop {
        final Block header;
        final boolean reducible;
        final List<Block> blocks = new ArrayList<>();
        final List<Loop> children = new ArrayList<>();
        Loop parent;

        Loop(Block header, boolean reducible) {
            this.header = header;
            this.reducible = reducible;
        }
    }

    /** A node of the union-find forest: a block, or the loop that it was collapsed into. */
    static final class Node {
        Node parent = this;
        Block block;
        Loop loop;
        int number;

        Node find() {
            Node root = this;
            while (root.parent != root) {
                root = root.parent;
            }
            for (Node n = this; n.parent != root; ) {
                Node next = n.parent;
                n.parent = root;
                n = next;
            }
            return root;
        }
    }

    static final class Finder {
        private final List<Node> order = new ArrayList<>();
        private final Map<Block, Integer> numbers = new HashMap<>();
        private int[] last;
        final List<Loop> loops = new ArrayList<>();

        void run(Graph graph) {
            number(graph);
            int n = order.size();
            List<List<Integer>> back = new ArrayList<>(), other = new ArrayList<>();
            for (int w = 0; w < n; w++) {
                back.add(new ArrayList<>());
                other.add(new ArrayList<>());
                for (Block p : order.get(w).block.in) {
                    Integer v = numbers.get(p);
                    if (v != null) {
                        (isAncestor(w, v) ? back : other).get(w).add(v);
                    }
                }
            }
            for (int w = n - 1; w >= 0; w--) {
                collapse(w, back, other);
            }
        }

        private void number(Graph graph) {
            ArrayDeque<Object[]> stack = new ArrayDeque<>();
            last = new int[graph.blocks.size()];
            enter(graph.start);
            stack.push(new Object[] {graph.start, 0});
            while (!stack.isEmpty()) {
                Object[] top = stack.peek();
                Block b = (Block) top[0];
                int next = (Integer) top[1];
                if (next == b.out.size()) {
                    last[numbers.get(b)] = order.size() - 1;
                    stack.pop();
                    continue;
                }
                top[1] = next + 1;
                Block to = b.out.get(next);
                if (!numbers.containsKey(to)) {
                    enter(to);
                    stack.push(new Object[] {to, 0});
                }
            }
        }

        private void enter(Block b) {
            Node node = new Node();
            node.block = b;
            node.number = order.size();
            numbers.put(b, node.number);
            order.add(node);
        }

        private boolean isAncestor(int w, int v) {
            return w <= v && v <= last[w];
        }

        private void collapse(int w, List<List<Integer>> back, List<List<Integer>> other) {
            List<Node> body = new ArrayList<>();
            boolean self = false;
            for (int v : back.get(w)) {
                if (v == w) {
                    self = true;
                } else {
                    Node root = order.get(v).find();
                    if (!body.contains(root)) {
                        body.add(root);
                    }
                }
            }
            boolean reducible = true;
            ArrayDeque<Node> work = new ArrayDeque<>(body);
            while (!work.isEmpty()) {
                Node x = work.poll();
                for (int y : other.get(x.number)) {
                    Node root = order.get(y).find();
                    if (!isAncestor(w, root.number)) {
                        reducible = false;
                        other.get(w).add(root.number);
                    } else if (root.number != w && !body.contains(root)) {
                        body.add(root);
                        work.add(root);
                    }
                }
            }
            if (body.isEmpty() && !self) {
                return;
            }
            Node header = order.get(w);
            Loop loop = new Loop(header.block, reducible);
            for (Node n : body) {
                n.parent = header;
                if (n.loop != null) {
                    n.loop.parent = loop;
                    loop.children.add(n.loop);
                } else {
                    loop.blocks.add(n.block);
                }
            }
            header.loop = loop;
            loops.add(loop);
        }
    }

    private static int diamond(Graph g, int from) {
        g.edge(from, from + 1);
        g.edge(from, from + 2);
        g.edge(from + 1, from + 3);
        g.edge(from + 2, from + 3);
        return from + 3;
    }

    private static Graph build(int outer, int inner) {
        Graph g = new Graph();
        int at = 0;
        for (int i = 0; i < outer; i++) {
            int outerHead = at + 1;
            g.edge(at, outerHead);
            at = outerHead;
            for (int j = 0; j < inner; j++) {
                int innerHead = at + 1;
                g.edge(at, innerHead);
                at = diamond(g, innerHead);
                for (int k = 0; k < 3; k++) {
                    int low = at + 1;
                    g.edge(at, low);
                    at = diamond(g, low);
                    g.edge(at, low);
                }
                g.edge(at, innerHead);
                if (j % 5 == 4) {
                    // A second entry makes this loop irreducible.
                    g.edge(outerHead, at - 1);
                }
            }
            g.edge(at, outerHead);
        }
        return g;
    }

    @Override
    protected long iterate() {
        long sum = 0;
        for (int round = 0; round < 3; round++) {
            Finder finder = new Finder();
            finder.run(build(20, 10 + round));
            for (Loop loop : finder.loops) {
                int depth = 0;
                for (Loop p = loop.parent; p != null; p = p.parent) {
                    depth++;
                }
                sum = sum * 31 + loop.header.name * 7L + loop.blocks.size() + depth + (loop.reducible ? 0 : 1000);
            }
        }
        return sum;
    }

    public static void main(String[] args) {
        new LoopNests().start(args);
    }
}
