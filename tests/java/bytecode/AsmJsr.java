//@ asm
import java.lang.invoke.MethodHandles;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.Label;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** jsr and ret, as compilers up to 1.4 made them for finally: subroutine called from several places, nested. */
public class AsmJsr implements Opcodes {
    public static void main(String[] args) throws Throwable {
        ClassWriter cw = new ClassWriter(0);
        cw.visit(V1_4, ACC_PUBLIC, "OldFinally", null, "java/lang/Object", null);
        // static int run(int n): x = 0; jsr sub; x += 100; jsr sub; return x   with sub: x += n; jsr inner; ret
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "run", "(I)I", null, null);
        mv.visitCode();
        Label sub = new Label(), inner = new Label(), end = new Label();
        mv.visitInsn(ICONST_0);
        mv.visitVarInsn(ISTORE, 1);
        mv.visitJumpInsn(JSR, sub);
        mv.visitIincInsn(1, 100);
        mv.visitJumpInsn(JSR, sub);
        mv.visitJumpInsn(GOTO, end);
        mv.visitLabel(sub);
        mv.visitVarInsn(ASTORE, 2);
        mv.visitVarInsn(ILOAD, 1);
        mv.visitVarInsn(ILOAD, 0);
        mv.visitInsn(IADD);
        mv.visitVarInsn(ISTORE, 1);
        mv.visitJumpInsn(JSR, inner);
        mv.visitVarInsn(RET, 2);
        mv.visitLabel(inner);
        mv.visitVarInsn(ASTORE, 300);
        mv.visitVarInsn(ILOAD, 1);
        mv.visitInsn(ICONST_2);
        mv.visitInsn(IMUL);
        mv.visitVarInsn(ISTORE, 1);
        mv.visitVarInsn(RET, 300);
        mv.visitLabel(end);
        mv.visitVarInsn(ILOAD, 1);
        mv.visitInsn(IRETURN);
        mv.visitMaxs(2, 301);
        mv.visitEnd();

        // try { return 10 / n } finally { count++ } in the old form
        cw.visitField(ACC_PUBLIC | ACC_STATIC, "count", "I", null, null).visitEnd();
        mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "divide", "(I)I", null, null);
        mv.visitCode();
        Label from = new Label(), to = new Label(), handler = new Label(), fin = new Label();
        mv.visitTryCatchBlock(from, to, handler, null);
        mv.visitLabel(from);
        mv.visitIntInsn(BIPUSH, 10);
        mv.visitVarInsn(ILOAD, 0);
        mv.visitInsn(IDIV);
        mv.visitVarInsn(ISTORE, 1);
        mv.visitJumpInsn(JSR, fin);
        mv.visitVarInsn(ILOAD, 1);
        mv.visitInsn(IRETURN);
        mv.visitLabel(to);
        mv.visitLabel(handler);
        mv.visitVarInsn(ASTORE, 2);
        mv.visitJumpInsn(JSR, fin);
        mv.visitVarInsn(ALOAD, 2);
        mv.visitInsn(ATHROW);
        mv.visitLabel(fin);
        mv.visitVarInsn(ASTORE, 3);
        mv.visitFieldInsn(GETSTATIC, "OldFinally", "count", "I");
        mv.visitInsn(ICONST_1);
        mv.visitInsn(IADD);
        mv.visitFieldInsn(PUTSTATIC, "OldFinally", "count", "I");
        mv.visitVarInsn(RET, 3);
        mv.visitMaxs(2, 4);
        mv.visitEnd();
        Class<?> c = MethodHandles.lookup().defineClass(cw.toByteArray());
        for (int n = 0; n < 4; n++) System.out.println(c.getMethod("run", int.class).invoke(null, n));
        System.out.println(c.getMethod("divide", int.class).invoke(null, 3));
        try {
            c.getMethod("divide", int.class).invoke(null, 0);
        } catch (java.lang.reflect.InvocationTargetException e) {
            System.out.println(e.getCause().getMessage());
        }
        System.out.println(c.getField("count").get(null));
    }
}
