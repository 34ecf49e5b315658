//@ asm
import java.lang.invoke.*;
import jdk.internal.org.objectweb.asm.*;

/** Calls of MethodHandle's own intrinsics and of signature-polymorphic methods from generated code. */
public class PolymorphicCalls implements Opcodes {
    static int serial;
    static Class<?> make(int op, String owner, String name, String desc, Object... args) throws Exception {
        String gen = "Acc" + serial++;
        ClassWriter w = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        w.visit(V11, ACC_PUBLIC, gen, null, "java/lang/Object", null);
        MethodVisitor v = w.visitMethod(ACC_PUBLIC | ACC_STATIC, "run", "(Ljava/lang/Object;)V", null, null);
        v.visitCode();
        if (op == INVOKEVIRTUAL) { v.visitVarInsn(ALOAD, 0); v.visitTypeInsn(CHECKCAST, owner); }
        for (Object o : args) v.visitLdcInsn(o);
        if (op == INVOKESTATIC) v.visitInsn(ACONST_NULL);
        v.visitMethodInsn(op, owner, name, desc, false);
        Type r = Type.getReturnType(desc);
        if (r.getSize() == 1) v.visitInsn(POP); else if (r.getSize() == 2) v.visitInsn(POP2);
        v.visitInsn(RETURN);
        v.visitMaxs(0, 0);
        w.visitEnd();
        byte[] b = w.toByteArray();
        return new ClassLoader(PolymorphicCalls.class.getClassLoader()) { Class<?> d() { return defineClass(gen, b, 0, b.length); } }.d();
    }
    static void run(String what, Class<?> c, Object arg) {
        for (int i = 0; i < 2; i++)
            try { c.getMethod("run", Object.class).invoke(null, arg); System.out.println(what + " ok"); }
            catch (java.lang.reflect.InvocationTargetException e) { System.out.println(what + " ! " + e.getCause().toString().replaceAll("@[0-9a-f]+", "@h")); }
            catch (Exception e) { System.out.println(what + " !! " + e); }
    }
    public static int f(int x) { return x + 1; }
    public static void main(String[] a) throws Throwable {
        MethodHandle f = MethodHandles.lookup().findStatic(PolymorphicCalls.class, "f", MethodType.methodType(int.class, int.class));
        String mh = "java/lang/invoke/MethodHandle", vh = "java/lang/invoke/VarHandle";
        run("exact", make(INVOKEVIRTUAL, mh, "invokeExact", "(I)I", 1), f);
        run("exact wrong", make(INVOKEVIRTUAL, mh, "invokeExact", "(I)V", 1), f);
        run("generic", make(INVOKEVIRTUAL, mh, "invoke", "(Ljava/lang/Object;)Ljava/lang/Object;", "x"), f);
        run("null", make(INVOKEVIRTUAL, mh, "invokeExact", "(I)I", 1), null);
        run("basic", make(INVOKEVIRTUAL, mh, "invokeBasic", "(I)I", 1), f);
        run("linkToStatic", make(INVOKESTATIC, mh, "linkToStatic", "(ILjava/lang/invoke/MemberName;)I", 1), f);
        run("linkToVirtual", make(INVOKESTATIC, mh, "linkToVirtual", "(Ljava/lang/Object;Ljava/lang/invoke/MemberName;)I", "s"), f);
        run("type missing", make(INVOKEVIRTUAL, mh, "invokeExact", "()LNone;"), f);
        run("not there", make(INVOKEVIRTUAL, mh, "invokeNot", "()V"), f);
        VarHandle h = MethodHandles.arrayElementVarHandle(int[].class);
        run("vh wrong", make(INVOKEVIRTUAL, vh, "get", "(I)I", 1), h);
        run("vh void", make(INVOKEVIRTUAL, vh, "compareAndSet", "(I)V", 1), h);
        run("vh none", make(INVOKEVIRTUAL, vh, "getNot", "(I)V", 1), h);
        run("vh toString", make(INVOKEVIRTUAL, vh, "toString", "()Ljava/lang/String;"), h);
    }
}
