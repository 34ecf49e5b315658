//@ asm
import java.lang.invoke.MethodHandles;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** Values out of range are truncated by ireturn, putfield and array stores of the small types. */
public class AsmBooleans implements Opcodes {
    public static void main(String[] args) throws Throwable {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        cw.visit(V1_8, ACC_PUBLIC, "Small", null, "java/lang/Object", null);
        String types = "ZBCS";
        int[] arrays = {T_BOOLEAN, T_BYTE, T_CHAR, T_SHORT};
        int[] stores = {BASTORE, BASTORE, CASTORE, SASTORE};
        int[] loads = {BALOAD, BALOAD, CALOAD, SALOAD};
        for (int i = 0; i < 4; i++) {
            char t = types.charAt(i);
            MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "ret" + t, "(I)" + t, null, null);
            mv.visitCode();
            mv.visitVarInsn(ILOAD, 0);
            mv.visitInsn(IRETURN);
            mv.visitMaxs(0, 0);
            mv.visitEnd();
            cw.visitField(ACC_PUBLIC | ACC_STATIC, "f" + t, "" + t, null, null).visitEnd();
            mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "put" + t, "(I)I", null, null);
            mv.visitCode();
            mv.visitVarInsn(ILOAD, 0);
            mv.visitFieldInsn(PUTSTATIC, "Small", "f" + t, "" + t);
            mv.visitFieldInsn(GETSTATIC, "Small", "f" + t, "" + t);
            mv.visitInsn(IRETURN);
            mv.visitMaxs(0, 0);
            mv.visitEnd();
            mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "arr" + t, "(I)I", null, null);
            mv.visitCode();
            mv.visitInsn(ICONST_1);
            mv.visitIntInsn(NEWARRAY, arrays[i]);
            mv.visitInsn(DUP);
            mv.visitInsn(ICONST_0);
            mv.visitVarInsn(ILOAD, 0);
            mv.visitInsn(stores[i]);
            mv.visitInsn(ICONST_0);
            mv.visitInsn(loads[i]);
            mv.visitInsn(IRETURN);
            mv.visitMaxs(0, 0);
            mv.visitEnd();
        }
        Class<?> c = MethodHandles.lookup().defineClass(cw.toByteArray());
        for (int v : new int[] {0, 1, 2, 3, 255, 256, 0x8000, 0x12345, -1}) {
            StringBuilder line = new StringBuilder().append(v);
            for (char t : types.toCharArray()) {
                Object r = c.getMethod("ret" + t, int.class).invoke(null, v);
                line.append(' ').append(r instanceof Character ch ? "" + (int) ch : r);
                line.append(' ').append(c.getMethod("put" + t, int.class).invoke(null, v));
                line.append(' ').append(c.getMethod("arr" + t, int.class).invoke(null, v));
            }
            System.out.println(line);
        }
    }
}
