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
        return make(name, sup, null, body);
    }

    static byte[] make(String name, String sup, String[] interfaces, java.util.function.Consumer<ClassWriter> body) {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        cw.visit(V1_8, ACC_PUBLIC | ACC_SUPER, name, null, sup, interfaces);
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
        method(cw, access, name, desc, code, ARETURN);
    }

    static void method(ClassWriter cw, int access, String name, String desc, java.util.function.Consumer<MethodVisitor> code, int end) {
        MethodVisitor mv = cw.visitMethod(access, name, desc, null, null);
        mv.visitCode();
        code.accept(mv);
        mv.visitInsn(end);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
    }

    static void accept(String what, Class<?> c, String m) { run(what, c, m); }

    static void reject(String what, Class<?> c, String m) { run(what, c, m); }

    static void reject(String what, String name) {
        try {
            System.out.println(what + ": " + Class.forName(name, false, null).getClassLoader());
        } catch (Throwable e) {
            System.out.println(what + ": " + e.getClass().getName() + " " + e.getMessage().replaceAll("@[0-9a-f]+", "@h"));
        }
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
        // A type of a module's interface: its own loader's class is another.
        Map redefining = new Map(LoaderConstraints.class.getClassLoader());
        redefining.classes.put("javax.management.ObjectName", make("javax/management/ObjectName", "java/lang/Object", cw -> {}));
        redefining.classes.put("Query", make("Query", "java/lang/Object", new String[] {"javax/management/QueryExp"}, cw -> {
            method(cw, ACC_PUBLIC | ACC_STATIC, "own", "()Ljava/lang/Object;", mv -> {
                mv.visitTypeInsn(NEW, "javax/management/ObjectName");
                mv.visitInsn(DUP);
                mv.visitMethodInsn(INVOKESPECIAL, "javax/management/ObjectName", "<init>", "()V", false);
            });
            method(cw, ACC_PUBLIC, "setMBeanServer", "(Ljavax/management/MBeanServer;)V", mv -> {}, RETURN);
            method(cw, ACC_PUBLIC, "apply", "(Ljavax/management/ObjectName;)Z", mv -> mv.visitInsn(ICONST_0), IRETURN);
        }));

        // §5.3.4 loading constraints
        accept("parent itself", parent.loadClass("Maker"), "make");
        Class<?> user = child.loadClass("User");
        accept("own", user, "own");
        reject("method", user, "call");
        reject("field", user, "get");
        reject("override", child.loadClass("Over"), "any");
        accept("a type of a boot interface, as long as the boot loader has none", redefining.loadClass("Query"), "own");
        reject("the boot loader's own class after that", "javax.management.ObjectName");
    }
}
