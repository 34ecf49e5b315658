import java.io.Serializable;
import java.lang.annotation.*;
import java.util.*;
import java.util.function.*;

/** One class file after another for the mutations: each language feature leaves its attributes. */
@Deprecated
public class Sample<T extends Comparable<T>> implements Serializable, Comparator<T> {
    @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.TYPE, ElementType.METHOD, ElementType.FIELD, ElementType.PARAMETER, ElementType.TYPE_USE})
    @interface Mark { int value() default 3; String[] names() default {}; }

    static final int INT = 40000;
    static final long LONG = 1L << 40;
    static final float FLOAT = 1.5f;
    static final double DOUBLE = 2.5;
    static final String TEXT = "text";
    static final boolean FLAG = true;
    @Mark protected transient volatile List<? extends T> field;

    @Mark(5) public int compare(@Mark T a, T b) { return a.compareTo(b); }

    <E extends Exception> long loop(int n, double d, Map<String, T> map) throws E, java.io.IOException {
        long sum = 0;
        for (int i = 0; i < n; i++) {
            double x = d * i;
            sum += (long) x;
        }
        try {
            switch (n) { case 1: case 2: case 3: sum++; break; case 1000: sum--; break; default: sum = 0; }
        } catch (IllegalStateException | ClassCastException e) {
            sum = e.hashCode();
        } finally {
            synchronized (this) { sum *= 2; }
        }
        Supplier<String> supplier = () -> "x" + n;
        Function<Object, String> reference = Object::toString;
        return sum + supplier.get().length() + reference.apply(map).length();
    }

    native void linked();
    @Deprecated static strictfp void old(int... values) { assert values.length > 0; }

    enum Color { RED, GREEN { @Override int code() { return 2; } }; int code() { return 1; } }
    record Point<N extends Number>(@Mark N x, int y) { Point { Objects.requireNonNull(x); } }
    sealed interface Shape permits Circle, Square { default int area() { return helper(); } private int helper() { return 1; } static void s() { } void draw(); }
    static final class Circle implements Shape { public void draw() { } }
    static final class Square implements Shape { public void draw() { new Object() { int z = INT; }; class Local { } new Local(); } }
}
