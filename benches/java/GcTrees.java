/** Collector: binary trees of depth 18 in all, most die at once, one stays. */
public class GcTrees extends Harness {
    static final class Tree {
        Tree left, right;

        int count() {
            return left == null ? 1 : 1 + left.count() + right.count();
        }
    }

    private static Tree build(int depth) {
        Tree t = new Tree();
        if (depth > 0) {
            t.left = build(depth - 1);
            t.right = build(depth - 1);
        }
        return t;
    }

    @Override
    protected long iterate() {
        Tree stays = build(17);
        long sum = 0;
        for (int depth = 4; depth <= 16; depth += 4) {
            for (int i = 0; i < 1 << (18 - depth); i++) {
                sum += build(depth).count();
            }
        }
        return sum + stays.count();
    }

    public static void main(String[] args) {
        new GcTrees().start(args);
    }
}
