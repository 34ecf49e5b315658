//@ asm
import java.util.function.Consumer;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.Handle;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** Call and field instructions that no compiler makes: wrong kind of instruction for the method found. */
public class AsmInvoke extends ClassLoader implements Opcodes {
    static int serial;

    public interface Itf { int abs(); default int def() { return 11; } static int stat() { return 12; } }
    public static class Impl implements Itf {
        public int abs() { return 1; }
        public int virt() { return 2; }
        public static int stat2() { return 3; }
        private int priv() { return 4; }
        int pack() { return 5; }
        protected int prot() { return 6; }
        public int field = 7;
        public static int sfield = 8;
        public final int ffield = 9;
        int packField = 10;
    }
    public static abstract class Abs implements Itf { public abstract int hole(); public int toHole() { return hole(); } }

    static void t(String what, Consumer<MethodVisitor> body) {
        String cls = "G" + serial++;
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        cw.visit(V1_8, ACC_PUBLIC, cls, null, "java/lang/Object", null);
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "run", "()I", null, null);
        mv.visitCode();
        body.accept(mv);
        mv.visitInsn(IRETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        byte[] b = cw.toByteArray();
        try {
            System.out.println(what + ": " + new AsmInvoke().defineClass(cls, b, 0, b.length).getMethod("run").invoke(null));
        } catch (java.lang.reflect.InvocationTargetException e) {
            System.out.println(what + ": " + clean(e.getCause().toString()));
        } catch (Throwable e) {
            System.out.println(what + ": thrown by loading " + clean(e.toString()));
        }
    }

    static String clean(String s) { return s.lines().findFirst().get().replaceAll("@[0-9a-f]+", "@h"); }

    static final String I = "AsmInvoke$Itf", C = "AsmInvoke$Impl", A = "AsmInvoke$Abs";

    static void impl(MethodVisitor mv) {
        mv.visitTypeInsn(NEW, C);
        mv.visitInsn(DUP);
        mv.visitMethodInsn(INVOKESPECIAL, C, "<init>", "()V", false);
    }

