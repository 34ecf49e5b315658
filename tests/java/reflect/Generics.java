import java.lang.reflect.*;
import java.util.*;
import java.util.function.*;

public class Generics<A, B extends Number & Comparable<? super B>> {
    Map<String, List<? extends A>>[] f;
    A a; B[] bs; Outer<String>.In<Integer> in; Class<?>[] cs;
    static class Outer<O> { class In<I> { O o; I i; } }
    <X extends Exception, Y> Y m(X x, Function<? super Y, ? extends List<A>> fn, Y... ys) throws X, java.io.IOException { return null; }
    Generics(B b, Comparator<A> c) {}
    class Deep<C extends Generics<A, B>> extends ArrayList<C> implements Supplier<Map.Entry<A, C>> { public Map.Entry<A, C> get() { return null; } }

    static String d(Type t) {
        if (t instanceof ParameterizedType p) return "P(" + d(p.getRawType()) + Arrays.stream(p.getActualTypeArguments()).map(Generics::d).toList() + " owner " + p.getOwnerType() + ")";
        if (t instanceof GenericArrayType g) return "G(" + d(g.getGenericComponentType()) + ")";
        if (t instanceof WildcardType w) return "W(" + Arrays.stream(w.getUpperBounds()).map(Generics::d).toList() + Arrays.stream(w.getLowerBounds()).map(Generics::d).toList() + ")";
        if (t instanceof TypeVariable<?> v) return "V(" + v.getName() + " of " + (v.getGenericDeclaration() instanceof Class<?> c ? c.getSimpleName() : ((Executable) v.getGenericDeclaration()).getName()) + ")";
        return ((Class<?>) t).getSimpleName();
    }

    public static void main(String[] args) throws Exception {
        for (Field f : Generics.class.getDeclaredFields()) System.out.println(f.getName() + " " + f.getGenericType() + " " + d(f.getGenericType()));
        for (var v : Generics.class.getTypeParameters()) System.out.println(v + " " + Arrays.toString(v.getBounds()));
        Method m = Arrays.stream(Generics.class.getDeclaredMethods()).filter(x -> x.getName().equals("m")).findFirst().get();
        System.out.println(m.toGenericString());
        for (Type t : m.getGenericParameterTypes()) System.out.println(d(t));
        System.out.println(d(m.getGenericReturnType()) + Arrays.toString(m.getGenericExceptionTypes()) + m.getTypeParameters().length);
        System.out.println(Arrays.toString(Generics.class.getDeclaredConstructors()[0].getGenericParameterTypes()));
        Class<?> deep = Class.forName("Generics$Deep");
        System.out.println(d(deep.getGenericSuperclass()) + d(deep.getGenericInterfaces()[0]) + deep.toGenericString());
        System.out.println(Generics.class.getDeclaredField("f").getGenericType().equals(Generics.class.getDeclaredField("f").getGenericType()));
        System.out.println(new ArrayList<Map<String, int[]>>() {}.getClass().getGenericSuperclass());
        List<String> l = new ArrayList<>();
        @SuppressWarnings({"unchecked", "rawtypes"}) List raw = l;
        raw.add(5);
        try {
            String s = l.get(0);
            System.out.println(s);
        } catch (ClassCastException e) {
            System.out.println("heap pollution found late");
        }
    }
}
