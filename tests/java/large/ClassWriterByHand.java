import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntBinaryOperator;

/** Writes class files byte by byte, with a constant pool, exception table, line numbers and stack maps, then loads and runs them. */
public class ClassWriterByHand extends ClassLoader {
    static final class Pool {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream out = new DataOutputStream(bytes);
        private final Map<String, Integer> known = new HashMap<>();
        int next = 1;

        private interface Body { void write() throws IOException; }

        private int entry(String key, int slots, Body b) {
            Integer i = known.get(key);
            if (i != null) return i;
            try {
                b.write();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            int index = next;
            next += slots;
            known.put(key, index);
            return index;
        }

        int utf8(String s) { return entry("u" + s, 1, () -> { out.writeByte(1); out.writeUTF(s); }); }
        int integer(int v) { return entry("i" + v, 1, () -> { out.writeByte(3); out.writeInt(v); }); }
        int float4(float v) { return entry("f" + v, 1, () -> { out.writeByte(4); out.writeFloat(v); }); }
        int long8(long v) { return entry("l" + v, 2, () -> { out.writeByte(5); out.writeLong(v); }); }
        int double8(double v) { return entry("d" + v, 2, () -> { out.writeByte(6); out.writeDouble(v); }); }

        int type(String name) {
            int u = utf8(name);
            return entry("c" + name, 1, () -> { out.writeByte(7); out.writeShort(u); });
        }

        int string(String s) {
            int u = utf8(s);
            return entry("s" + s, 1, () -> { out.writeByte(8); out.writeShort(u); });
        }

        int member(int tag, String owner, String name, String desc) {
            int c = type(owner), n = utf8(name), d = utf8(desc);
            int nt = entry("n" + name + ":" + desc, 1, () -> { out.writeByte(12); out.writeShort(n); out.writeShort(d); });
            return entry("m" + tag + owner + "." + name + desc, 1, () -> { out.writeByte(tag); out.writeShort(c); out.writeShort(nt); });
        }

        int field(String o, String n, String d) { return member(9, o, n, d); }
        int method(String o, String n, String d) { return member(10, o, n, d); }
        int imethod(String o, String n, String d) { return member(11, o, n, d); }
    }

    static final class Code {
        private final ByteArrayOutputStream b = new ByteArrayOutputStream();
        final List<int[]> fixups = new ArrayList<>();
        final Map<String, Integer> labels = new HashMap<>();
        final List<String> names = new ArrayList<>();
        final List<int[]> handlers = new ArrayList<>();
        final List<int[]> lines = new ArrayList<>();
        final List<Object[]> frames = new ArrayList<>();

        int pc() { return b.size(); }
        Code op(int... bytes) {
            for (int x : bytes) b.write(x);
            return this;
        }
        Code u2(int op, int index) { return op(op, index >> 8, index); }
        Code jump(int op, String label) {
            fixups.add(new int[] {pc(), names.size()});
            names.add(label);
            return op(op, 0, 0);
        }
        Code label(String l) {
            labels.put(l, pc());
            return this;
        }
        Code line(int n) {
            lines.add(new int[] {pc(), n});
            return this;
        }
        /** A full frame: verification types of locals, then of the stack. */
        Code frame(int[] locals, int[] stack) {
            frames.add(new Object[] {pc(), locals, stack});
            return this;
        }

        byte[] finish() {
            byte[] code = b.toByteArray();
            for (int[] f : fixups) {
                int d = labels.get(names.get(f[1])) - f[0];
                code[f[0] + 1] = (byte) (d >> 8);
                code[f[0] + 2] = (byte) d;
            }
            return code;
        }
    }

    static final class ClassFile {
        final Pool pool = new Pool();
        final String name, parent;
        final int access;
        final List<String> interfaces = new ArrayList<>();
        private final ByteArrayOutputStream fields = new ByteArrayOutputStream(), methods = new ByteArrayOutputStream();
        private int fieldCount, methodCount;

        ClassFile(int access, String name, String parent) {
            this.access = access;
            this.name = name;
            this.parent = parent;
        }

        ClassFile field(int access, String n, String d) throws IOException {
            DataOutputStream o = new DataOutputStream(fields);
            o.writeShort(access);
            o.writeShort(pool.utf8(n));
            o.writeShort(pool.utf8(d));
            o.writeShort(0);
            fieldCount++;
            return this;
        }

