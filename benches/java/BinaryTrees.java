/** Builds and walks trees that live short and one that lives long: allocation and recursion. */
public class BinaryTrees extends Harness {
    static final class Tree {
        final Tree left, right;

        Tree(Tree left, Tree right) {
            this.left = left;
            this.right = right;
        }

        int count() {
            return left == null ? 1 : 1 + left.count() + right.count();
        }
    }

    private static Tree build(int depth) {
        return depth == 0 ? new Tree(null, null) : new Tree(build(depth - 1), build(depth - 1));
    }

    @Override
    protected long iterate() {
        int most = 14;
        Tree longLived = build(most);
        long sum = 0;
        for (int depth = 4; depth <= most; depth += 2) {
            int trees = 1 << (most - depth + 2);
            for (int i = 0; i < trees; i++) {
                sum += build(depth).count();
            }
        }
        return sum * 31 + longLived.count();
    }

    public static void main(String[] args) {
        new BinaryTrees().start(args);
    }
}
