import java.io.*;
import java.math.BigDecimal;
import java.time.*;
import java.util.*;
import java.util.function.*;

/** Serialization of every kind: graphs with cycles, records, enums, proxies, lambdas, replacement, validation, filters. */
public class Serialized {
    static class Base implements Serializable {
        private static final long serialVersionUID = 1;
        int number = 1;
        transient int lost = 2;
        Base cycle = this;
    }

    static class Derived extends Base {
        private static final ObjectStreamField[] serialPersistentFields = {
            new ObjectStreamField("text", String.class), new ObjectStreamField("value", double.class)};
        String text = "text";

        private void writeObject(ObjectOutputStream out) throws IOException {
            ObjectOutputStream.PutField fields = out.putFields();
            fields.put("text", text + "!");
            fields.put("value", 2.5);
            out.writeFields();
            out.writeInt(42);
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            ObjectInputStream.GetField fields = in.readFields();
            text = fields.get("text", "none") + " " + fields.get("value", 0.0);
            lost = in.readInt();
            in.registerValidation(() -> System.out.println("validated " + text), 1);
        }
    }

    static class External implements Externalizable {
        int a;

        public External() { a = -1; }

        public void writeExternal(ObjectOutput out) throws IOException { out.writeInt(a); }

        public void readExternal(ObjectInput in) throws IOException { a = in.readInt() + 1; }
    }

    static class Single implements Serializable {
        static final Single ONLY = new Single();

        Object writeReplace() { return new Form(); }

        static class Form implements Serializable {
            Object readResolve() { return ONLY; }
        }
    }

    record Point(int x, List<String> names) implements Serializable {
        Point {
            if (x < 0) throw new IllegalArgumentException("negative");
        }
    }

    enum Colour { RED, GREEN { @Override int f() { return 1; } }; int f() { return 0; } }

    interface Op extends Serializable, IntBinaryOperator { }

    static byte[] write(Object o) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(o);
        }
        return bytes.toByteArray();
    }

    static Object read(byte[] bytes, ObjectInputFilter filter) throws Exception {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            if (filter != null) in.setObjectInputFilter(filter);
            return in.readObject();
        }
    }

    public static void main(String[] args) throws Exception {
        Derived d = (Derived) read(write(new Derived()), null);
        System.out.println(d.number + " " + d.lost + " " + d.text + " " + (d.cycle == d));
        External e = new External();
        e.a = 10;
        System.out.println(((External) read(write(e), null)).a + " " + (read(write(Single.ONLY), null) == Single.ONLY));
        System.out.println(read(write(new Point(3, List.of("a", "b"))), null));
        System.out.println(read(write(EnumSet.allOf(Colour.class)), null) + " " + (read(write(Colour.GREEN), null) == Colour.GREEN));
        int captured = 5;
        Op op = (a, b) -> a * b + captured;
        System.out.println(((Op) read(write(op), null)).applyAsInt(6, 7));
        Function<Object, String> f = (Function<Object, String> & Serializable) String::valueOf;
        @SuppressWarnings("unchecked")
        Function<Object, String> f2 = (Function<Object, String>) read(write(f), null);
        System.out.println(f2.apply(List.of(1)));
        Map<Object, Object> map = new TreeMap<>(Map.of("k", new int[][] {{1, 2}, {3}}, "d", new BigDecimal("1.50"),
            "t", Duration.ofSeconds(5), "l", LocalDate.of(2020, 2, 29), "z", ZoneId.of("Europe/Vienna")));
        @SuppressWarnings("unchecked")
        Map<Object, Object> map2 = (Map<Object, Object>) read(write(map), null);
        System.out.println(Arrays.deepToString((int[][]) map2.remove("k")) + " " + map2);
        List<Object> nested = new ArrayList<>();
        for (int i = 0; i < 200; i++) nested = new ArrayList<>(List.of(nested, i));
        System.out.println(Arrays.hashCode(write(nested)) + " " + read(write(nested), null).hashCode());
        for (String pattern : new String[] {"java.base/*;!*", "maxdepth=10;*", "maxarray=1;*", "Serialized$Point;java.util.*;!*"}) {
            for (Object o : new Object[] {nested, new int[10], new Point(1, List.of())}) {
                try {
                    System.out.println(pattern + " " + read(write(o), ObjectInputFilter.Config.createFilter(pattern)).getClass());
                } catch (InvalidClassException x) {
                    System.out.println(pattern + " " + x.getMessage());
                }
            }
        }
        byte[] bad = write(new Point(3, List.of()));
        for (int i = bad.length - 1; i > 0; i--) {
            byte[] copy = bad.clone();
            copy[i] ^= 0x55;
            try {
                read(copy, null);
            } catch (IOException | ClassNotFoundException | RuntimeException | LinkageError | OutOfMemoryError x) {
                continue;
            }
        }
        try {
            write(new Object());
        } catch (NotSerializableException x) {
            System.out.println(x);
        }
    }
}
