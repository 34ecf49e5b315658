//@ asm
import java.util.Arrays;
import java.util.function.Consumer;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** Malformed class files: the right LinkageError with the right text for each. */
public class FormatErrors extends ClassLoader implements Opcodes {
    static void define(String what, byte[] b) {
        try {
            Class<?> c = new FormatErrors().defineClass(null, b, 0, b.length);
            c.getDeclaredMethods();
            Class.forName(c.getName(), true, c.getClassLoader());
            System.out.println(what + ": accepted " + c.getName());
        } catch (LinkageError | ClassNotFoundException e) {
            System.out.println(what + ": " + e.toString().lines().findFirst().get().replaceAll("@[0-9a-f]+", "@h"));
        }
    }

    static byte[] make(Consumer<ClassWriter> body) { return make(ACC_PUBLIC | ACC_SUPER, "Fmt", "java/lang/Object", body); }

    static byte[] make(int access, String name, String sup, Consumer<ClassWriter> body) {
        ClassWriter cw = new ClassWriter(0);
        cw.visit(V1_8, access, name, null, sup, null);
        body.accept(cw);
        return cw.toByteArray();
    }

    static void field(ClassWriter cw, int access, String name, String desc) { cw.visitField(access, name, desc, null, null).visitEnd(); }

    static void method(ClassWriter cw, int access, String name, String desc, boolean code) {
        MethodVisitor mv = cw.visitMethod(access, name, desc, null, null);
        if (code) {
            mv.visitCode();
            mv.visitInsn(RETURN);
            mv.visitMaxs(1, 300);
        }
        mv.visitEnd();
    }

    static byte[] poke(byte[] b, int at, int... v) {
        b = b.clone();
        for (int i = 0; i < v.length; i++) b[at + i] = (byte) v[i];
        return b;
    }

    public static void main(String[] args) {
        byte[] good = make(cw -> { field(cw, ACC_PUBLIC, "f", "I"); method(cw, ACC_PUBLIC | ACC_STATIC, "m", "()V", true); });
        define("good", good);
        define("empty", new byte[0]);
        define("magic", poke(good, 0, 0xca, 0xfe, 0xba, 0xbf));
        define("one byte", new byte[] {(byte) 0xca});
        define("extra bytes", Arrays.copyOf(good, good.length + 1));
        for (int n : new int[] {3, 4, 7, 9, 10, 11, good.length / 2, good.length - 1}) define("truncated at " + n, Arrays.copyOf(good, n));
        define("constant tag", poke(good, 10, 99));
        define("pool count zero", poke(good, 8, 0, 0));
        define("pool index out of range", poke(good, 11, 0x7f, 0xff));
        define("interface not abstract", make(ACC_PUBLIC | ACC_INTERFACE, "Fmt", "java/lang/Object", cw -> {}));
        define("final abstract", make(ACC_FINAL | ACC_ABSTRACT, "Fmt", "java/lang/Object", cw -> {}));
        define("interface with other super", make(ACC_INTERFACE | ACC_ABSTRACT, "Fmt", "java/lang/Thread", cw -> {}));
        define("super is final", make(ACC_PUBLIC, "Fmt", "java/lang/String", cw -> {}));
        define("super is interface", make(ACC_PUBLIC, "Fmt", "java/lang/Runnable", cw -> {}));
        define("super missing", make(ACC_PUBLIC, "Fmt", "no/Such", cw -> {}));
        define("super itself", make(ACC_PUBLIC, "Fmt", "Fmt", cw -> {}));
        define("no super", make(ACC_PUBLIC, "Fmt", null, cw -> {}));
        define("class name", make(ACC_PUBLIC, "a;b", "java/lang/Object", cw -> {}));
        define("class name empty part", make(ACC_PUBLIC, "a//b", "java/lang/Object", cw -> {}));
        define("implements class", makeImplementing("java/lang/Object"));
        define("implements missing", makeImplementing("no/Such"));
        define("implements twice", makeImplementing("java/lang/Runnable", "java/lang/Runnable"));
        define("duplicate field", make(cw -> { field(cw, 0, "f", "I"); field(cw, 0, "f", "I"); }));
        define("same name, other type", make(cw -> { field(cw, 0, "f", "I"); field(cw, 0, "f", "J"); }));
        define("duplicate method", make(cw -> { method(cw, 0, "m", "()V", true); method(cw, 0, "m", "()V", true); }));
        define("field descriptor", make(cw -> field(cw, 0, "f", "Q")));
        define("field descriptor void", make(cw -> field(cw, 0, "f", "V")));
        define("field name", make(cw -> field(cw, 0, "a.b", "I")));
        define("field flags", make(cw -> field(cw, ACC_PUBLIC | ACC_PRIVATE, "f", "I")));
        define("field final volatile", make(cw -> field(cw, ACC_FINAL | ACC_VOLATILE, "f", "I")));
        define("method descriptor", make(cw -> method(cw, 0, "m", "()", true)));
        define("method descriptor 2", make(cw -> method(cw, ACC_STATIC, "m", "(Ljava/lang/String)V", true)));
        define("method name", make(cw -> method(cw, 0, "<bad>", "()V", true)));
        define("init returns", make(cw -> method(cw, 0, "<init>", "()I", true)));
        define("method flags", make(cw -> method(cw, ACC_ABSTRACT | ACC_FINAL, "m", "()V", false)));
        define("method two visibilities", make(cw -> method(cw, ACC_PUBLIC | ACC_PROTECTED, "m", "()V", true)));
        define("abstract with code", make(cw -> method(cw, ACC_ABSTRACT, "m", "()V", true)));
        define("native with code", make(cw -> method(cw, ACC_NATIVE, "m", "()V", true)));
        define("no code", make(cw -> method(cw, 0, "m", "()V", false)));
        define("256 arguments", make(cw -> method(cw, ACC_STATIC, "m", "(" + "J".repeat(128) + ")V", true)));
        define("255 arguments", make(cw -> method(cw, ACC_STATIC, "m", "(" + "I".repeat(255) + ")V", true)));
        define("final overridden", make(cw -> method(cw, ACC_PUBLIC, "notify", "()V", true)));
        define("interface field flags", make(ACC_INTERFACE | ACC_ABSTRACT, "Fmt", "java/lang/Object", cw -> field(cw, ACC_PUBLIC, "f", "I")));
        define("interface protected method", make(ACC_INTERFACE | ACC_ABSTRACT, "Fmt", "java/lang/Object", cw -> method(cw, ACC_PROTECTED | ACC_ABSTRACT, "m", "()V", false)));
        define("constant value type", make(cw -> cw.visitField(ACC_STATIC, "f", "I", null, "text").visitEnd()));
        define("no code at all", make(cw -> { MethodVisitor mv = cw.visitMethod(ACC_STATIC, "m", "()V", null, null); mv.visitCode(); mv.visitMaxs(0, 0); mv.visitEnd(); }));
        define("locals below arguments", make(cw -> { MethodVisitor mv = cw.visitMethod(ACC_STATIC, "m", "(JJ)V", null, null); mv.visitCode(); mv.visitInsn(RETURN); mv.visitMaxs(0, 3); mv.visitEnd(); }));
    }

    static byte[] makeImplementing(String... names) {
        ClassWriter cw = new ClassWriter(0);
        cw.visit(V1_8, ACC_PUBLIC, "Fmt", null, "java/lang/Object", names);
        return cw.toByteArray();
    }
}
