import java.util.function.Function;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/** Function objects: captured variables, composition, higher-order loops, lazy lists, currying. */
public class Lambdas extends Harness {
    /** A lazy list: its tail is computed when asked for. */
    static final class Lazy {
        final int head;
        private final Supplier<Lazy> tail;

        Lazy(int head, Supplier<Lazy> tail) {
            this.head = head;
            this.tail = tail;
        }

        static Lazy from(int n) {
            return new Lazy(n, () -> from(n + 1));
        }

        Lazy keep(IntUnaryOperator test) {
            Lazy at = this;
            while (test.applyAsInt(at.head) == 0) {
                at = at.tail.get();
            }
            Lazy found = at;
            return new Lazy(found.head, () -> found.tail.get().keep(test));
        }
    }

    private static int fold(int[] a, int start, IntBinaryOperator f) {
        int r = start;
        for (int x : a) {
            r = f.applyAsInt(r, x);
        }
        return r;
    }

    private static void each(int[] a, IntUnaryOperator f) {
        for (int i = 0; i < a.length; i++) {
            a[i] = f.applyAsInt(a[i]);
        }
    }

    @Override
    protected long iterate() {
        int[] a = new int[1000];
        long sum = 0;
        for (int round = 0; round < 200; round++) {
            final int k = round;
            each(a, x -> x + k);
            each(a, x -> x ^ (x >>> 3));
            IntUnaryOperator both = ((IntUnaryOperator) x -> x * 3).andThen(x -> x - k).compose(x -> x & 0xffff);
            each(a, both);
            sum += fold(a, 1, (r, x) -> r * 31 + x) + fold(a, 0, Math::max) + fold(a, 0, Integer::sum);
        }
        Function<Integer, Function<Integer, Function<Integer, Integer>>> curried = x -> y -> z -> x * y + z;
        for (int i = 0; i < 20_000; i++) {
            sum += curried.apply(i).apply(3).apply(i & 7);
        }
        Lazy primes = Lazy.from(2);
        for (int i = 0; i < 120; i++) {
            int p = primes.head;
            sum = sum * 31 + p;
            primes = primes.tail.get().keep(x -> x % p);
        }
        return sum;
    }

    public static void main(String[] args) {
        new Lambdas().start(args);
    }
}