    public static void main(String[] args) {
        t("interface", mv -> { impl(mv); mv.visitMethodInsn(INVOKEINTERFACE, I, "abs", "()I", true); });
        t("default", mv -> { impl(mv); mv.visitMethodInsn(INVOKEINTERFACE, I, "def", "()I", true); });
        t("default by class", mv -> { impl(mv); mv.visitMethodInsn(INVOKEVIRTUAL, C, "def", "()I", false); });
        t("interface static", mv -> mv.visitMethodInsn(INVOKESTATIC, I, "stat", "()I", true));
        t("interface static as class", mv -> mv.visitMethodInsn(INVOKESTATIC, I, "stat", "()I", false));
        t("class static as interface", mv -> mv.visitMethodInsn(INVOKESTATIC, C, "stat2", "()I", true));
        t("static inherited from interface", mv -> mv.visitMethodInsn(INVOKESTATIC, C, "stat", "()I", false));
        t("invokevirtual on interface", mv -> { impl(mv); mv.visitMethodInsn(INVOKEVIRTUAL, I, "abs", "()I", false); });
        t("invokeinterface on class", mv -> { impl(mv); mv.visitMethodInsn(INVOKEINTERFACE, C, "virt", "()I", true); });
        t("invokevirtual of static", mv -> { impl(mv); mv.visitMethodInsn(INVOKEVIRTUAL, C, "stat2", "()I", false); });
        t("invokestatic of virtual", mv -> mv.visitMethodInsn(INVOKESTATIC, C, "virt", "()I", false));
        t("invokeinterface of static", mv -> { impl(mv); mv.visitMethodInsn(INVOKEINTERFACE, I, "stat", "()I", true); });
        t("invokespecial not a super", mv -> { impl(mv); mv.visitMethodInsn(INVOKESPECIAL, C, "virt", "()I", false); });
        t("private", mv -> { impl(mv); mv.visitMethodInsn(INVOKEVIRTUAL, C, "priv", "()I", false); });
        t("package, other loader", mv -> { impl(mv); mv.visitMethodInsn(INVOKEVIRTUAL, C, "pack", "()I", false); });
        t("protected, other loader", mv -> { impl(mv); mv.visitMethodInsn(INVOKEVIRTUAL, C, "prot", "()I", false); });
        t("no such method", mv -> { impl(mv); mv.visitInsn(ICONST_1); mv.visitMethodInsn(INVOKEVIRTUAL, C, "virt", "(I)I", false); });
        t("no such interface method", mv -> { impl(mv); mv.visitMethodInsn(INVOKEINTERFACE, I, "nope", "()I", true); });
        t("no such static", mv -> mv.visitMethodInsn(INVOKESTATIC, C, "nope", "()I", false));
        t("no such class", mv -> mv.visitMethodInsn(INVOKESTATIC, "no/Where", "nope", "()I", false));
        t("Object method by interface", mv -> { impl(mv); mv.visitMethodInsn(INVOKEINTERFACE, I, "hashCode", "()I", true); mv.visitInsn(POP); mv.visitInsn(ICONST_5); });
        t("not implementing", mv -> { mv.visitLdcInsn("text"); mv.visitMethodInsn(INVOKEINTERFACE, I, "abs", "()I", true); });
        t("array clone", mv -> { mv.visitInsn(ICONST_3); mv.visitIntInsn(NEWARRAY, T_INT); mv.visitMethodInsn(INVOKEVIRTUAL, "[I", "clone", "()Ljava/lang/Object;", false);
            mv.visitTypeInsn(CHECKCAST, "[I"); mv.visitInsn(ARRAYLENGTH); });
        t("array getClass", mv -> { mv.visitInsn(ICONST_3); mv.visitIntInsn(NEWARRAY, T_INT); mv.visitMethodInsn(INVOKEVIRTUAL, "[I", "getClass", "()Ljava/lang/Class;", false);
            mv.visitMethodInsn(INVOKEVIRTUAL, "java/lang/Class", "getModifiers", "()I", false); });
        t("getfield", mv -> { impl(mv); mv.visitFieldInsn(GETFIELD, C, "field", "I"); });
        t("getfield of static", mv -> { impl(mv); mv.visitFieldInsn(GETFIELD, C, "sfield", "I"); });
        t("getstatic of instance", mv -> mv.visitFieldInsn(GETSTATIC, C, "field", "I"));
        t("putfield of final", mv -> { impl(mv); mv.visitInsn(ICONST_1); mv.visitFieldInsn(PUTFIELD, C, "ffield", "I"); mv.visitInsn(ICONST_0); });
        t("field type", mv -> { impl(mv); mv.visitFieldInsn(GETFIELD, C, "field", "J"); mv.visitInsn(L2I); });
        t("no such field", mv -> mv.visitFieldInsn(GETSTATIC, C, "nope", "I"));
        t("package field", mv -> { impl(mv); mv.visitFieldInsn(GETFIELD, C, "packField", "I"); });
        t("new of abstract", mv -> { mv.visitTypeInsn(NEW, A); mv.visitInsn(POP); mv.visitInsn(ICONST_0); });
        t("new of interface", mv -> { mv.visitTypeInsn(NEW, I); mv.visitInsn(POP); mv.visitInsn(ICONST_0); });
        t("no such constructor", mv -> { mv.visitTypeInsn(NEW, C); mv.visitInsn(DUP); mv.visitInsn(ICONST_1); mv.visitMethodInsn(INVOKESPECIAL, C, "<init>", "(I)V", false); mv.visitInsn(POP); mv.visitInsn(ICONST_0); });
        t("null receiver", mv -> { mv.visitInsn(ACONST_NULL); mv.visitMethodInsn(INVOKEVIRTUAL, C, "virt", "()I", false); });
        t("null receiver, interface", mv -> { mv.visitInsn(ACONST_NULL); mv.visitMethodInsn(INVOKEINTERFACE, I, "abs", "()I", true); });
        Handle bad = new Handle(H_INVOKESTATIC, C, "nope", "()I", false);
        t("indy without bootstrap", mv -> mv.visitInvokeDynamicInsn("x", "()I", bad));
        Handle wrong = new Handle(H_INVOKESTATIC, C, "stat2", "()I", false);
        t("indy, wrong bootstrap shape", mv -> mv.visitInvokeDynamicInsn("x", "()I", wrong));
        t("abstract not implemented", mv -> {
            mv.visitMethodInsn(INVOKESTATIC, "AsmInvoke", "hollow", "()LAsmInvoke$Abs;", false);
            mv.visitMethodInsn(INVOKEVIRTUAL, A, "toHole", "()I", false);
        });
        t("abstract interface method not implemented", mv -> {
            mv.visitMethodInsn(INVOKESTATIC, "AsmInvoke", "hollow", "()LAsmInvoke$Abs;", false);
            mv.visitMethodInsn(INVOKEINTERFACE, I, "abs", "()I", true);
        });
    }

    /** An instance of a concrete class that implements nothing of what it promises. */
    public static Abs hollow() throws Exception {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        cw.visit(V1_8, ACC_PUBLIC, "Hollow", null, A, null);
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC, "<init>", "()V", null, null);
        mv.visitCode();
        mv.visitVarInsn(ALOAD, 0);
        mv.visitMethodInsn(INVOKESPECIAL, A, "<init>", "()V", false);
        mv.visitInsn(RETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        byte[] b = cw.toByteArray();
        return (Abs) new AsmInvoke().defineClass("Hollow", b, 0, b.length).getDeclaredConstructor().newInstance();
    }
}
