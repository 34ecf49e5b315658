//@ asm
import java.lang.invoke.MethodHandles;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.Label;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** Every conditional branch and comparison, one generated method for each opcode. */
public class AsmCompares implements Opcodes {
    static final String[] NAMES = {"ifeq", "ifne", "iflt", "ifge", "ifgt", "ifle", "if_icmpeq", "if_icmpne", "if_icmplt",
        "if_icmpge", "if_icmpgt", "if_icmple", "if_acmpeq", "if_acmpne"};

    public static void main(String[] args) throws Throwable {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_FRAMES);
        cw.visit(V1_8, ACC_PUBLIC, "Compares", null, "java/lang/Object", null);
        for (int op = IFEQ; op <= IF_ACMPNE; op++) {
            boolean two = op >= IF_ICMPEQ, ref = op >= IF_ACMPEQ;
            String desc = ref ? "(Ljava/lang/Object;Ljava/lang/Object;)Z" : two ? "(II)Z" : "(I)Z";
            branch(cw, NAMES[op - IFEQ], desc, op, ref ? ALOAD : ILOAD, two);
        }
        branch(cw, "ifnull", "(Ljava/lang/Object;)Z", IFNULL, ALOAD, false);
        branch(cw, "ifnonnull", "(Ljava/lang/Object;)Z", IFNONNULL, ALOAD, false);
        compare(cw, "lcmp", "(JJ)I", LCMP, LLOAD, 2);
        compare(cw, "fcmpl", "(FF)I", FCMPL, FLOAD, 1);
        compare(cw, "fcmpg", "(FF)I", FCMPG, FLOAD, 1);
        compare(cw, "dcmpl", "(DD)I", DCMPL, DLOAD, 2);
        compare(cw, "dcmpg", "(DD)I", DCMPG, DLOAD, 2);
        Class<?> c = MethodHandles.lookup().defineClass(cw.toByteArray());
        int[] values = {Integer.MIN_VALUE, -1, 0, 1, Integer.MAX_VALUE};
        for (int op = IFEQ; op <= IFLE; op++) {
            StringBuilder line = new StringBuilder(NAMES[op - IFEQ]);
            for (int v : values) line.append(' ').append(c.getMethod(NAMES[op - IFEQ], int.class).invoke(null, v));
            System.out.println(line);
        }
        for (int op = IF_ICMPEQ; op <= IF_ICMPLE; op++) {
            StringBuilder line = new StringBuilder(NAMES[op - IFEQ]);
            for (int v : values)
                for (int w : values)
                    line.append(' ').append(c.getMethod(NAMES[op - IFEQ], int.class, int.class).invoke(null, v, w));
            System.out.println(line);
        }
        Object[] objects = {null, "a", new Object()};
        for (String name : new String[] {"if_acmpeq", "if_acmpne"})
            for (Object a : objects)
                for (Object b : objects)
                    System.out.println(name + " " + c.getMethod(name, Object.class, Object.class).invoke(null, a, b));
        for (Object a : objects)
            System.out.println(c.getMethod("ifnull", Object.class).invoke(null, a) + " " + c.getMethod("ifnonnull", Object.class).invoke(null, a));
        long[] longs = {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE};
        for (long a : longs) for (long b : longs) System.out.print(c.getMethod("lcmp", long.class, long.class).invoke(null, a, b) + " ");
        System.out.println();
        double[] doubles = {Double.NEGATIVE_INFINITY, -0.0, 0.0, 1, Double.NaN};
        for (String name : new String[] {"dcmpl", "dcmpg"})
            for (double a : doubles)
                for (double b : doubles) System.out.print(c.getMethod(name, double.class, double.class).invoke(null, a, b) + " ");
        System.out.println();
        for (String name : new String[] {"fcmpl", "fcmpg"})
            for (double a : doubles)
                for (double b : doubles)
                    System.out.print(c.getMethod(name, float.class, float.class).invoke(null, (float) a, (float) b) + " ");
        System.out.println();
    }

    static void branch(ClassWriter cw, String name, String desc, int op, int load, boolean two) {
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, name, desc, null, null);
        mv.visitCode();
        Label yes = new Label();
        mv.visitVarInsn(load, 0);
        if (two) mv.visitVarInsn(load, 1);
        mv.visitJumpInsn(op, yes);
        mv.visitInsn(ICONST_0);
        mv.visitInsn(IRETURN);
        mv.visitLabel(yes);
        mv.visitInsn(ICONST_1);
        mv.visitInsn(IRETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
    }

    static void compare(ClassWriter cw, String name, String desc, int op, int load, int size) {
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, name, desc, null, null);
        mv.visitCode();
        mv.visitVarInsn(load, 0);
        mv.visitVarInsn(load, size);
        mv.visitInsn(op);
        mv.visitInsn(IRETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
    }
}
