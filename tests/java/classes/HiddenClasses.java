//@ asm
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

public class HiddenClasses implements Opcodes {
    private static int secret() { return 41; }

    static byte[] bytes(int add) {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        cw.visit(V17, ACC_PUBLIC, "Hid", null, "java/lang/Object", new String[] {"java/util/function/IntSupplier"});
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC, "<init>", "()V", null, null);
        mv.visitCode();
        mv.visitVarInsn(ALOAD, 0);
        mv.visitMethodInsn(INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
        mv.visitInsn(RETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        mv = cw.visitMethod(ACC_PUBLIC, "getAsInt", "()I", null, null);
        mv.visitCode();
        mv.visitMethodInsn(INVOKESTATIC, "HiddenClasses", "secret", "()I", false);
        mv.visitIntInsn(BIPUSH, add);
        mv.visitInsn(IADD);
        mv.visitInsn(IRETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "self", "()Ljava/lang/Class;", null, null);
        mv.visitCode();
        mv.visitLdcInsn(jdk.internal.org.objectweb.asm.Type.getObjectType("Hid"));
        mv.visitInsn(ARETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "fail", "()V", null, null);
        mv.visitCode();
        mv.visitInsn(ACONST_NULL);
        mv.visitInsn(ATHROW);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        return cw.toByteArray();
    }

    static String clean(Object o) { return String.valueOf(o).replaceAll("[/@+.]0x[0-9a-f]+|@[0-9a-f]+", "#"); }

    public static void main(String[] args) throws Throwable {
        MethodHandles.Lookup l = MethodHandles.lookup();
        MethodHandles.Lookup h1 = l.defineHiddenClass(bytes(1), true, MethodHandles.Lookup.ClassOption.NESTMATE);
        MethodHandles.Lookup h2 = l.defineHiddenClass(bytes(2), false, MethodHandles.Lookup.ClassOption.NESTMATE, MethodHandles.Lookup.ClassOption.STRONG);
        Class<?> c1 = h1.lookupClass(), c2 = h2.lookupClass();
        System.out.println((c1 == c2) + " " + c1.isHidden() + " " + clean(c1.getName()) + " " + clean(c1.getSimpleName()) + " " + c1.getCanonicalName()
                + " " + c1.getNestHost() + " " + clean(c1.descriptorString()) + " " + clean(c1) + " " + (c1.getClassLoader() == l.lookupClass().getClassLoader()));
        for (Class<?> c : new Class<?>[] {c1, c2})
            System.out.println(((java.util.function.IntSupplier) c.getDeclaredConstructor().newInstance()).getAsInt());
        System.out.println(h1.findStatic(c1, "self", MethodType.methodType(Class.class)).invoke() == c1);
        try {
            Class.forName(c1.getName(), false, c1.getClassLoader());
        } catch (ClassNotFoundException e) {
            System.out.println("not found by name");
        }
        MethodHandles.Lookup h3 = l.defineHiddenClass(bytes(3), true);
        try {
            ((java.util.function.IntSupplier) h3.lookupClass().getDeclaredConstructor().newInstance()).getAsInt();
        } catch (IllegalAccessError e) {
            System.out.println(clean(e.getMessage()));
        }
        try {
            c1.getMethod("fail").invoke(null);
        } catch (java.lang.reflect.InvocationTargetException e) {
            boolean shown = false;
            for (StackTraceElement f : e.getCause().getStackTrace()) shown |= f.getMethodName().equals("fail");
            System.out.println("hidden frame shown: " + shown);
        }
        MethodHandles.Lookup d = l.defineHiddenClassWithClassData(bytes(4), java.util.List.of("data"), true);
        System.out.println(MethodHandles.classData(d, "_", java.util.List.class));
        System.out.println(c1.arrayType().isHidden() + " " + clean(java.lang.reflect.Array.newInstance(c1, 1).getClass().getName()));
        try {
            l.defineHiddenClass(new byte[] {1, 2, 3}, true);
        } catch (ClassFormatError e) {
            System.out.println(e.getClass());
        }
        Runnable lambda = () -> {};
        System.out.println(lambda.getClass().isHidden() + " " + lambda.getClass().isSynthetic() + " " + clean(lambda.getClass().getName()).replaceAll("\\d+", "N"));
    }
}
