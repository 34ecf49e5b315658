//@ asm
import java.lang.invoke.*;
import java.util.*;
import jdk.internal.org.objectweb.asm.*;
/** A dynamic constant that needs itself ends in StackOverflowError. */
public class ConstantCycle implements Opcodes {
    public static Object id(MethodHandles.Lookup l, String n, Class<?> t, Object x) { return x; }
    public static void main(String[] a) throws Throwable {
        Handle id = new Handle(H_INVOKESTATIC, "ConstantCycle", "id", "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Class;Ljava/lang/Object;)Ljava/lang/Object;", false);
        ClassWriter w = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        w.visit(V11, ACC_PUBLIC, "G", null, "java/lang/Object", null);
        MethodVisitor v = w.visitMethod(ACC_PUBLIC | ACC_STATIC, "run", "()Ljava/lang/Object;", null, null);
        v.visitCode();
        v.visitLdcInsn(new ConstantDynamic("A", "Ljava/lang/Object;", id, new ConstantDynamic("B", "Ljava/lang/Object;", id, "marker")));
        v.visitInsn(ARETURN); v.visitMaxs(0, 0);
        byte[] b = w.toByteArray();
        ClassReader r = new ClassReader(b);
        int marker = 0, dynA = 0; char[] buf = new char[200];
        for (int i = 1; i < r.getItemCount(); i++) { int o = r.getItem(i); if (o == 0) continue; int tag = b[o - 1];
            if (tag == 8 && r.readUTF8(o, buf).equals("marker")) marker = i;
            if (tag == 17) { int nt = r.getItem(r.readUnsignedShort(o + 2)); if (r.readUTF8(nt, buf).equals("A")) dynA = i; } }
        int hits = 0;
        for (int o = r.header; o + 1 < b.length; o++) if (o > b.length - 40 && r.readUnsignedShort(o) == marker) { b[o] = (byte) (dynA >> 8); b[o + 1] = (byte) dynA; hits++; }
        System.out.println(hits);
        Class<?> c = new ClassLoader(ConstantCycle.class.getClassLoader()) { Class<?> d() { return defineClass("G", b, 0, b.length); } }.d();
        for (int i = 0; i < 2; i++) try { System.out.println(MethodHandles.lookup().findStatic(c, "run", MethodType.methodType(Object.class)).invoke()); }
        catch (Throwable t) { int n = 0; Throwable x = t; while (x.getCause() != null) x = x.getCause(); System.out.println(x.getClass()); }
    }
}
