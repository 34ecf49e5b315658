//@ asm
import java.lang.invoke.*;
import java.util.*;
import jdk.internal.org.objectweb.asm.*;

/** Dynamic constants: all types, null, errors recorded, cycles, as static arguments; pulled and pushed arguments. */
public class DynamicConstants implements Opcodes {
    static int calls;
    public static Object any(MethodHandles.Lookup l, String name, Class<?> type, Object... args) {
        calls++;
        System.out.println("  bsm " + name + " " + type.getName() + " " + Arrays.deepToString(args));
        switch (name) {
            case "z": return true; case "b": return (byte) -7; case "c": return 'q'; case "s": return (short) -300;
            case "i": return 123456; case "j": return 1L << 40; case "f": return 1.5f; case "d": return -2.5e300;
            case "nul": return null; case "str": return "text"; case "boxed": return 42; case "arr": return new int[]{1, 2};
            case "err": throw new IllegalStateException("no constant");
            case "linkage": throw new NoSuchFieldError("like linkage");
            case "oom": throw new OutOfMemoryError("made up");
            case "sum": { int n = 0; for (Object o : args) n += (Integer) o; return n; }
        }
        return args.length == 0 ? name : args[0];
    }
    public static Object two(MethodHandles.Lookup l, String name) { return name; }
    public static Object pull(MethodHandles.Lookup l, Object info) { return info.getClass().getName(); }

    static final String SELF = "DynamicConstants";
    static Handle bsm(String n, String d) { return new Handle(H_INVOKESTATIC, SELF, n, d, false); }
    static final Handle ANY = bsm("any", "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Class;[Ljava/lang/Object;)Ljava/lang/Object;");
    static int serial;

    interface Body { void emit(MethodVisitor v); }

    static Class<?> make(String desc, Body b) throws Exception {
        String name = "Gen" + serial++;
        ClassWriter w = new ClassWriter(ClassWriter.COMPUTE_FRAMES | ClassWriter.COMPUTE_MAXS);
        w.visit(V11, ACC_PUBLIC, name, null, "java/lang/Object", null);
        MethodVisitor v = w.visitMethod(ACC_PUBLIC | ACC_STATIC, "run", desc, null, null);
        v.visitCode();
        b.emit(v);
        v.visitInsn(Type.getReturnType(desc).getOpcode(IRETURN));
        v.visitMaxs(0, 0);
        v.visitEnd();
        w.visitEnd();
        byte[] bytes = w.toByteArray();
        return new ClassLoader(DynamicConstants.class.getClassLoader()) {
            Class<?> def() { return defineClass(name, bytes, 0, bytes.length); }
        }.def();
    }

    static void run(String what, Class<?> c, int times) {
        for (int i = 0; i < times; i++) {
            try {
                Object r = c.getMethod("run").invoke(null);
                System.out.println(what + " = " + (r instanceof int[] ? Arrays.toString((int[]) r) : r) + " calls " + calls);
            } catch (java.lang.reflect.InvocationTargetException e) {
                Throwable t = e.getCause();
                System.out.println((what + " ! " + t + " <- " + t.getCause() + " calls " + calls).replaceAll("@[0-9a-f]+", "@h"));
            } catch (Exception e) { System.out.println(what + " !! " + e); }
        }
    }

    static ConstantDynamic cd(String name, String type, Object... args) { return new ConstantDynamic(name, type, ANY, args); }

