//@ vm: -Xbatch -XX:Tier3InvocationThreshold=200 -XX:Tier3MinInvocationThreshold=100 -XX:Tier3CompileThreshold=2000 -XX:Tier3BackEdgeThreshold=8192 -XX:Tier4InvocationThreshold=600 -XX:Tier4MinInvocationThreshold=300 -XX:Tier4CompileThreshold=800 -XX:TieredStopAtLevel=4
import java.util.ArrayList;
import java.util.List;

/** What optimised code does not expect: rare branches, new receivers, exceptions, in inlined and synchronized methods. */
public class Guards {
    interface Op {
        int apply(int x);
    }

    record Add(int n) implements Op {
        public int apply(int x) {
            return x + n;
        }
    }

    record Mul(int n) implements Op {
        public int apply(int x) {
            return x * n;
        }
    }

    static int rare;
    private int locked;

    static int run(Op op, int x) {
        return op.apply(x) + 1;
    }

    static int branch(int x) {
        if (x == -1) {
            rare++;
            return new Exception("rare").getStackTrace()[0].getLineNumber() > 0 ? 7 : 8;
        }
        return x & 15;
    }

    synchronized int add(int[] values, int index) {
        locked += values[index];
        if (!Thread.holdsLock(this)) {
            throw new AssertionError("monitor lost");
        }
        return locked;
    }

    static int pair(int x, Object other) {
        int[] box = {x, x + 1};
        List<Integer> list = new ArrayList<>();
        list.add(box[0]);
        synchronized (list) {
            if (other != null) {
                list.add(other.hashCode() & 1);
                return list.size() + box[1];
            }
        }
        return list.get(0) + box[1];
    }

    static String trace(int x) {
        try {
            return "" + outer(x);
        } catch (ArithmeticException e) {
            StackTraceElement[] t = e.getStackTrace();
            return t[0].getMethodName() + ":" + t[0].getLineNumber() + " " + t[1].getMethodName() + " " + t[2].getMethodName();
        }
    }

    static int outer(int x) {
        return inner(x) + 1;
    }

    static int inner(int x) {
        return 100 / x;
    }

    public static void main(String[] args) {
        Guards g = new Guards();
        long sum = 0;
        int[] values = {1, 2, 3, 4};
        for (int i = 0; i < 6000; i++) {
            sum += run(new Add(i), i) + branch(i) + g.add(values, i & 3) + pair(i, null) + trace(i + 1).length();
        }
        System.out.println(sum);
        for (int i = 0; i < 50; i++) {
            sum += run(new Mul(i), i) + branch(i % 10 == 0 ? -1 : i) + pair(i, i);
        }
        System.out.println(sum + " " + rare);
        try {
            g.add(values, 4);
        } catch (ArrayIndexOutOfBoundsException e) {
            System.out.println(e.getMessage() + " " + Thread.holdsLock(g));
        }
        try {
            g.add(null, 0);
        } catch (NullPointerException e) {
            System.out.println("null " + Thread.holdsLock(g));
        }
        System.out.println(trace(0));
        System.out.println(trace(5));
    }
}
