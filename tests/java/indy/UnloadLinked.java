//@ asm
import java.lang.invoke.*;
import java.lang.ref.*;
import java.util.*;
import jdk.internal.org.objectweb.asm.*;
/** Classes with linked and failed call sites, lambdas and handles go with their loader; code that uses them stays. */
public class UnloadLinked implements Opcodes {
    public static CallSite ok(MethodHandles.Lookup l, String n, MethodType t) throws Exception {
        return new ConstantCallSite(MethodHandles.constant(Object.class, l.lookupClass()));
    }
    public static CallSite bad(MethodHandles.Lookup l, String n, MethodType t) { throw new IllegalStateException(l.lookupClass().getName()); }
    static byte[] bytes(String name) {
        ClassWriter w = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        w.visit(V11, ACC_PUBLIC, name, null, "java/lang/Object", null);
        String bd = "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/invoke/MethodType;)Ljava/lang/invoke/CallSite;";
        for (String b : new String[]{"ok", "bad"}) {
            MethodVisitor v = w.visitMethod(ACC_PUBLIC | ACC_STATIC, b, "()Ljava/lang/Object;", null, null);
            v.visitCode();
            v.visitInvokeDynamicInsn("x", "()Ljava/lang/Object;", new Handle(H_INVOKESTATIC, "UnloadLinked", b, bd, false));
            v.visitInsn(ARETURN); v.visitMaxs(0, 0);
        }
        MethodVisitor v = w.visitMethod(ACC_PUBLIC | ACC_STATIC, "lambda", "()Ljava/lang/Object;", null, null);
        v.visitCode();
        v.visitInvokeDynamicInsn("get", "()Ljava/util/function/Supplier;", new Handle(H_INVOKESTATIC, "java/lang/invoke/LambdaMetafactory", "metafactory",
            "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/invoke/MethodType;Ljava/lang/invoke/MethodType;Ljava/lang/invoke/MethodHandle;Ljava/lang/invoke/MethodType;)Ljava/lang/invoke/CallSite;", false),
            Type.getMethodType("()Ljava/lang/Object;"), new Handle(H_INVOKESTATIC, name, "ok", "()Ljava/lang/Object;", false), Type.getMethodType("()Ljava/lang/Object;"));
        v.visitInsn(ARETURN); v.visitMaxs(0, 0);
        v = w.visitMethod(ACC_PUBLIC | ACC_STATIC, "handle", "()Ljava/lang/Object;", null, null);
        v.visitCode();
        v.visitLdcInsn(new Handle(H_INVOKESTATIC, name, "ok", "()Ljava/lang/Object;", false));
        v.visitInsn(ARETURN); v.visitMaxs(0, 0);
        v = w.visitMethod(ACC_PUBLIC | ACC_STATIC, "type", "()Ljava/lang/Object;", null, null);
        v.visitCode();
        v.visitLdcInsn(Type.getMethodType("(L" + name + ";I)[L" + name + ";"));
        v.visitInsn(ARETURN); v.visitMaxs(0, 0);
        return w.toByteArray();
    }
    public static void main(String[] a) throws Throwable {
        List<WeakReference<Class<?>>> refs = new ArrayList<>();
        List<Object> kept = new ArrayList<>();
        ReferenceQueue<Object> q = new ReferenceQueue<>();
        for (int i = 0; i < 60; i++) {
            byte[] b = bytes("G");
            Class<?> c = new ClassLoader(UnloadLinked.class.getClassLoader()) { Class<?> d() { return defineClass("G", b, 0, b.length); } }.d();
            MethodHandles.Lookup l = MethodHandles.lookup();
            MethodType mt = MethodType.methodType(Object.class);
            if (l.findStatic(c, "ok", mt).invoke() != c) throw new Error();
            for (int k = 0; k < 2; k++) try { l.findStatic(c, "bad", mt).invoke(); throw new Error(); } catch (BootstrapMethodError e) { if (k == 1 && e.getCause() != null) throw e; }
            Object s = l.findStatic(c, "lambda", mt).invoke();
            if (((java.util.function.Supplier<?>) s).get() != c) throw new Error();
            MethodHandle h = (MethodHandle) l.findStatic(c, "handle", mt).invoke();
            if (h.invoke() != c) throw new Error();
            MethodType t = (MethodType) l.findStatic(c, "type", mt).invoke();
            if (t.parameterType(0) != c) throw new Error();
            refs.add(new WeakReference<>(c));
            switch (i % 12) { case 0: kept.add(s); break; case 1: kept.add(h); break; case 2: kept.add(t); break; case 3: kept.add(MethodHandles.dropArguments(h, 0, int.class)); break; }
            c = null; s = null; h = null; t = null;
            if (i % 10 == 9) System.gc();
        }
        for (int i = 0; i < 5; i++) { System.gc(); Thread.sleep(20); }
        int live = 0;
        for (int i = 0; i < 60; i++) if (refs.get(i).get() != null) live++; 
        System.out.println(live >= 20 && live <= 24 ? "as many as kept" : "live " + live);
        for (Object o : kept) {
            if (o instanceof java.util.function.Supplier) { if (((Class<?>) ((java.util.function.Supplier<?>) o).get()).getName().length() != 1) throw new Error(); }
            else if (o instanceof MethodHandle && ((MethodHandle) o).type().parameterCount() == 0) ((MethodHandle) o).invoke();
            else if (o instanceof MethodHandle) ((MethodHandle) o).invoke(1);
            else ((MethodType) o).toMethodDescriptorString();
        }
        System.out.println("all work");
        // Hidden classes by the thousand.
        long sum = 0;
        for (int i = 0; i < 400; i++) {
            ClassWriter w = new ClassWriter(0);
            w.visit(V11, ACC_PUBLIC, "UnloadLinked$H", null, "java/lang/Object", null);
            MethodVisitor v = w.visitMethod(ACC_PUBLIC | ACC_STATIC, "m", "()I", null, null);
            v.visitCode(); v.visitLdcInsn(i); v.visitInsn(IRETURN); v.visitMaxs(1, 0);
            MethodHandles.Lookup h = MethodHandles.lookup().defineHiddenClass(w.toByteArray(), i % 2 == 0);
            sum += (int) h.findStatic(h.lookupClass(), "m", MethodType.methodType(int.class)).invoke();
        }
        System.out.println(sum);
    }
}
