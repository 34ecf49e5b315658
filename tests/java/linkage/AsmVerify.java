//@ asm
import java.util.function.Consumer;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.Label;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** Code that the verifier must refuse, by the type-checking verifier (52) and the inferring one (49). */
public class AsmVerify extends ClassLoader implements Opcodes {
    static void t(String what, Consumer<MethodVisitor> body) {
        for (int version : new int[] {V1_8, V1_5}) {
            ClassWriter cw = new ClassWriter(0);
            cw.visit(version, ACC_PUBLIC, "Ver", null, "java/lang/Object", null);
            cw.visitField(ACC_PUBLIC | ACC_FINAL, "fin", "I", null, null).visitEnd();
            MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "run", "(ILjava/lang/String;J)I", null, null);
            mv.visitCode();
            body.accept(mv);
            mv.visitMaxs(4, 6);
            mv.visitEnd();
            byte[] b = cw.toByteArray();
            try {
                Class<?> c = new AsmVerify().defineClass("Ver", b, 0, b.length);
                System.out.println(what + " " + version + ": " + c.getMethod("run", int.class, String.class, long.class).invoke(null, 6, "seven", 8L));
            } catch (VerifyError e) {
                System.out.println(what + " " + version + ": VerifyError");
            } catch (java.lang.reflect.InvocationTargetException e) {
                System.out.println(what + " " + version + ": " + e.getCause().getClass().getName());
            } catch (Throwable e) {
                System.out.println(what + " " + version + ": " + e.getClass().getName());
            }
        }
    }

    public static void main(String[] args) {
        t("good", mv -> { mv.visitVarInsn(ILOAD, 0); mv.visitInsn(IRETURN); });
        t("falls off the end", mv -> mv.visitVarInsn(ILOAD, 0));
        t("empty stack", mv -> mv.visitInsn(IRETURN));
        t("wrong return type", mv -> { mv.visitVarInsn(ALOAD, 1); mv.visitInsn(IRETURN); });
        t("wrong return instruction", mv -> mv.visitInsn(RETURN));
        t("uninitialised local", mv -> { mv.visitVarInsn(ILOAD, 5); mv.visitInsn(IRETURN); });
        t("int as reference", mv -> { mv.visitVarInsn(ALOAD, 0); mv.visitInsn(POP); mv.visitInsn(ICONST_0); mv.visitInsn(IRETURN); });
        t("reference as int", mv -> { mv.visitVarInsn(ALOAD, 1); mv.visitInsn(ICONST_1); mv.visitInsn(IADD); mv.visitInsn(IRETURN); });
        t("half a long", mv -> { mv.visitVarInsn(LLOAD, 2); mv.visitInsn(POP); mv.visitInsn(ICONST_0); mv.visitInsn(IRETURN); });
        t("second half local", mv -> { mv.visitVarInsn(ILOAD, 3); mv.visitInsn(IRETURN); });
        t("local out of range", mv -> { mv.visitVarInsn(ILOAD, 6); mv.visitInsn(IRETURN); });
        t("stack too deep", mv -> { for (int i = 0; i < 5; i++) mv.visitInsn(ICONST_0); mv.visitInsn(IRETURN); });
        t("wrong argument", mv -> { mv.visitVarInsn(ILOAD, 0); mv.visitMethodInsn(INVOKESTATIC, "java/lang/Integer", "parseInt", "(Ljava/lang/String;)I", false); mv.visitInsn(IRETURN); });
        t("uninitialised object", mv -> { mv.visitTypeInsn(NEW, "java/lang/Object"); mv.visitMethodInsn(INVOKEVIRTUAL, "java/lang/Object", "hashCode", "()I", false); mv.visitInsn(IRETURN); });
        t("initialised twice", mv -> { mv.visitTypeInsn(NEW, "java/lang/Object"); mv.visitInsn(DUP); mv.visitInsn(DUP); mv.visitMethodInsn(INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
            mv.visitMethodInsn(INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false); mv.visitInsn(POP); mv.visitInsn(ICONST_0); mv.visitInsn(IRETURN); });
        t("throw a string", mv -> { mv.visitVarInsn(ALOAD, 1); mv.visitInsn(ATHROW); });
        t("interface receiver is lax", mv -> { mv.visitVarInsn(ALOAD, 1); mv.visitMethodInsn(INVOKEINTERFACE, "java/util/List", "size", "()I", true); mv.visitInsn(IRETURN); });
        t("array of wrong kind", mv -> { mv.visitInsn(ICONST_1); mv.visitIntInsn(NEWARRAY, T_LONG); mv.visitInsn(ICONST_0); mv.visitInsn(IALOAD); mv.visitInsn(IRETURN); });
        t("missing frame", mv -> { Label l = new Label(); mv.visitVarInsn(ILOAD, 0); mv.visitJumpInsn(IFEQ, l); mv.visitInsn(ICONST_0); mv.visitInsn(IRETURN); mv.visitLabel(l); mv.visitInsn(ICONST_1); mv.visitInsn(IRETURN); });
        t("jsr in new files", mv -> { Label l = new Label(); mv.visitJumpInsn(JSR, l); mv.visitInsn(ICONST_1); mv.visitInsn(IRETURN); mv.visitLabel(l); mv.visitVarInsn(ASTORE, 5); mv.visitVarInsn(RET, 5); });
        t("stack differs at join", mv -> { Label l = new Label(); mv.visitInsn(ICONST_0); mv.visitVarInsn(ILOAD, 0); mv.visitJumpInsn(IFEQ, l); mv.visitInsn(ICONST_0); mv.visitLabel(l); mv.visitInsn(IRETURN); });
        t("call of <clinit>", mv -> { mv.visitMethodInsn(INVOKESTATIC, "Ver", "<clinit>", "()V", false); mv.visitInsn(ICONST_0); mv.visitInsn(IRETURN); });
    }
}
