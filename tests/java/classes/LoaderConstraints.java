//@ asm
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** JVMS §5.3.4: two loaders that see different classes of one name may not exchange them. */
public class LoaderConstraints implements Opcodes {
    static class Map extends ClassLoader {
        final java.util.Map<String, byte[]> classes = new java.util.HashMap<>();

        Map(ClassLoader parent) { super(parent); }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (this) {
                Class<?> c = findLoadedClass(name);
                if (c != null) return c;
                byte[] b = classes.get(name);
                return b != null ? defineClass(name, b, 0, b.length) : super.loadClass(name, resolve);
            }
        }
    }

    static byte[] make(String name, String sup, java.util.function.Consumer<ClassWriter> body) {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        cw.visit(V1_8, ACC_PUBLIC | ACC_SUPER, name, null, sup, null);
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC, "<init>", "()V", null, null);
        mv.visitCode();
        mv.visitVarInsn(ALOAD, 0);
        mv.visitMethodInsn(INVOKESPECIAL, sup, "<init>", "()V", false);
        mv.visitInsn(RETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        body.accept(cw);
        return cw.toByteArray();
    }

    static void method(ClassWriter cw, int access, String name, String desc, java.util.function.Consumer<MethodVisitor> code) {
        MethodVisitor mv = cw.visitMethod(access, name, desc, null, null);
        mv.visitCode();
        code.accept(mv);
        mv.visitInsn(ARETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
    }

    static void run(String what, Class<?> c, String m) {
        try {
            System.out.println(what + ": " + c.getMethod(m).invoke(null).getClass().getName());
        } catch (java.lang.reflect.InvocationTargetException e) {
            System.out.println(what + ": " + e.getCause().getClass().getName() + " " + e.getCause().getMessage().replaceAll("@[0-9a-f]+", "@h"));
        } catch (Throwable e) {
            System.out.println(what + ": " + e.getClass().getName() + " " + e.getMessage().replaceAll("@[0-9a-f]+", "@h"));
        }
    }

    public static void main(String[] args) throws Exception {
        Map parent = new Map(LoaderConstraints.class.getClassLoader());
        Map child = new Map(parent);
        byte[] thing = make("Thing", "java/lang/Object", cw -> {});
        parent.classes.put("Thing", thing);
        child.classes.put("Thing", thing);
        parent.classes.put("Maker", make("Maker", "java/lang/Object", cw -> {
            method(cw, ACC_PUBLIC | ACC_STATIC, "make", "()LThing;", mv -> {
                mv.visitTypeInsn(NEW, "Thing");
                mv.visitInsn(DUP);
                mv.visitMethodInsn(INVOKESPECIAL, "Thing", "<init>", "()V", false);
            });
            method(cw, ACC_PUBLIC, "virtual", "()LThing;", mv -> mv.visitInsn(ACONST_NULL));
            cw.visitField(ACC_PUBLIC | ACC_STATIC, "field", "LThing;", null, null).visitEnd();
        }));
        child.classes.put("User", make("User", "java/lang/Object", cw -> {
            method(cw, ACC_PUBLIC | ACC_STATIC, "call", "()Ljava/lang/Object;",
                    mv -> mv.visitMethodInsn(INVOKESTATIC, "Maker", "make", "()LThing;", false));
            method(cw, ACC_PUBLIC | ACC_STATIC, "get", "()Ljava/lang/Object;", mv -> mv.visitFieldInsn(GETSTATIC, "Maker", "field", "LThing;"));
            method(cw, ACC_PUBLIC | ACC_STATIC, "own", "()Ljava/lang/Object;", mv -> {
                mv.visitTypeInsn(NEW, "Thing");
                mv.visitInsn(DUP);
                mv.visitMethodInsn(INVOKESPECIAL, "Thing", "<init>", "()V", false);
            });
        }));
        child.classes.put("Over", make("Over", "Maker", cw -> {
            method(cw, ACC_PUBLIC, "virtual", "()LThing;", mv -> mv.visitInsn(ACONST_NULL));
            method(cw, ACC_PUBLIC | ACC_STATIC, "any", "()Ljava/lang/Object;", mv -> mv.visitLdcInsn("x"));
        }));
        run("parent itself", parent.loadClass("Maker"), "make");
        Class<?> user = child.loadClass("User");
        run("own", user, "own");
        run("method", user, "call");
        run("field", user, "get");
        run("override", child.loadClass("Over"), "any");
    }
}
