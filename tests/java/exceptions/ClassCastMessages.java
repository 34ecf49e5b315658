import java.util.ArrayList;
import java.util.List;

public class ClassCastMessages {
    interface I {}
    static class A {}

    static void cast(Runnable r) {
        try {
            r.run();
            System.out.println("fine");
        } catch (ClassCastException | ArrayStoreException e) {
            System.out.println(e.getMessage().replaceAll("'app'", "app"));
        }
    }

    @SuppressWarnings("unchecked")
    public static void main(String[] args) {
        Object s = "s", a = new A(), ints = new int[1], as = new A[1][1], l = new ArrayList<Object>();
        cast(() -> System.out.println((Integer) s));
        cast(() -> System.out.println((A) s));
        cast(() -> System.out.println((String) a));
        cast(() -> System.out.println((I) a));
        cast(() -> System.out.println((int[]) a));
        cast(() -> System.out.println((long[]) ints));
        cast(() -> System.out.println((String[]) as));
        cast(() -> System.out.println(((Object[]) as).length));
        cast(() -> System.out.println((I[][]) as));
        cast(() -> System.out.println((java.sql.Driver) l));
        cast(() -> {
            List<Integer> li = (List<Integer>) l;
            ((List<Object>) l).add("str");
            int i = li.get(0);
            System.out.println(i);
        });
        cast(() -> ((Object[]) as)[0] = new int[1]);
        cast(() -> ((Object[]) as)[0] = new A[0]);
        cast(() -> ((Object[]) new String[1])[0] = a);
        cast(() -> A.class.cast(s));
        cast(() -> System.arraycopy(new int[1], 0, new long[1], 0, 1));
        cast(() -> System.arraycopy(new Object[] {"a", 1}, 0, new String[2], 0, 2));
        cast(() -> System.arraycopy("no array", 0, new String[2], 0, 2));
        cast(() -> System.arraycopy(new String[1], 0, new int[2], 0, 1));
    }
}