        ClassFile method(int access, String n, String d, int stack, int locals, Code c) throws IOException {
            DataOutputStream o = new DataOutputStream(methods);
            methodCount++;
            o.writeShort(access);
            o.writeShort(pool.utf8(n));
            o.writeShort(pool.utf8(d));
            if (c == null) {
                o.writeShort(0);
                return this;
            }
            o.writeShort(1);
            o.writeShort(pool.utf8("Code"));
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            DataOutputStream p = new DataOutputStream(body);
            byte[] code = c.finish();
            p.writeShort(stack);
            p.writeShort(locals);
            p.writeInt(code.length);
            p.write(code);
            p.writeShort(c.handlers.size());
            for (int[] h : c.handlers) for (int v : h) p.writeShort(v);
            p.writeShort((c.lines.isEmpty() ? 0 : 1) + (c.frames.isEmpty() ? 0 : 1));
            if (!c.lines.isEmpty()) {
                p.writeShort(pool.utf8("LineNumberTable"));
                p.writeInt(2 + 4 * c.lines.size());
                p.writeShort(c.lines.size());
                for (int[] l : c.lines) for (int v : l) p.writeShort(v);
            }
            if (!c.frames.isEmpty()) {
                ByteArrayOutputStream fb = new ByteArrayOutputStream();
                DataOutputStream f = new DataOutputStream(fb);
                f.writeShort(c.frames.size());
                int last = -1;
                for (Object[] fr : c.frames) {
                    int pc = (Integer) fr[0];
                    f.writeByte(255);
                    f.writeShort(last < 0 ? pc : pc - last - 1);
                    last = pc;
                    for (int k = 1; k < 3; k++) {
                        int[] types = (int[]) fr[k];
                        f.writeShort(types.length);
                        for (int t : types) {
                            if (t >= 0) f.writeByte(t);
                            else {
                                f.writeByte(7);
                                f.writeShort(-t);
                            }
                        }
                    }
                }
                p.writeShort(pool.utf8("StackMapTable"));
                p.writeInt(fb.size());
                p.write(fb.toByteArray());
            }
            o.writeInt(body.size());
            o.write(body.toByteArray());
            return this;
        }

        byte[] bytes(int version) throws IOException {
            int self = pool.type(name), sup = pool.type(parent), source = pool.utf8("SourceFile"), file = pool.utf8("Generated.java");
            int[] is = interfaces.stream().mapToInt(pool::type).toArray();
            ByteArrayOutputStream b = new ByteArrayOutputStream();
            DataOutputStream o = new DataOutputStream(b);
            o.writeInt(0xCAFEBABE);
            o.writeShort(0);
            o.writeShort(version);
            o.writeShort(pool.next);
            o.write(pool.bytes.toByteArray());
            o.writeShort(access);
            o.writeShort(self);
            o.writeShort(sup);
            o.writeShort(is.length);
            for (int i : is) o.writeShort(i);
            o.writeShort(fieldCount);
            o.write(fields.toByteArray());
            o.writeShort(methodCount);
            o.write(methods.toByteArray());
            o.writeShort(1);
            o.writeShort(source);
            o.writeInt(2);
            o.writeShort(file);
            return b.toByteArray();
        }
    }

    static final int ALOAD_0 = 42, ILOAD_0 = 26, ILOAD_1 = 27, ILOAD_2 = 28, IRETURN = 172, ARETURN = 176, RETURN = 177, INVOKESPECIAL = 183;
    static final int INT = 1;

    static Code constructor(ClassFile c) { return new Code().op(ALOAD_0).u2(INVOKESPECIAL, c.pool.method(c.parent, "<init>", "()V")).op(RETURN); }

    static Class<?> load(ClassFile c, int version) throws Exception {
        byte[] b = c.bytes(version);
        System.out.println(c.name + " " + b.length + " bytes, " + (c.pool.next - 1) + " constants");
        return new ClassWriterByHand().defineClass(c.name.replace('/', '.'), b, 0, b.length);
    }

    ClassWriterByHand() { super(ClassWriterByHand.class.getClassLoader()); }

