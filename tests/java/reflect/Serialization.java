import java.io.*;
import java.util.*;

public class Serialization {
    static class Base implements Serializable { int a = 1; transient int t = 2; String s = "s"; }
    static class Derived extends Base { private static final long serialVersionUID = 5; double[] d = {1.5, 2.5}; Base self; List<Object> l = new ArrayList<>(); Map<String, Integer> m = new TreeMap<>(); enumE e = enumE.TWO; Class<?> c = int[].class; char[][] cc = {{'a'}, {}}; Object nul; }
    enum enumE { ONE, TWO { @Override public String toString() { return "two!"; } } }
    static class NoDefault { int x = 77; NoDefault() { x = 78; } }
    static class Mixed extends NoDefault implements Serializable { int y = 5; }
    static class Custom implements Serializable { transient int v; Custom(int v) { this.v = v; } private void writeObject(ObjectOutputStream o) throws IOException { o.defaultWriteObject(); o.writeInt(v * 2); o.writeUTF("utf\u4e2d"); } private void readObject(ObjectInputStream i) throws IOException, ClassNotFoundException { i.defaultReadObject(); v = i.readInt() / 2; System.out.println(i.readUTF()); } }
    static class Single implements Serializable { static final Single ONE = new Single(); private Object readResolve() { return ONE; } }
    static class Replaced implements Serializable { private Object writeReplace() { return "replacement"; } }
    public static class Ext implements Externalizable { int v; public Ext() { System.out.println("Ext()"); } Ext(int v) { this.v = v; } public void writeExternal(ObjectOutput o) throws IOException { o.writeLong(v); } public void readExternal(ObjectInput i) throws IOException { v = (int) i.readLong(); } }
    record Rec(int a, String b) implements Serializable { Rec { System.out.println("canonical " + a); } }
    static class NotSer { }
    static class Holds implements Serializable { Object o = new NotSer(); }
    interface SerSup extends Serializable, java.util.function.Supplier<String> {}

    static byte[] write(Object o) throws IOException {
        ByteArrayOutputStream b = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(b)) { out.writeObject(o); }
        return b.toByteArray();
    }

    static Object read(byte[] b) throws Exception {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(b))) { return in.readObject(); }
    }

    public static void main(String[] args) throws Exception {
        Derived d = new Derived();
        d.self = d;
        d.l.add(d);
        d.l.add("x");
        d.l.add(5);
        d.m.put("k", 9);
        d.t = 50;
        Derived r = (Derived) read(write(d));
        System.out.println(r.a + " " + r.t + " " + r.s + " " + r.d[1] + " " + (r.self == r) + (r.l.get(0) == r) + r.l.get(1) + r.l.get(2) + r.m + r.e + (r.e == enumE.TWO) + r.c + r.cc[0][0] + r.nul);
        System.out.println(((Mixed) read(write(new Mixed()))).x + " " + ((Custom) read(write(new Custom(21)))).v + " " + (read(write(Single.ONE)) == Single.ONE) + " " + read(write(new Replaced())) + " " + ((Ext) read(write(new Ext(8)))).v + " " + read(write(new Rec(3, "r"))));
        int n = 5;
        SerSup lambda = () -> "lambda " + n;
        System.out.println(((SerSup) read(write(lambda))).get());
        try {
            write(new Holds());
        } catch (NotSerializableException e) {
            System.out.println(e);
        }
        System.out.println(ObjectStreamClass.lookup(Base.class).getSerialVersionUID() + " " + ObjectStreamClass.lookup(Derived.class) + " " + ObjectStreamClass.lookup(NotSer.class) + " " + ObjectStreamClass.lookup(Rec.class).getSerialVersionUID());
        byte[] bytes = write(new Base());
        System.out.println(bytes.length + " " + Arrays.hashCode(bytes));
        bytes[1] = 0;
        try {
            read(bytes);
        } catch (StreamCorruptedException e) {
            System.out.println(e.getMessage());
        }
        ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(write(new ArrayList<>(List.of(new Base())))));
        in.setObjectInputFilter(ObjectInputFilter.Config.createFilter("java.base/*;!*"));
        try {
            in.readObject();
        } catch (InvalidClassException e) {
            System.out.println(e.getMessage());
        }
        Object[] shared = {"same", null, null};
        shared[1] = shared[0];
        shared[2] = new int[] {1, 2};
        Object[] back = (Object[]) read(write(shared));
        System.out.println((back[0] == back[1]) + " " + ((int[]) back[2])[1]);
    }
}
