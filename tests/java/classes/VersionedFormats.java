//@ asm
import java.util.function.Consumer;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** Class-file versions from 45.3 to 61 and beyond, minor versions, preview flag. */
public class VersionedFormats extends ClassLoader implements Opcodes {
    static byte[] make(String name, int version) {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        cw.visit(version, ACC_PUBLIC | ACC_SUPER, name, null, "java/lang/Object", null);
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "f", "(I)I", null, null);
        mv.visitCode();
        mv.visitVarInsn(ILOAD, 0);
        mv.visitInsn(ICONST_2);
        mv.visitInsn(IMUL);
        mv.visitInsn(IRETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        return cw.toByteArray();
    }

    public static void main(String[] args) throws Exception {
        for (int major = 44; major <= 64; major++) {
            for (int minor : new int[] {0, 3, 65535}) {
                String name = "V" + major + "_" + minor;
                byte[] b = make(name, V1_8);
                b[4] = (byte) (minor >> 8);
                b[5] = (byte) minor;
                b[7] = (byte) major;
                try {
                    Class<?> c = new VersionedFormats().defineClass(name, b, 0, b.length);
                    System.out.println(name + " " + c.getMethod("f", int.class).invoke(null, 21));
                } catch (LinkageError e) {
                    System.out.println(name + " " + e);
                }
            }
        }
    }
}
