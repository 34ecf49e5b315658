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

    /** Cases that the verifier's document lists, each under the rule of the comment above it. */
    static void accept(String what, byte[] b) { define(what, b); }

    static void reject(String what, byte[] b) { define(what, b); }

    public static void main(String[] args) {
        byte[] good = make(cw -> { field(cw, ACC_PUBLIC, "f", "I"); method(cw, ACC_PUBLIC | ACC_STATIC, "m", "()V", true); });
        // §4.8 the file as a whole: magic, length
        accept("good", good);
        reject("empty", new byte[0]);
        reject("magic", poke(good, 0, 0xca, 0xfe, 0xba, 0xbf));
        reject("one byte", new byte[] {(byte) 0xca});
        reject("extra bytes", Arrays.copyOf(good, good.length + 1));
        for (int n : new int[] {3, 4, 7, 9, 10, 11, good.length / 2, good.length - 1}) reject("truncated at " + n, Arrays.copyOf(good, n));
        // §4.4 the constant pool
        reject("constant tag", poke(good, 10, 99));
        reject("pool count zero", poke(good, 8, 0, 0));
        reject("pool index out of range", poke(good, 11, 0x7f, 0xff));
        // §4.1 access flags of a class
        reject("interface not abstract", make(ACC_PUBLIC | ACC_INTERFACE, "Fmt", "java/lang/Object", cw -> {}));
        reject("final abstract", make(ACC_FINAL | ACC_ABSTRACT, "Fmt", "java/lang/Object", cw -> {}));
        reject("interface with other super", make(ACC_INTERFACE | ACC_ABSTRACT, "Fmt", "java/lang/Thread", cw -> {}));
        // §4.1 superclass (§5.3.5)
        reject("super is final", make(ACC_PUBLIC, "Fmt", "java/lang/String", cw -> {}));
        reject("super is interface", make(ACC_PUBLIC, "Fmt", "java/lang/Runnable", cw -> {}));
        reject("super missing", make(ACC_PUBLIC, "Fmt", "no/Such", cw -> {}));
        reject("super itself", make(ACC_PUBLIC, "Fmt", "Fmt", cw -> {}));
        reject("no super", make(ACC_PUBLIC, "Fmt", null, cw -> {}));
        // §4.2.1 names of classes
        reject("class name", make(ACC_PUBLIC, "a;b", "java/lang/Object", cw -> {}));
        reject("class name empty part", make(ACC_PUBLIC, "a//b", "java/lang/Object", cw -> {}));
        // §4.1 superinterfaces (§5.3.5)
        reject("implements class", makeImplementing("java/lang/Object"));
        reject("implements missing", makeImplementing("no/Such"));
        reject("implements twice", makeImplementing("java/lang/Runnable", "java/lang/Runnable"));
        // §4.5 fields
        reject("duplicate field", make(cw -> { field(cw, 0, "f", "I"); field(cw, 0, "f", "I"); }));
        accept("same name, other type", make(cw -> { field(cw, 0, "f", "I"); field(cw, 0, "f", "J"); }));
        // §4.6 methods
        reject("duplicate method", make(cw -> { method(cw, 0, "m", "()V", true); method(cw, 0, "m", "()V", true); }));
        // §4.3.2 field descriptors
        reject("field descriptor", make(cw -> field(cw, 0, "f", "Q")));
        reject("field descriptor void", make(cw -> field(cw, 0, "f", "V")));
        // §4.2.2 unqualified names
        reject("field name", make(cw -> field(cw, 0, "a.b", "I")));
        // §4.5 access flags of fields
        reject("field flags", make(cw -> field(cw, ACC_PUBLIC | ACC_PRIVATE, "f", "I")));
        reject("field final volatile", make(cw -> field(cw, ACC_FINAL | ACC_VOLATILE, "f", "I")));
        // §4.3.3 method descriptors
        reject("method descriptor", make(cw -> method(cw, 0, "m", "()", true)));
        reject("method descriptor 2", make(cw -> method(cw, ACC_STATIC, "m", "(Ljava/lang/String)V", true)));
        // §4.6 names of methods, <init>
        reject("method name", make(cw -> method(cw, 0, "<bad>", "()V", true)));
        reject("init returns", make(cw -> method(cw, 0, "<init>", "()I", true)));
        // §4.6 access flags of methods
        reject("method flags", make(cw -> method(cw, ACC_ABSTRACT | ACC_FINAL, "m", "()V", false)));
        reject("method two visibilities", make(cw -> method(cw, ACC_PUBLIC | ACC_PROTECTED, "m", "()V", true)));
        // §4.7.3 Code: where it has to be
        reject("abstract with code", make(cw -> method(cw, ACC_ABSTRACT, "m", "()V", true)));
        reject("native with code", make(cw -> method(cw, ACC_NATIVE, "m", "()V", true)));
        reject("no code", make(cw -> method(cw, 0, "m", "()V", false)));
        // §4.3.3 at most 255 arguments
        reject("256 arguments", make(cw -> method(cw, ACC_STATIC, "m", "(" + "J".repeat(128) + ")V", true)));
        accept("255 arguments", make(cw -> method(cw, ACC_STATIC, "m", "(" + "I".repeat(255) + ")V", true)));
        // §5.4.5 final methods are not overridden
        reject("final overridden", make(cw -> method(cw, ACC_PUBLIC, "notify", "()V", true)));
        // §4.5 members of interfaces
        reject("interface field flags", make(ACC_INTERFACE | ACC_ABSTRACT, "Fmt", "java/lang/Object", cw -> field(cw, ACC_PUBLIC, "f", "I")));
        reject("interface protected method", make(ACC_INTERFACE | ACC_ABSTRACT, "Fmt", "java/lang/Object", cw -> method(cw, ACC_PROTECTED | ACC_ABSTRACT, "m", "()V", false)));
        // §4.7.2 ConstantValue
        reject("constant value type", make(cw -> cw.visitField(ACC_STATIC, "f", "I", null, "text").visitEnd()));
        // §4.7.3 Code: length and locals
        reject("no code at all", make(cw -> { MethodVisitor mv = cw.visitMethod(ACC_STATIC, "m", "()V", null, null); mv.visitCode(); mv.visitMaxs(0, 0); mv.visitEnd(); }));
        reject("locals below arguments", make(cw -> { MethodVisitor mv = cw.visitMethod(ACC_STATIC, "m", "(JJ)V", null, null); mv.visitCode(); mv.visitInsn(RETURN); mv.visitMaxs(0, 3); mv.visitEnd(); }));
    }

    static byte[] makeImplementing(String... names) {
        ClassWriter cw = new ClassWriter(0);
        cw.visit(V1_8, ACC_PUBLIC, "Fmt", null, "java/lang/Object", names);
        return cw.toByteArray();
    }
}
