//@ asm
//@ vm: -Xmx64m
import java.lang.invoke.MethodHandles;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** Hidden classes are unloaded one by one, without their loader. */
public class HiddenUnloading implements Opcodes {
    static byte[] bytes() {
        ClassWriter cw = new ClassWriter(0);
        cw.visit(V11, ACC_PUBLIC, "Hidden", null, "java/lang/Object", null);
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "f", "()I", null, null);
        mv.visitCode();
        mv.visitInsn(ICONST_5);
        mv.visitInsn(IRETURN);
        mv.visitMaxs(1, 0);
        mv.visitEnd();
        return cw.toByteArray();
    }

    static WeakReference<Class<?>> one(byte[] b) throws Exception {
        Class<?> c = MethodHandles.lookup().defineHiddenClass(b, true).lookupClass();
        if ((int) c.getMethod("f").invoke(null) != 5) throw new AssertionError();
        return new WeakReference<>(c);
    }

    public static void main(String[] args) throws Exception {
        byte[] b = bytes();
        List<WeakReference<Class<?>>> refs = new ArrayList<>();
        for (int i = 0; i < 1500; i++) refs.add(one(b));
        long alive = refs.size();
        for (int i = 0; i < 100 && alive > 50; i++) {
            System.gc();
            Thread.sleep(10);
            alive = refs.stream().filter(r -> r.get() != null).count();
        }
        System.out.println(alive <= 50);
    }
}
