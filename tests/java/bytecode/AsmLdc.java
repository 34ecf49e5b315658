//@ asm
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.ConstantDynamic;
import jdk.internal.org.objectweb.asm.Handle;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;
import jdk.internal.org.objectweb.asm.Type;

/** ldc of every kind of constant: numbers, strings, classes, method types, method handles, dynamic constants. */
public class AsmLdc implements Opcodes {
    static int bootstraps;

    public static Object condy(MethodHandles.Lookup lookup, String name, Class<?> type, Object... extra) {
        bootstraps++;
        System.out.println("bootstrap " + name + " " + type.getSimpleName() + " " + extra.length);
        if (type == long.class) return 1L << 40;
        if (type == int.class) return 99;
        return name + java.util.Arrays.toString(extra);
    }

    public static void main(String[] args) throws Throwable {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        cw.visit(V11, ACC_PUBLIC, "Ldc", null, "java/lang/Object", null);
        Handle bsm = new Handle(H_INVOKESTATIC, "AsmLdc", "condy",
                "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Class;[Ljava/lang/Object;)Ljava/lang/Object;", false);
        ConstantDynamic inner = new ConstantDynamic("inner", "Ljava/lang/Object;", bsm, 1, "two");
        Object[] constants = {
            1, -1.5f, 1L << 50, 2.25, "text \u4e2d", Type.getObjectType("java/util/List"), Type.getObjectType("[[I"),
            Type.getMethodType("(IJ)Ljava/lang/String;"),
            new Handle(H_INVOKESTATIC, "java/lang/Math", "max", "(II)I", false),
            new Handle(H_INVOKEVIRTUAL, "java/lang/String", "length", "()I", false),
            new Handle(H_NEWINVOKESPECIAL, "java/lang/StringBuilder", "<init>", "(Ljava/lang/String;)V", false),
            new Handle(H_GETSTATIC, "java/lang/Integer", "MAX_VALUE", "I", false),
            new Handle(H_INVOKEINTERFACE, "java/util/List", "size", "()I", true),
            inner,
            new ConstantDynamic("outer", "Ljava/lang/String;", bsm, inner, Type.getObjectType("java/lang/Thread")),
            new ConstantDynamic("number", "J", bsm),
            new ConstantDynamic("small", "I", bsm),
        };
        for (int i = 0; i < constants.length; i++) {
            MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "c" + i, "()Ljava/lang/Object;", null, null);
            mv.visitCode();
            mv.visitLdcInsn(constants[i]);
            Object k = constants[i];
            String d = k instanceof ConstantDynamic cd ? cd.getDescriptor() : "";
            if (k instanceof Integer || d.equals("I")) box(mv, "Integer", "I");
            if (k instanceof Long || d.equals("J")) box(mv, "Long", "J");
            if (k instanceof Float) box(mv, "Float", "F");
            if (k instanceof Double) box(mv, "Double", "D");
            mv.visitInsn(ARETURN);
            mv.visitMaxs(0, 0);
            mv.visitEnd();
        }
        Class<?> c = MethodHandles.lookup().defineClass(cw.toByteArray());
        for (int i = 0; i < constants.length; i++) {
            Object first = c.getMethod("c" + i).invoke(null);
            Object second = c.getMethod("c" + i).invoke(null);
            System.out.println(i + " " + (first instanceof MethodHandle ? "MethodHandle" + ((MethodHandle) first).type() : first)
                    + " " + (first.equals(second)) + " " + (first instanceof Number || first == second));
        }
        System.out.println((int) ((MethodHandle) c.getMethod("c8").invoke(null)).invokeExact(3, 4));
        System.out.println((int) ((MethodHandle) c.getMethod("c9").invoke(null)).invokeExact("four"));
        System.out.println(((MethodHandle) c.getMethod("c10").invoke(null)).invoke("built").toString());
        System.out.println((int) ((MethodHandle) c.getMethod("c11").invoke(null)).invokeExact());
        System.out.println(c.getMethod("c7").invoke(null) == MethodType.fromMethodDescriptorString("(IJ)Ljava/lang/String;", null));
        System.out.println(c.getMethod("c4").invoke(null) == "text \u4e2d");
        System.out.println(bootstraps);
    }

    static void box(MethodVisitor mv, String name, String p) {
        mv.visitMethodInsn(INVOKESTATIC, "java/lang/" + name, "valueOf", "(" + p + ")Ljava/lang/" + name + ";", false);
    }
}