    public static void main(String[] a) throws Exception {
        for (String d : new String[]{"z:Z", "b:B", "c:C", "s:S", "i:I", "j:J", "f:F", "d:D", "nul:Ljava/lang/Object;", "str:Ljava/lang/String;",
                "boxed:Ljava/lang/Integer;", "arr:[I", "err:Ljava/lang/Object;", "linkage:I", "oom:I", "nul:I", "str:I", "str:Ljava/lang/Integer;", "boxed:J", "i:NoSuchType:L"}) {
            String[] p = d.split(":");
            String type = p[1].equals("NoSuchType") ? "LNoSuchType;" : p[1];
            run(d, make("()" + (p[1].equals("NoSuchType") ? "Ljava/lang/Object;" : type), v -> v.visitLdcInsn(cd(p[0], type))), 2);
        }
        run("nested", make("()I", v -> v.visitLdcInsn(cd("sum", "I", cd("i", "I"), cd("sum", "I", 1, 2, 3), 4))), 2);
        run("static args", make("()Ljava/lang/Object;", v -> v.visitLdcInsn(cd("x", "Ljava/lang/Object;", "s", 1, 2L, 3f, 4d, Type.getType("Ljava/util/List;"),
            Type.getType("[[I"), Type.getMethodType("(IJLjava/util/Map;)V"), bsm("two", "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;)Ljava/lang/Object;")))), 2);
        run("one array arg", make("()Ljava/lang/Object;", v -> v.visitLdcInsn(cd("x", "Ljava/lang/Object;", cd("arr", "[I")))), 1);
        run("one null arg", make("()Ljava/lang/Object;", v -> v.visitLdcInsn(cd("x", "Ljava/lang/Object;", cd("nul", "Ljava/lang/Object;")))), 1);
        run("bad arg", make("()Ljava/lang/Object;", v -> v.visitLdcInsn(cd("x", "Ljava/lang/Object;", cd("err", "Ljava/lang/Object;")))), 2);
        run("missing class arg", make("()Ljava/lang/Object;", v -> v.visitLdcInsn(cd("x", "Ljava/lang/Object;", Type.getType("LNowhere;")))), 2);
        Handle missing = bsm("missing", "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Class;)Ljava/lang/Object;");
        run("missing bsm", make("()Ljava/lang/Object;", v -> v.visitLdcInsn(new ConstantDynamic("x", "Ljava/lang/Object;", missing))), 2);
        run("arity two", make("()Ljava/lang/Object;", v -> v.visitLdcInsn(new ConstantDynamic("x", "Ljava/lang/Object;",
            bsm("pull", "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/Object;)Ljava/lang/Object;")))), 1);
        run("arity two, args", make("()Ljava/lang/Object;", v -> v.visitLdcInsn(new ConstantDynamic("x", "Ljava/lang/Object;",
            bsm("pull", "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/Object;)Ljava/lang/Object;"), "a", Type.getType("Ljava/util/Set;")))), 1);
        // Handles and method types.
        String[][] hs = {{"1", "DynamicConstants$F", "inst", "I"}, {"2", "DynamicConstants$F", "stat", "J"}, {"3", "DynamicConstants$F", "inst", "I"}, {"4", "DynamicConstants$F", "stat", "J"},
            {"5", "java/lang/String", "length", "()I"}, {"6", "java/lang/Integer", "parseInt", "(Ljava/lang/String;)I"}, {"8", "java/util/ArrayList", "<init>", "()V"},
            {"9", "java/util/List", "size", "()I"}, {"5", "java/lang/invoke/MethodHandle", "invokeExact", "(I)V"}, {"5", "java/lang/invoke/VarHandle", "getAndAdd", "(LDynamicConstants$F;I)I"},
            {"5", "DynamicConstants$F", "priv", "()V"}, {"6", "DynamicConstants$F", "nope", "()V"}, {"6", "DynamicConstants$F", "inst2", "()V"}, {"1", "DynamicConstants$F", "hidden", "I"}, {"4", "DynamicConstants$F", "FIN", "I"},
            {"9", "java/lang/Runnable", "hashCode", "()I"}, {"5", "[I", "clone", "()Ljava/lang/Object;"}, {"6", "NoClassAtAll", "m", "()V"}, {"5", "java/lang/String", "length", "(LNoArgClass;)I"},
            {"2", "DynamicConstants$F", "inst", "I"}, {"8", "java/util/AbstractList", "<init>", "()V"}};
        for (String[] h : hs) {
            Handle handle = new Handle(Integer.parseInt(h[0]), h[1], h[2], h[3], h[0].equals("9"));
            run(String.join(" ", h), make("()Ljava/lang/Object;", v -> v.visitLdcInsn(handle)), 2);
        }
        run("itf mismatch", make("()Ljava/lang/Object;", v -> v.visitLdcInsn(new Handle(5, "java/util/List", "size", "()I", false))), 2);
        run("itf mismatch 2", make("()Ljava/lang/Object;", v -> v.visitLdcInsn(new Handle(6, "DynamicConstants$F", "sm", "()V", true))), 2);
        for (String d : new String[]{"()V", "(ILjava/lang/String;[[J)Ljava/util/Map;", "(LNone;)V", "(LDynamicConstants$Priv;)V"})
            run(d, make("()Ljava/lang/Object;", v -> v.visitLdcInsn(Type.getMethodType(d))), 2);
    }
    public static class F { public int inst; public static long stat; private int hidden; public static final int FIN = 3; private void priv() {} public void inst2() {} public static void sm() {} }
    private static class Priv {}
}
