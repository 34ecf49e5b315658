//@ asm
import java.lang.invoke.MethodHandles;
import java.util.function.Consumer;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** Stack instructions in all their forms, from assembled class files. */
public class AsmStack implements Opcodes {
    static int serial;

    /** Makes and calls a static method {@code String run()} that folds the int, long or double results into text. */
    static void test(String name, Consumer<MethodVisitor> body) throws Throwable {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        String cls = "Gen" + serial++;
        cw.visit(V1_8, ACC_PUBLIC, cls, null, "java/lang/Object", null);
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "run", "()V", null, null);
        mv.visitCode();
        body.accept(mv);
        mv.visitInsn(RETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        Class<?> c = MethodHandles.lookup().defineClass(cw.toByteArray());
        System.out.print(name + ":");
        c.getMethod("run").invoke(null);
        System.out.println();
    }

    static void ints(MethodVisitor mv, int... values) {
        for (int v : values) mv.visitIntInsn(BIPUSH, v);
    }

    static void show(MethodVisitor mv, String types) {
        for (char t : types.toCharArray()) mv.visitMethodInsn(INVOKESTATIC, "AsmStack", "show", "(" + t + ")V", false);
    }

    public static void show(int v) { System.out.print(" " + v); }
    public static void show(long v) { System.out.print(" " + v + "L"); }
    public static void show(double v) { System.out.print(" " + v); }

    public static void main(String[] args) throws Throwable {
        test("dup", mv -> { ints(mv, 1); mv.visitInsn(DUP); show(mv, "II"); });
        test("dup_x1", mv -> { ints(mv, 1, 2); mv.visitInsn(DUP_X1); show(mv, "III"); });
        test("dup_x2 form 1", mv -> { ints(mv, 1, 2, 3); mv.visitInsn(DUP_X2); show(mv, "IIII"); });
        test("dup_x2 form 2", mv -> { mv.visitLdcInsn(10L); ints(mv, 1); mv.visitInsn(DUP_X2); show(mv, "IJI"); });
        test("dup2 form 1", mv -> { ints(mv, 1, 2); mv.visitInsn(DUP2); show(mv, "IIII"); });
        test("dup2 form 2", mv -> { mv.visitLdcInsn(10L); mv.visitInsn(DUP2); show(mv, "JJ"); });
        test("dup2_x1 form 1", mv -> { ints(mv, 1, 2, 3); mv.visitInsn(DUP2_X1); show(mv, "IIIII"); });
        test("dup2_x1 form 2", mv -> { ints(mv, 1); mv.visitLdcInsn(2.5); mv.visitInsn(DUP2_X1); show(mv, "DID"); });
        test("dup2_x2 form 1", mv -> { ints(mv, 1, 2, 3, 4); mv.visitInsn(DUP2_X2); show(mv, "IIIIII"); });
        test("dup2_x2 form 2", mv -> { ints(mv, 1, 2); mv.visitLdcInsn(30L); mv.visitInsn(DUP2_X2); show(mv, "JIIJ"); });
        test("dup2_x2 form 3", mv -> { mv.visitLdcInsn(1L << 40); ints(mv, 2, 3); mv.visitInsn(DUP2_X2); show(mv, "IIJII"); });
        test("dup2_x2 form 4", mv -> { mv.visitLdcInsn(-1L); mv.visitLdcInsn(0.5); mv.visitInsn(DUP2_X2); show(mv, "DJD"); });
        test("swap", mv -> { ints(mv, 1, 2); mv.visitInsn(SWAP); show(mv, "II"); });
        test("pop", mv -> { ints(mv, 1, 2); mv.visitInsn(POP); show(mv, "I"); });
        test("pop2 form 1", mv -> { ints(mv, 1, 2, 3); mv.visitInsn(POP2); show(mv, "I"); });
        test("pop2 form 2", mv -> { ints(mv, 1); mv.visitLdcInsn(2L); mv.visitInsn(POP2); show(mv, "I"); });
        test("nop", mv -> { for (int i = 0; i < 100; i++) mv.visitInsn(NOP); ints(mv, 7); show(mv, "I"); });
        test("wide iinc", mv -> {
            mv.visitIntInsn(SIPUSH, 1000);
            mv.visitVarInsn(ISTORE, 400);
            mv.visitIincInsn(400, 30000);
            mv.visitIincInsn(400, -5);
            mv.visitVarInsn(ILOAD, 400);
            mv.visitLdcInsn(1L << 33);
            mv.visitVarInsn(LSTORE, 300);
            mv.visitVarInsn(LLOAD, 300);
            show(mv, "JI");
        });
        test("push", mv -> {
            for (int op = ICONST_M1; op <= ICONST_5; op++) mv.visitInsn(op);
            show(mv, "IIIIIII");
            mv.visitIntInsn(BIPUSH, -128);
            mv.visitIntInsn(SIPUSH, -32768);
            mv.visitLdcInsn(Integer.MIN_VALUE);
            mv.visitInsn(LCONST_0);
            mv.visitInsn(LCONST_1);
            mv.visitInsn(DCONST_0);
            mv.visitInsn(DCONST_1);
            show(mv, "DDJJIII");
        });
    }
}
