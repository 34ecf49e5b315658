import java.util.Comparator;
import java.util.function.IntUnaryOperator;

/** Interpreter kernel: interface calls on one, two and many classes, default methods, type tests and casts. */
public class KernelInterface extends Harness {
    interface Step {
        int apply(int x);

        default int again(int x) {
            return apply(apply(x));
        }
    }

    static final class Add implements Step, Comparable<Add> {
        public int apply(int x) {
            return x + 1;
        }

        public int compareTo(Add o) {
            return 0;
        }
    }

    static final class Xor implements IntUnaryOperator, Step {
        public int apply(int x) {
            return x ^ 0x55;
        }

        public int applyAsInt(int x) {
            return x + 2;
        }
    }

    static final class Twice implements Comparator<String>, Step {
        public int apply(int x) {
            return x << 1;
        }

        @Override
        public int again(int x) {
            return x << 2;
        }

        public int compare(String a, String b) {
            return a.length() - b.length();
        }
    }

    @Override
    protected long iterate() {
        Step[] steps = {new Add(), new Xor(), new Twice()};
        Step one = steps[1];
        int x = 1;
        long sum = 0;
        for (int i = 0; i < 50_000; i++) {
            x = one.apply(x);
            x = steps[i & 1].apply(x);
            x = steps[i % 3].again(x);
            Object o = steps[i % 3];
            if (o instanceof IntUnaryOperator) {
                x += ((IntUnaryOperator) o).applyAsInt(i);
            } else if (o instanceof Comparable<?>) {
                sum++;
            }
            sum += x;
        }
        return sum;
    }

    public static void main(String[] args) {
        new KernelInterface().start(args);
    }
}
