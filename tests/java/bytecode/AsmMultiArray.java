//@ asm
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** multianewarray with fewer counts than dimensions, zero and negative counts, and 255 dimensions. */
public class AsmMultiArray implements Opcodes {
    public static void main(String[] args) throws Throwable {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        cw.visit(V1_8, ACC_PUBLIC, "Multi", null, "java/lang/Object", null);
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "three", "(III)Ljava/lang/Object;", null, null);
        mv.visitCode();
        for (int i = 0; i < 3; i++) mv.visitVarInsn(ILOAD, i);
        mv.visitMultiANewArrayInsn("[[[[J", 3);
        mv.visitInsn(ARETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "one", "(I)Ljava/lang/Object;", null, null);
        mv.visitCode();
        mv.visitVarInsn(ILOAD, 0);
        mv.visitMultiANewArrayInsn("[Ljava/lang/String;", 1);
        mv.visitInsn(ARETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "many", "()Ljava/lang/Object;", null, null);
        mv.visitCode();
        for (int i = 0; i < 255; i++) mv.visitInsn(ICONST_1);
        mv.visitMultiANewArrayInsn("[".repeat(255) + "I", 255);
        mv.visitInsn(ARETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        Class<?> c = MethodHandles.lookup().defineClass(cw.toByteArray());
        for (int[] n : new int[][] {{2, 3, 4}, {2, 0, 4}, {0, 5, 5}, {1, 2, -1}, {-1, 2, 2}, {0, -1, 0}}) {
            try {
                Object[][][] a = (Object[][][]) c.getMethod("three", int.class, int.class, int.class).invoke(null, n[0], n[1], n[2]);
                System.out.println(a.getClass().getName() + " " + a.length + " " + Arrays.deepToString(a));
            } catch (InvocationTargetException e) {
                System.out.println(e.getCause());
            }
        }
        System.out.println(c.getMethod("one", int.class).invoke(null, 3).getClass());
        Object o = c.getMethod("many").invoke(null);
        int depth = 0;
        while (o instanceof Object[] a) {
            o = a[0];
            depth++;
        }
        System.out.println(depth + " " + o.getClass().getName() + " " + ((int[]) o).length);
    }
}
