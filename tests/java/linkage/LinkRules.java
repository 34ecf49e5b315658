//@ asm
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.ConstantDynamic;
import jdk.internal.org.objectweb.asm.Handle;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;
import jdk.internal.org.objectweb.asm.Type;

/** Linking by the rules of JVMS §5.3 and §5.4: for each what it allows and what it forbids. */
public class LinkRules extends ClassLoader implements Opcodes {
    static final Map<String, byte[]> WORLD = new HashMap<>();
    final Map<String, byte[]> own = new HashMap<>(WORLD);

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        Class<?> known = findLoadedClass(name);
        byte[] b = own.get(name);
        if (known != null || b == null) return known != null ? known : super.loadClass(name, resolve);
        return defineClass(name, b, 0, b.length);
    }

    static void accept(String what, Consumer<MethodVisitor> body) { run(what, body, new LinkRules()); }

    static void reject(String what, Consumer<MethodVisitor> body) { run(what, body, new LinkRules()); }

    static void accept(String what, byte[] other, Consumer<MethodVisitor> body) { run(what, body, with(other)); }

    static void reject(String what, byte[] other, Consumer<MethodVisitor> body) { run(what, body, with(other)); }

    static LinkRules with(byte[] other) {
        LinkRules loader = new LinkRules();
        loader.own.put("p.Other", other);
        return loader;
    }

    static void run(String what, Consumer<MethodVisitor> body, LinkRules loader) {
        ClassWriter cw = writer("p/Main", ACC_PUBLIC, "q/Pub");
        constructor(cw, "q/Pub");
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "run", "()I", null, null);
        mv.visitCode();
        body.accept(mv);
        mv.visitInsn(IRETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        loader.own.put("p.Main", cw.toByteArray());
        try {
            System.out.println(what + ": " + loader.loadClass("p.Main").getMethod("run").invoke(null));
        } catch (java.lang.reflect.InvocationTargetException e) {
            System.out.println(what + ": " + text(e.getCause()));
        } catch (Throwable e) {
            System.out.println(what + ": not run: " + text(e));
        }
    }

    static String text(Throwable t) {
        String cause = t.getCause() == null ? "" : " <- " + t.getCause().getClass().getName();
        return t.toString().lines().findFirst().get().replaceAll("@(0x)?[0-9a-f]+", "@h") + cause;
    }

    static ClassWriter writer(String name, int access, String parent, String... interfaces) {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        cw.visit(V11, access | ((access & ACC_INTERFACE) == 0 ? ACC_SUPER : ACC_ABSTRACT), name, null, parent, interfaces);
        return cw;
    }

    static void constructor(ClassWriter cw, String parent) {
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC, "<init>", "()V", null, null);
        mv.visitCode();
        mv.visitVarInsn(ALOAD, 0);
        mv.visitMethodInsn(INVOKESPECIAL, parent, "<init>", "()V", false);
        mv.visitInsn(RETURN);
        mv.visitMaxs(0, 0);
    }

    static void method(ClassWriter cw, int access, String name, int result) {
        MethodVisitor mv = cw.visitMethod(access, name, "()I", null, null);
        if ((access & ACC_ABSTRACT) != 0) return;
        mv.visitCode();
        mv.visitIntInsn(BIPUSH, result);
        mv.visitInsn(IRETURN);
        mv.visitMaxs(0, 0);
    }

    static byte[] cls(String name, int access, String parent, String[] interfaces, Consumer<ClassWriter> body) {
        ClassWriter cw = writer(name, access, parent, interfaces);
        if ((access & ACC_INTERFACE) == 0) constructor(cw, parent);
        body.accept(cw);
        return cw.toByteArray();
    }

    static byte[] other(int access, String parent, String[] interfaces, Consumer<ClassWriter> body) {
        return cls("p/Other", access, parent, interfaces, body);
    }

    static void world(String name, int access, String parent, String[] interfaces, Consumer<ClassWriter> body) {
        WORLD.put(name.replace('/', '.'), cls(name, access, parent, interfaces, body));
    }

    static final String[] NONE = {};
    static final String OBJECT = "java/lang/Object";

    static void make(MethodVisitor mv, String name) {
        mv.visitTypeInsn(NEW, name);
        mv.visitInsn(DUP);
        mv.visitMethodInsn(INVOKESPECIAL, name, "<init>", "()V", false);
    }

    static Consumer<MethodVisitor> get(int opcode, String owner, String name) {
        return mv -> {
            if (opcode == GETFIELD) make(mv, owner);
            mv.visitFieldInsn(opcode, owner, name, "I");
        };
    }

    static Consumer<MethodVisitor> put(int opcode, String owner, String name) {
        return mv -> {
            if (opcode == PUTFIELD) make(mv, owner);
            mv.visitInsn(ICONST_1);
            mv.visitFieldInsn(opcode, owner, name, "I");
            mv.visitInsn(ICONST_2);
        };
    }

    static Consumer<MethodVisitor> call(int opcode, String receiver, String owner, String name, boolean itf) {
        return mv -> {
            if (opcode != INVOKESTATIC) make(mv, receiver);
            mv.visitMethodInsn(opcode, owner, name, "()I", itf);
        };
    }

    static Consumer<MethodVisitor> constant(Object value) {
        return mv -> {
            mv.visitLdcInsn(value);
            mv.visitInsn(POP);
            mv.visitInsn(ICONST_4);
        };
    }

    static Consumer<MethodVisitor> handle(int tag, String owner, String name, String desc, boolean itf) {
        return constant(new Handle(tag, owner, name, desc, itf));
    }

    static byte[] bootstrap(String desc, Consumer<MethodVisitor> body) {
        return other(ACC_PUBLIC, OBJECT, NONE, cw -> {
            MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "boot", desc, null, null);
            mv.visitCode();
            body.accept(mv);
            mv.visitInsn(ARETURN);
            mv.visitMaxs(0, 0);
        });
    }

    static final String BOOT = "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Object;)Ljava/lang/Object;";

    public static void main(String[] args) {
        world("q/Pub", ACC_PUBLIC, OBJECT, NONE, cw -> {
            cw.visitField(ACC_PUBLIC | ACC_STATIC, "s", "I", null, null);
            cw.visitField(ACC_PRIVATE | ACC_STATIC, "ps", "I", null, null);
            cw.visitField(ACC_PROTECTED | ACC_STATIC, "prot", "I", null, null);
            cw.visitField(ACC_STATIC, "pkg", "I", null, null);
            cw.visitField(ACC_PUBLIC, "i", "I", null, null);
            cw.visitField(ACC_PUBLIC | ACC_FINAL, "fin", "I", null, null);
            cw.visitField(ACC_PUBLIC | ACC_FINAL | ACC_STATIC, "sfin", "I", null, null);
            method(cw, ACC_PUBLIC | ACC_STATIC, "sm", 5);
            method(cw, ACC_PRIVATE | ACC_STATIC, "psm", 6);
            method(cw, ACC_PROTECTED | ACC_STATIC, "protm", 7);
            method(cw, ACC_STATIC, "pkgm", 8);
            method(cw, ACC_PUBLIC, "im", 9);
            method(cw, ACC_PRIVATE, "pim", 10);
            method(cw, 0, "hidden", 11);
        });
        world("q/Hidden", 0, OBJECT, NONE, cw -> method(cw, ACC_PUBLIC | ACC_STATIC, "sm", 12));
        world("q/Abs", ACC_PUBLIC | ACC_ABSTRACT, OBJECT, NONE, cw -> method(cw, ACC_PUBLIC | ACC_ABSTRACT, "am", 0));
        world("q/Face", ACC_PUBLIC | ACC_INTERFACE, OBJECT, NONE, cw -> {
            cw.visitField(ACC_PUBLIC | ACC_STATIC | ACC_FINAL, "CONST", "I", null, 33);
            method(cw, ACC_PUBLIC, "dm", 13);
            method(cw, ACC_PUBLIC | ACC_STATIC, "fsm", 14);
            method(cw, ACC_PRIVATE, "fpm", 15);
            method(cw, ACC_PUBLIC | ACC_ABSTRACT, "fam", 0);
        });
        world("q/Left", ACC_PUBLIC | ACC_INTERFACE, OBJECT, NONE, cw -> method(cw, ACC_PUBLIC, "both", 16));
        world("q/Right", ACC_PUBLIC | ACC_INTERFACE, OBJECT, NONE, cw -> method(cw, ACC_PUBLIC, "both", 17));
        world("q/Fin", ACC_PUBLIC | ACC_FINAL, OBJECT, NONE, cw -> method(cw, ACC_PUBLIC | ACC_FINAL, "fm", 18));
        world("p/Sub", ACC_PUBLIC, "q/Pub", new String[] {"q/Face"}, cw -> {});
        world("p/Both", ACC_PUBLIC, OBJECT, new String[] {"q/Left", "q/Right"}, cw -> {});
        world("p/Conc", ACC_PUBLIC, "q/Abs", NONE, cw -> {});
        world("p/FinalMethod", ACC_PUBLIC, OBJECT, NONE, cw -> {
            method(cw, ACC_PUBLIC | ACC_FINAL, "fm", 19);
            method(cw, ACC_PRIVATE | ACC_FINAL, "pfm", 20);
        });

        // §5.3.5 derivation: superclass and superinterfaces
        accept("a superclass of another package", other(ACC_PUBLIC, "q/Pub", NONE, cw -> {}), mv -> { make(mv, "p/Other"); mv.visitInsn(POP); mv.visitInsn(ICONST_1); });
        reject("a final superclass", other(ACC_PUBLIC, "q/Fin", NONE, cw -> {}), mv -> { make(mv, "p/Other"); mv.visitInsn(POP); mv.visitInsn(ICONST_1); });
        reject("an interface as superclass", other(ACC_PUBLIC, "q/Face", NONE, cw -> {}), mv -> { make(mv, "p/Other"); mv.visitInsn(POP); mv.visitInsn(ICONST_1); });
        reject("a superclass that is not accessible", other(ACC_PUBLIC, "q/Hidden", NONE, cw -> {}), mv -> { make(mv, "p/Other"); mv.visitInsn(POP); mv.visitInsn(ICONST_1); });
        reject("a superclass that is not there", other(ACC_PUBLIC, "q/Missing", NONE, cw -> {}), mv -> { make(mv, "p/Other"); mv.visitInsn(POP); mv.visitInsn(ICONST_1); });
        reject("a class that extends itself", other(ACC_PUBLIC, "p/Other", NONE, cw -> {}), mv -> { make(mv, "p/Other"); mv.visitInsn(POP); mv.visitInsn(ICONST_1); });
        reject("a class as superinterface", other(ACC_PUBLIC, OBJECT, new String[] {"q/Pub"}, cw -> {}), mv -> { make(mv, "p/Other"); mv.visitInsn(POP); mv.visitInsn(ICONST_1); });
        reject("a magic accessor of an application", other(ACC_PUBLIC, "jdk/internal/reflect/MagicAccessorImpl", NONE, cw -> {}), mv -> { make(mv, "p/Other"); mv.visitInsn(POP); mv.visitInsn(ICONST_1); });

        // §5.4.3.1 class and interface resolution
        accept("an accessible class", constant(Type.getObjectType("q/Pub")));
        accept("an array of an accessible class", constant(Type.getObjectType("[[Lq/Pub;")));
        reject("a class of another package", constant(Type.getObjectType("q/Hidden")));
        reject("an array of a class of another package", constant(Type.getObjectType("[Lq/Hidden;")));
        reject("a class that is not there", constant(Type.getObjectType("q/Missing")));
        reject("an array of a class that is not there", constant(Type.getObjectType("[Lq/Missing;")));
        reject("a class that a module does not export", constant(Type.getObjectType("jdk/internal/misc/Unsafe")));
        reject("new of an interface", mv -> { mv.visitTypeInsn(NEW, "q/Face"); mv.visitInsn(POP); mv.visitInsn(ICONST_1); });
        reject("new of an abstract class", mv -> { mv.visitTypeInsn(NEW, "q/Abs"); mv.visitInsn(POP); mv.visitInsn(ICONST_1); });

        // §5.4.3.2 field resolution
        accept("a static field", get(GETSTATIC, "q/Pub", "s"));
        accept("a field of a superclass", get(GETSTATIC, "p/Sub", "s"));
        accept("a field of a superinterface", get(GETSTATIC, "p/Sub", "CONST"));
        accept("a field of an object", get(GETFIELD, "p/Sub", "i"));
        reject("a field that is not there", get(GETSTATIC, "q/Pub", "none"));
        reject("a field of another type", mv -> { mv.visitFieldInsn(GETSTATIC, "q/Pub", "s", "J"); mv.visitInsn(L2I); });
        reject("getstatic of an instance's field", get(GETSTATIC, "q/Pub", "i"));
        reject("getfield of a static field", get(GETFIELD, "q/Pub", "s"));

        // §5.4.4 access to fields
        accept("a protected field of the superclass", get(GETSTATIC, "q/Pub", "prot"));
        reject("a private field of another class", get(GETSTATIC, "q/Pub", "ps"));
        reject("a field of another package", get(GETSTATIC, "q/Pub", "pkg"));
        reject("a field by way of a class that is not accessible", get(GETSTATIC, "q/Hidden", "s"));

        // §6.5 putfield and putstatic of final fields
        accept("putfield of a field", put(PUTFIELD, "q/Pub", "i"));
        accept("putstatic of a field", put(PUTSTATIC, "q/Pub", "s"));
        reject("putfield of another class's final field", put(PUTFIELD, "q/Pub", "fin"));
        reject("putstatic of another class's final field", put(PUTSTATIC, "q/Pub", "sfin"));
        reject("putstatic of an interface's field", put(PUTSTATIC, "p/Sub", "CONST"));

        // §5.4.3.3 method resolution
        accept("a static method", call(INVOKESTATIC, null, "q/Pub", "sm", false));
        accept("a method of a superclass", call(INVOKEVIRTUAL, "p/Sub", "p/Sub", "im", false));
        accept("a default method of a superinterface", call(INVOKEVIRTUAL, "p/Sub", "p/Sub", "dm", false));
        reject("a method that is not there", call(INVOKESTATIC, null, "q/Pub", "none", false));
        reject("invokestatic of an instance's method", call(INVOKESTATIC, null, "q/Pub", "im", false));
        reject("invokevirtual of a static method", call(INVOKEVIRTUAL, "q/Pub", "q/Pub", "sm", false));
        reject("a class method of an interface", call(INVOKESTATIC, null, "q/Face", "fsm", false));
        reject("a static method of a superinterface", call(INVOKESTATIC, null, "p/Sub", "fsm", false));
        reject("invokestatic of a signature-polymorphic method", mv -> { mv.visitInsn(ACONST_NULL); mv.visitMethodInsn(INVOKESTATIC, "java/lang/invoke/MethodHandle", "invoke", "([Ljava/lang/Object;)Ljava/lang/Object;", false); mv.visitInsn(POP); mv.visitInsn(ICONST_1); });

        // §5.4.3.4 interface method resolution
        accept("a static method of an interface", call(INVOKESTATIC, null, "q/Face", "fsm", true));
        accept("a default method", call(INVOKEINTERFACE, "p/Sub", "q/Face", "dm", true));
        accept("a method of Object by an interface", mv -> { make(mv, "p/Sub"); mv.visitMethodInsn(INVOKEINTERFACE, "q/Face", "getClass", "()Ljava/lang/Class;", true); mv.visitInsn(POP); mv.visitInsn(ICONST_1); });
        reject("an interface method of a class", call(INVOKESTATIC, null, "q/Pub", "sm", true));
        reject("an interface method that is not there", call(INVOKEINTERFACE, "p/Sub", "q/Face", "none", true));
        reject("a private method of another interface", call(INVOKEINTERFACE, "p/Sub", "q/Face", "fpm", true));
        reject("invokeinterface of a static method", call(INVOKEINTERFACE, "p/Sub", "q/Face", "fsm", true));

        // §5.4.4 access to methods
        accept("a protected method of the superclass", call(INVOKESTATIC, null, "q/Pub", "protm", false));
        reject("a private method of another class", call(INVOKESTATIC, null, "q/Pub", "psm", false));
        reject("a method of another package", call(INVOKESTATIC, null, "q/Pub", "pkgm", false));
        reject("a private instance method of another class", call(INVOKEVIRTUAL, "q/Pub", "q/Pub", "pim", false));

        // §5.4.3.5 method type and method handle resolution
        accept("a method type", constant(Type.getMethodType("(Lq/Pub;)V")));
        accept("a handle of a static method", handle(H_INVOKESTATIC, "q/Pub", "sm", "()I", false));
        accept("a handle of a field", handle(H_GETFIELD, "q/Pub", "i", "I", false));
        accept("a handle of a constructor", handle(H_NEWINVOKESPECIAL, "q/Pub", "<init>", "()V", false));
        accept("a handle of an interface method", handle(H_INVOKEINTERFACE, "q/Face", "dm", "()I", true));
        reject("a method type with a class that is not there", constant(Type.getMethodType("(Lq/Missing;)V")));
        reject("a method type with a class that is not accessible", constant(Type.getMethodType("(Lq/Hidden;)V")));
        reject("a static handle of an instance's method", handle(H_INVOKESTATIC, "q/Pub", "im", "()I", false));
        reject("a handle of a method that is not there", handle(H_INVOKESTATIC, "q/Pub", "none", "()I", false));
        reject("a handle of a private method", handle(H_INVOKESTATIC, "q/Pub", "psm", "()I", false));
        reject("a handle that sets a final field", handle(H_PUTFIELD, "q/Pub", "fin", "I", false));
        reject("a field handle of the wrong kind", handle(H_GETSTATIC, "q/Pub", "i", "I", false));

        // §5.4.3.6 dynamically computed constants and call sites
        Handle boot = new Handle(H_INVOKESTATIC, "p/Other", "boot", BOOT, false);
        accept("a dynamic constant", bootstrap(BOOT, mv -> mv.visitLdcInsn("text")), constant(new ConstantDynamic("c", "Ljava/lang/String;", boot)));
        reject("a dynamic constant of another type", bootstrap(BOOT, mv -> mv.visitLdcInsn("text")), constant(new ConstantDynamic("c", "Ljava/lang/Integer;", boot)));
        reject("a dynamic constant whose bootstrap method throws", bootstrap(BOOT, mv -> { mv.visitInsn(ICONST_1); mv.visitInsn(ICONST_0); mv.visitInsn(IDIV); mv.visitInsn(POP); mv.visitInsn(ACONST_NULL); }), constant(new ConstantDynamic("c", "Ljava/lang/String;", boot)));
        reject("a dynamic constant without its bootstrap method", constant(new ConstantDynamic("c", "Ljava/lang/String;", new Handle(H_INVOKESTATIC, "q/Pub", "none", BOOT, false))));
        accept("a call site", bootstrap(BOOT, mv -> {
            mv.visitTypeInsn(NEW, "java/lang/invoke/ConstantCallSite");
            mv.visitInsn(DUP);
            mv.visitLdcInsn(new Handle(H_INVOKESTATIC, "q/Pub", "sm", "()I", false));
            mv.visitMethodInsn(INVOKESPECIAL, "java/lang/invoke/ConstantCallSite", "<init>", "(Ljava/lang/invoke/MethodHandle;)V", false);
        }), mv -> mv.visitInvokeDynamicInsn("x", "()I", boot));
        reject("a call site that is none", bootstrap(BOOT, mv -> mv.visitLdcInsn("text")), mv -> mv.visitInvokeDynamicInsn("x", "()I", boot));
        reject("a call site that is null", bootstrap(BOOT, mv -> mv.visitInsn(ACONST_NULL)), mv -> mv.visitInvokeDynamicInsn("x", "()I", boot));
        reject("a call site of another type", bootstrap(BOOT, mv -> {
            mv.visitTypeInsn(NEW, "java/lang/invoke/ConstantCallSite");
            mv.visitInsn(DUP);
            mv.visitLdcInsn(new Handle(H_INVOKEVIRTUAL, "q/Pub", "im", "()I", false));
            mv.visitMethodInsn(INVOKESPECIAL, "java/lang/invoke/ConstantCallSite", "<init>", "(Ljava/lang/invoke/MethodHandle;)V", false);
        }), mv -> mv.visitInvokeDynamicInsn("x", "()I", boot));

        // §5.4.5 method overriding
        accept("a private final method's name again", other(ACC_PUBLIC, "p/FinalMethod", NONE, cw -> method(cw, ACC_PUBLIC, "pfm", 21)), call(INVOKEVIRTUAL, "p/Other", "p/Other", "pfm", false));
        accept("a method of another package's name again", other(ACC_PUBLIC, "q/Pub", NONE, cw -> method(cw, ACC_PUBLIC, "hidden", 22)), call(INVOKEVIRTUAL, "p/Other", "p/Other", "hidden", false));
        reject("a final method overridden", other(ACC_PUBLIC, "p/FinalMethod", NONE, cw -> method(cw, ACC_PUBLIC, "fm", 23)), call(INVOKEVIRTUAL, "p/Other", "p/Other", "fm", false));
        reject("a final method of Object overridden", other(ACC_PUBLIC, OBJECT, NONE, cw -> cw.visitMethod(ACC_PUBLIC | ACC_NATIVE, "getClass", "()Ljava/lang/Class;", null, null)), call(INVOKEVIRTUAL, "p/Other", "p/Other", "hashCode", false));

        // §5.4.6 method selection
        accept("the method that overrides", other(ACC_PUBLIC, "q/Pub", NONE, cw -> method(cw, ACC_PUBLIC, "im", 24)), call(INVOKEVIRTUAL, "p/Other", "q/Pub", "im", false));
        reject("an abstract method of a class", call(INVOKEVIRTUAL, "p/Conc", "q/Abs", "am", false));
        reject("an abstract method of an interface", call(INVOKEINTERFACE, "p/Sub", "q/Face", "fam", true));
        reject("two default methods", call(INVOKEVIRTUAL, "p/Both", "p/Both", "both", false));
        reject("two default methods by an interface", call(INVOKEINTERFACE, "p/Both", "q/Left", "both", true));
        reject("an interface that the object has not", mv -> { make(mv, "q/Pub"); mv.visitMethodInsn(INVOKEINTERFACE, "q/Face", "dm", "()I", true); });
        reject("a private method for an interface's", other(ACC_PUBLIC, OBJECT, new String[] {"q/Face"}, cw -> method(cw, ACC_PRIVATE, "fam", 25)), call(INVOKEINTERFACE, "p/Other", "q/Face", "fam", true));
    }
}