    public static void main(String[] args) throws Exception {
        ClassFile hello = new ClassFile(0x21, "gen/Hello", "java/lang/Object");
        hello.field(0x9, "count", "I").method(0x1, "<init>", "()V", 1, 1, constructor(hello));
        hello.method(0x9, "greet", "(Ljava/lang/String;)Ljava/lang/String;", 2, 1, new Code()
                .u2(178, hello.pool.field("gen/Hello", "count", "I")).op(4, 96).u2(179, hello.pool.field("gen/Hello", "count", "I"))
                .op(18, hello.pool.string("Hello, ")).op(ALOAD_0).u2(182, hello.pool.method("java/lang/String", "concat", "(Ljava/lang/String;)Ljava/lang/String;")).op(ARETURN));
        Class<?> h = load(hello, 52);
        System.out.println(h.getMethod("greet", String.class).invoke(null, "class file") + " " + h.getMethod("greet", String.class).invoke(null, "\u4e2d\u0000") + " " + h.getField("count").get(null));

        int obj;
        ClassFile ops = new ClassFile(0x21, "gen/Ops", "java/lang/Object");
        ops.interfaces.add("java/util/function/IntBinaryOperator");
        ops.method(0x1, "<init>", "()V", 1, 1, constructor(ops));
        obj = -ops.pool.type("gen/Ops");
        int[] frame = {obj, INT, INT, INT};
        // int applyAsInt(int a, int b) { int r = 0; while (b > 0) { r += a; b--; } return r; }
        ops.method(0x1, "applyAsInt", "(II)I", 2, 4, new Code().op(3, 62).frame(frame, new int[0]).label("top").op(ILOAD_2).jump(158, "end").op(29, ILOAD_1, 96, 62).op(132, 2, 255).jump(167, "top").frame(frame, new int[0]).label("end").op(29, IRETURN));
        IntBinaryOperator mul = (IntBinaryOperator) load(ops, 55).getDeclaredConstructor().newInstance();
        System.out.println(mul.applyAsInt(6, 7) + " " + mul.applyAsInt(-3, 1000) + " " + mul.applyAsInt(5, -1));

        ClassFile safe = new ClassFile(0x21, "gen/Safe", "java/lang/Object");
        Code div = new Code();
        div.line(10).op(ILOAD_0, ILOAD_1, 108, IRETURN);
        int end = div.pc();
        div.frame(new int[] {INT, INT}, new int[] {-safe.pool.type("java/lang/ArithmeticException")});
        div.line(12).op(77, 44).u2(182, safe.pool.method("java/lang/Throwable", "getMessage", "()Ljava/lang/String;")).u2(182, safe.pool.method("java/lang/String", "length", "()I")).op(116, IRETURN);
        div.handlers.add(new int[] {0, end, end, safe.pool.type("java/lang/ArithmeticException")});
        safe.method(0x9, "div", "(II)I", 2, 3, div);
        safe.method(0x9, "boom", "()V", 3, 0, new Code().line(77).u2(187, safe.pool.type("java/lang/IllegalStateException")).op(89).op(18, safe.pool.string("generated")).u2(INVOKESPECIAL, safe.pool.method("java/lang/IllegalStateException", "<init>", "(Ljava/lang/String;)V")).line(78).op(191));
        safe.method(0x9, "wide", "()D", 6, 0, new Code().u2(20, safe.pool.long8(1L << 40)).op(138).u2(20, safe.pool.double8(0.5)).op(107).op(18, safe.pool.float4(2.5f)).op(141, 99).op(18, safe.pool.integer(1_000_000)).op(135, 103, 175));
        Class<?> s = load(safe, 61);
        System.out.println(s.getMethod("div", int.class, int.class).invoke(null, 17, 5) + " " + s.getMethod("div", int.class, int.class).invoke(null, 1, 0) + " " + s.getMethod("wide").invoke(null));
        try {
            s.getMethod("boom").invoke(null);
        } catch (InvocationTargetException e) {
            System.out.println(e.getCause() + " " + e.getCause().getStackTrace()[0]);
        }

        // tableswitch and lookupswitch with their padding at each of the four alignments
        for (int pad = 0; pad < 4; pad++) {
            ClassFile sw = new ClassFile(0x21, "gen/Switch" + pad, "java/lang/Object");
            for (boolean table : new boolean[] {true, false}) {
                Code c = new Code();
                for (int i = 0; i < pad; i++) c.op(0);
                c.op(ILOAD_0);
                int at = c.pc();
                c.op(table ? 170 : 171);
                while (c.pc() % 4 != 0) c.op(0);
                int after = c.pc() + (table ? 12 + 3 * 4 : 8 + 3 * 8), dflt = after + 9 - at;
                int4(c, dflt);
                if (table) {
                    int4(c, 5);
                    int4(c, 7);
                } else int4(c, 3);
                for (int i = 0; i < 3; i++) {
                    if (!table) int4(c, i * 1000 - 1000);
                    int4(c, after + 3 * i - at);
                }
                int[] f = {INT};
                for (int i = 0; i < 3; i++) c.frame(f, new int[0]).op(16, 10 + i, IRETURN);
                c.frame(f, new int[0]).op(2, IRETURN);
                sw.method(0x9, table ? "table" : "lookup", "(I)I", 1, 1, c);
            }
            Class<?> k = load(sw, 52);
            StringBuilder line = new StringBuilder();
            for (int v : new int[] {4, 5, 6, 7, 8, Integer.MIN_VALUE}) line.append(k.getMethod("table", int.class).invoke(null, v)).append(' ');
            for (int v : new int[] {-1000, 0, 1000, 1, -1, Integer.MAX_VALUE}) line.append(k.getMethod("lookup", int.class).invoke(null, v)).append(' ');
            System.out.println(line);
        }
        ClassFile many = new ClassFile(0x421, "gen/Many", "java/lang/Object");
        for (int i = 0; i < 300; i++) many.field(0x1, "f" + i, i % 3 == 0 ? "J" : i % 3 == 1 ? "B" : "Ljava/lang/String;").method(0x401, "m" + i, "(" + "I".repeat(i % 20) + ")V", 0, 0, null);
        Class<?> m = load(many, 52);
        System.out.println(m.getDeclaredFields().length + " " + m.getDeclaredMethods().length + " " + m.getField("f299").getType());
    }

    static void int4(Code c, int v) { c.op(v >>> 24, v >>> 16, v >>> 8, v); }
}
