import java.lang.reflect.*;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

public class Members {
    static abstract class Base<T> {
        public int pub = 1; protected long prot; String pack; private static final char PRIV = 'p'; volatile transient double vt;
        public Base() {} protected Base(int a, T... ts) throws java.io.IOException {} private Base(String s) {}
        public abstract T abs(); public final synchronized strictfp void fin(T t, java.util.List<? super T> l) {} protected static native void nat(); private <U extends Comparable<U>> U priv(U u) { return u; }
        public boolean equals(Object o) { return this == o; }
    }
    static class Derived extends Base<String> implements Comparable<Derived> { public String abs() { return ""; } public int compareTo(Derived d) { return 0; } public static void main(String... a) {} int pub = 2; }
    interface Itf { int K = 5; void m(); default void d() {} static void s() {} private void p() {} }

    static String sorted(Member[] ms) { return Stream.of(ms).map(m -> m instanceof Method x ? x.toGenericString() : m instanceof Constructor<?> c ? c.toGenericString() : ((Field) m).toGenericString()).map(s -> s.replace("Members$", "")).sorted().collect(Collectors.joining("\n  ", "  ", "")); }

    public static void main(String[] args) throws Exception {
        for (Class<?> c : new Class<?>[] {Base.class, Derived.class, Itf.class}) {
            System.out.println(c.getName() + "\n" + sorted(c.getDeclaredFields()) + "\n" + sorted(c.getDeclaredConstructors()) + "\n" + sorted(c.getDeclaredMethods()));
            System.out.println(" public:\n" + sorted(c.getFields()) + "\n" + sorted(c.getConstructors()) + "\n" + Stream.of(c.getMethods()).filter(m -> m.getDeclaringClass() != Object.class).map(Method::toString).sorted().collect(Collectors.joining("\n  ", "  ", "")));
        }
        Method fin = Base.class.getMethod("fin", Object.class, java.util.List.class);
        System.out.println(fin + " " + Arrays.toString(fin.getGenericParameterTypes()) + " " + Modifier.toString(fin.getModifiers()) + " " + fin.getParameters()[0].getName() + fin.isVarArgs());
        for (Method m : Stream.of(Derived.class.getDeclaredMethods()).sorted(Comparator.comparing(Method::toString)).toList()) if (m.isBridge()) System.out.println("bridge " + m.getName() + " " + m.isSynthetic() + m.getReturnType());
        System.out.println(Derived.class.getGenericSuperclass() + " " + ((ParameterizedType) Derived.class.getGenericSuperclass()).getActualTypeArguments()[0]);
        System.out.println(Base.class.getDeclaredField("pub").getInt(new Derived()) + " " + Derived.class.getDeclaredField("pub").getInt(new Derived()) + " " + Itf.class.getField("K").get(null));
        System.out.println(Base.class.getMethod("equals", Object.class).equals(Derived.class.getMethod("equals", Object.class)) + " " + Derived.class.getMethod("abs").getReturnType() + " " + Derived.class.getMethod("toString").getDeclaringClass());
        for (String n : new String[] {"toString", "nope"}) {
            try {
                System.out.println(Itf.class.getMethod(n));
            } catch (NoSuchMethodException e) {
                System.out.println(e.getMessage());
            }
        }
        System.out.println(Members.class.getDeclaredMethod("sorted", Member[].class).getName() + Runnable.class.getMethods().length + int.class.getMethods().length);
    }
}
