//@ asm
import java.lang.invoke.MethodHandles;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.Label;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** A method near the 64 KiB limit: goto_w, far switch targets, far exception handlers, branches both ways. */
public class AsmWideJumps implements Opcodes {
    public static void main(String[] args) throws Throwable {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_FRAMES);
        cw.visit(V1_8, ACC_PUBLIC, "Far", null, "java/lang/Object", null);
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "run", "(I)I", null, null);
        mv.visitCode();
        Label loop = new Label(), end = new Label(), a = new Label(), b = new Label(), dflt = new Label(), handler = new Label();
        Label from = new Label(), to = new Label(), top = new Label();
        mv.visitTryCatchBlock(from, to, handler, "java/lang/ArithmeticException");
        mv.visitInsn(ICONST_0);
        mv.visitVarInsn(ISTORE, 1);
        mv.visitJumpInsn(GOTO, top);
        mv.visitLabel(loop);
        for (int i = 0; i < 20000; i++) mv.visitIincInsn(1, 1);
        mv.visitLabel(top);
        mv.visitIincInsn(0, -1);
        mv.visitLabel(from);
        mv.visitIntInsn(BIPUSH, 100);
        mv.visitVarInsn(ILOAD, 0);
        mv.visitInsn(IDIV);
        mv.visitInsn(POP);
        mv.visitLabel(to);
        mv.visitVarInsn(ILOAD, 0);
        mv.visitTableSwitchInsn(1, 2, dflt, a, b);
        mv.visitLabel(a);
        mv.visitIincInsn(1, 7);
        mv.visitJumpInsn(GOTO, loop);
        mv.visitLabel(b);
        mv.visitIincInsn(1, 11);
        mv.visitJumpInsn(GOTO, loop);
        mv.visitLabel(dflt);
        mv.visitVarInsn(ILOAD, 0);
        mv.visitJumpInsn(IFGT, loop);
        mv.visitJumpInsn(GOTO, end);
        mv.visitLabel(handler);
        mv.visitInsn(POP);
        mv.visitIincInsn(1, 1000);
        mv.visitLabel(end);
        mv.visitVarInsn(ILOAD, 1);
        mv.visitInsn(IRETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        byte[] bytes = cw.toByteArray();
        System.out.println(bytes.length > 60000);
        Class<?> c = MethodHandles.lookup().defineClass(bytes);
        for (int n = 0; n < 6; n++) System.out.println(c.getMethod("run", int.class).invoke(null, n));
    }
}
