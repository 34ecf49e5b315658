//@ vm: -Xbatch -XX:Tier3InvocationThreshold=200 -XX:Tier3MinInvocationThreshold=100 -XX:Tier3CompileThreshold=2000 -XX:Tier3BackEdgeThreshold=8192 -XX:Tier4InvocationThreshold=600 -XX:Tier4MinInvocationThreshold=300 -XX:Tier4CompileThreshold=800 -XX:TieredStopAtLevel=4
/** A class that is loaded later overrides a method that optimised code has inlined, with that code on the stack. */
public class NewSubclass {
    static class Shape {
        int sides() {
            return 0;
        }

        int area(int depth) {
            return depth == 0 ? 1 : 2;
        }
    }

    static class Square extends Shape {
        @Override
        int sides() {
            return 4;
        }

        @Override
        int area(int depth) {
            return depth == 0 ? 100 : 200;
        }
    }

    static Shape shape = new Shape();

    static int work(int depth, boolean load) throws Exception {
        int before = shape.sides();
        long wide = 1L << 40 | depth;
        double fraction = depth + 0.5;
        if (depth == 3 && load) {
            shape = (Shape) Class.forName("NewSubclass$Square").getDeclaredConstructor().newInstance();
        }
        int below = depth > 0 ? work(depth - 1, load) : 0;
        if (wide != (1L << 40 | depth) || fraction != depth + 0.5) {
            throw new AssertionError("locals are lost at " + depth);
        }
        return before + 10 * shape.sides() + shape.area(depth) + 3 * below;
    }

    public static void main(String[] args) throws Exception {
        long sum = 0;
        for (int i = 0; i < 5000; i++) {
            sum += work(6, false);
        }
        System.out.println(sum);
        System.out.println(work(6, true));
        for (int i = 0; i < 5000; i++) {
            sum += work(6, false);
        }
        System.out.println(sum);
    }
}
