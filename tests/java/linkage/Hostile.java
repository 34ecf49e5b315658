//@ asm
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.Label;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** Programs that try to break the virtual machine: each is stopped as the specification says. */
public class Hostile extends ClassLoader implements Opcodes {
    final Map<String, byte[]> own = new HashMap<>();

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        Class<?> known = findLoadedClass(name);
        byte[] b = own.get(name);
        if (known != null || b == null) return known != null ? known : super.loadClass(name, resolve);
        return defineClass(name, b, 0, b.length);
    }

    static String text(Throwable t) {
        if (t instanceof java.lang.reflect.InvocationTargetException) t = t.getCause();
        if (t instanceof VerifyError) return "VerifyError " + t.getMessage().lines().findFirst().get().replaceAll("^\\(class.*\\) ", "");
        String cause = t.getCause() == null ? "" : " <- " + t.getCause().getClass().getName();
        return t.toString().lines().findFirst().get().replaceAll("@(0x)?[0-9a-f]+", "@h") + cause;
    }

    static void accept(String what, Callable<?> body) { attempt(what, body); }

    static void reject(String what, Callable<?> body) { attempt(what, body); }

    static void attempt(String what, Callable<?> body) {
        try {
            System.out.println(what + ": " + body.call());
        } catch (Throwable t) {
            System.out.println(what + ": " + text(t));
        }
    }

    /** Code of a static method of an int, a String, a long and an array, in a new class file and in an old one. */
    static void reject(String what, Consumer<MethodVisitor> body) {
        for (int version : new int[] {V17, V1_4}) {
            attempt(what + ", version " + version, () -> {
                Hostile loader = new Hostile();
                loader.own.put("Code", code(version, body));
                return loader.loadClass("Code").getMethod("run", int.class, String.class, long.class, int[].class).invoke(null, 0x41414141, "text", 0x4141414141414141L, new int[3]);
            });
        }
    }

    static byte[] code(int version, Consumer<MethodVisitor> body) {
        ClassWriter cw = new ClassWriter(0);
        cw.visit(version, ACC_PUBLIC | ACC_SUPER, "Code", null, "java/lang/Object", null);
        cw.visitField(ACC_PUBLIC | ACC_STATIC, "object", "Ljava/lang/Object;", null, null);
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "run", "(ILjava/lang/String;J[I)Ljava/lang/Object;", null, null);
        mv.visitCode();
        body.accept(mv);
        mv.visitMaxs(8, 8);
        mv.visitEnd();
        return cw.toByteArray();
    }

    /** A class with one static initialiser. */
    static byte[] initialised(String name, Consumer<MethodVisitor> body) {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        cw.visit(V11, ACC_PUBLIC | ACC_SUPER, name, null, "java/lang/Object", null);
        cw.visitField(ACC_PUBLIC | ACC_STATIC, "value", "I", null, null);
        MethodVisitor mv = cw.visitMethod(ACC_STATIC, "<clinit>", "()V", null, null);
        mv.visitCode();
        body.accept(mv);
        mv.visitInsn(RETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        return cw.toByteArray();
    }

    static byte[] natives(String name, String parent, String method, String desc) {
        ClassWriter cw = new ClassWriter(0);
        cw.visit(V11, ACC_PUBLIC | ACC_SUPER, name, null, parent, null);
        cw.visitMethod(ACC_PUBLIC | ACC_STATIC | ACC_NATIVE, method, desc, null, null).visitEnd();
        return cw.toByteArray();
    }

    public static int recurse(int n) { return recurse(n + 1) + 1; }

    @SuppressWarnings({"unchecked", "rawtypes"})
    public static void main(String[] args) throws Throwable {
        // §4.10.1.2 type confusion
        reject("an int as an object", mv -> { mv.visitVarInsn(ILOAD, 0); mv.visitInsn(ARETURN); });
        reject("an int as an array", mv -> { mv.visitVarInsn(ILOAD, 0); mv.visitInsn(ARRAYLENGTH); mv.visitInsn(POP); mv.visitInsn(ACONST_NULL); mv.visitInsn(ARETURN); });
        reject("an object as an int", mv -> { mv.visitVarInsn(ALOAD, 1); mv.visitVarInsn(ISTORE, 5); mv.visitInsn(ACONST_NULL); mv.visitInsn(ARETURN); });
        reject("an int array as an array of objects", mv -> { mv.visitVarInsn(ALOAD, 4); mv.visitInsn(ICONST_0); mv.visitInsn(AALOAD); mv.visitInsn(ARETURN); });
        reject("a String as another class's object", mv -> { mv.visitVarInsn(ALOAD, 1); mv.visitFieldInsn(GETFIELD, "java/lang/Integer", "value", "I"); mv.visitInsn(POP); mv.visitInsn(ACONST_NULL); mv.visitInsn(ARETURN); });
        reject("a field with an int for an object", mv -> { mv.visitVarInsn(ILOAD, 0); mv.visitFieldInsn(PUTSTATIC, "Code", "object", "Ljava/lang/Object;"); mv.visitInsn(ACONST_NULL); mv.visitInsn(ARETURN); });
        reject("an object of two types where branches meet", mv -> { Label a = new Label(), b = new Label(); mv.visitVarInsn(ILOAD, 0); mv.visitJumpInsn(IFEQ, a); mv.visitVarInsn(ALOAD, 1); mv.visitJumpInsn(GOTO, b); mv.visitLabel(a); mv.visitVarInsn(ILOAD, 0); mv.visitLabel(b); mv.visitInsn(ARETURN); });

        // §4.9.2 stack smashing
        reject("half a long as an object", mv -> { mv.visitVarInsn(LLOAD, 2); mv.visitInsn(POP); mv.visitInsn(ARETURN); });
        reject("a long split by dup_x1", mv -> { mv.visitVarInsn(LLOAD, 2); mv.visitInsn(DUP_X1); mv.visitInsn(POP2); mv.visitInsn(ACONST_NULL); mv.visitInsn(ARETURN); });
        reject("a long split by swap", mv -> { mv.visitVarInsn(LLOAD, 2); mv.visitInsn(SWAP); mv.visitInsn(POP2); mv.visitInsn(ACONST_NULL); mv.visitInsn(ARETURN); });
        reject("a long put together by dup2_x1", mv -> { mv.visitVarInsn(ALOAD, 1); mv.visitVarInsn(LLOAD, 2); mv.visitInsn(DUP_X2); mv.visitInsn(POP); mv.visitInsn(ARETURN); });
        reject("the second half of a long's variable", mv -> { mv.visitVarInsn(ALOAD, 3); mv.visitInsn(ARETURN); });
        reject("pops below the stack", mv -> { mv.visitInsn(POP); mv.visitInsn(POP); mv.visitInsn(ACONST_NULL); mv.visitInsn(ARETURN); });
        reject("pushes above the stack", mv -> { for (int i = 0; i < 9; i++) mv.visitVarInsn(ALOAD, 1); mv.visitInsn(ARETURN); });
        reject("a variable behind the frame", mv -> { mv.visitVarInsn(ALOAD, 1); mv.visitVarInsn(ASTORE, 8); mv.visitVarInsn(ALOAD, 1); mv.visitInsn(ARETURN); });
        reject("a stack that grows in a loop", mv -> { Label a = new Label(); mv.visitLabel(a); mv.visitVarInsn(ALOAD, 1); mv.visitJumpInsn(GOTO, a); });

        // §4.9.2 objects that are not initialized
        reject("a method of an object without constructor", mv -> { mv.visitTypeInsn(NEW, "java/lang/Object"); mv.visitMethodInsn(INVOKEVIRTUAL, "java/lang/Object", "toString", "()Ljava/lang/String;", false); mv.visitInsn(ARETURN); });
        reject("an object without constructor escapes", mv -> { mv.visitTypeInsn(NEW, "java/lang/Object"); mv.visitInsn(DUP); mv.visitFieldInsn(PUTSTATIC, "Code", "object", "Ljava/lang/Object;"); mv.visitInsn(ARETURN); });
        reject("another class's constructor", mv -> { mv.visitTypeInsn(NEW, "java/lang/String"); mv.visitInsn(DUP); mv.visitMethodInsn(INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false); mv.visitInsn(ARETURN); });
        reject("a constructor again", mv -> { mv.visitVarInsn(ALOAD, 1); mv.visitMethodInsn(INVOKESPECIAL, "java/lang/String", "<init>", "()V", false); mv.visitVarInsn(ALOAD, 1); mv.visitInsn(ARETURN); });

        // §4.10.1.9 illegal invokespecial
        reject("invokespecial on an unrelated object", mv -> { mv.visitVarInsn(ALOAD, 1); mv.visitMethodInsn(INVOKESPECIAL, "java/lang/String", "hashCode", "()I", false); mv.visitInsn(POP); mv.visitInsn(ACONST_NULL); mv.visitInsn(ARETURN); });
        reject("invokespecial of Object's method on a String", mv -> { mv.visitVarInsn(ALOAD, 1); mv.visitMethodInsn(INVOKESPECIAL, "java/lang/Object", "toString", "()Ljava/lang/String;", false); mv.visitInsn(ARETURN); });
        reject("a protected clone of a String", mv -> { mv.visitVarInsn(ALOAD, 1); mv.visitMethodInsn(INVOKEVIRTUAL, "java/lang/Object", "clone", "()Ljava/lang/Object;", false); mv.visitInsn(ARETURN); });

        // §6.5 forged types through generics, handles and arrays
        reject("a list of another type", () -> { List list = new ArrayList<String>(); list.add(1); String s = ((List<String>) list).get(0); return s; });
        reject("an array of another type", () -> { Object[] array = new String[1]; array[0] = 1; return array; });
        MethodHandle length = MethodHandles.lookup().findVirtual(String.class, "length", MethodType.methodType(int.class));
        accept("a handle as it is", () -> { try { return (int) length.invokeExact("four"); } catch (Throwable t) { throw new Exception(t); } });
        reject("invokeExact with another type", () -> { try { return (int) length.invokeExact((Object) "four"); } catch (Throwable t) { throw new Exception(t); } });
        reject("invokeExact with another result", () -> { try { return (long) length.invokeExact("four"); } catch (Throwable t) { throw new Exception(t); } });
        reject("invoke with another object", () -> { try { return (int) length.invoke((Object) 4); } catch (Throwable t) { throw new Exception(t); } });
        reject("a handle of Object given a number", () -> { try { return length.asType(MethodType.methodType(int.class, Object.class)).invokeWithArguments(List.of(4)); } catch (Throwable t) { throw new Exception(t); } });
        reject("a handle with too few arguments", () -> { try { return length.invokeWithArguments(); } catch (Throwable t) { throw new Exception(t); } });
        reject("a handle of an unrelated type", () -> { try { return length.asType(MethodType.methodType(int.class, Integer.class)).invokeWithArguments(4); } catch (Throwable t) { throw new Exception(t); } });
        VarHandle element = MethodHandles.arrayElementVarHandle(String[].class);
        reject("a variable handle with another array", () -> { element.set((Object) new Integer[1], 0, "text"); return null; });
        reject("a variable handle with another value", () -> { element.set((Object) new String[1], 0, (Object) 1); return null; });
        reject("a variable handle behind the array", () -> element.getVolatile(new String[1], 1));
        VarHandle bytes = MethodHandles.byteArrayViewVarHandle(long[].class, java.nio.ByteOrder.LITTLE_ENDIAN);
        reject("a view behind the array", () -> (long) bytes.get(new byte[8], 1));
        reject("a view before the array", () -> (long) bytes.get(new byte[8], -1));

        // §5.4.4 what is not for ordinary code
        reject("Unsafe by its own method", () -> Class.forName("sun.misc.Unsafe").getMethod("getUnsafe").invoke(null));
        reject("the internal Unsafe by reflection", () -> Class.forName("jdk.internal.misc.Unsafe").getMethod("getUnsafe").invoke(null));
        reject("the internal Unsafe's field", () -> { Field f = Class.forName("jdk.internal.misc.Unsafe").getDeclaredField("theUnsafe"); f.setAccessible(true); return f.get(null); });
        reject("the internal Unsafe by name", mv -> { mv.visitMethodInsn(INVOKESTATIC, "jdk/internal/misc/Unsafe", "getUnsafe", "()Ljdk/internal/misc/Unsafe;", false); mv.visitInsn(ARETURN); });
        reject("an Unsafe of one's own with the VM's natives", () -> { Hostile l = new Hostile(); l.own.put("jdk.internal.misc.Unsafe", natives("jdk/internal/misc/Unsafe", "java/lang/Object", "pageSize", "()I")); return l.loadClass("jdk.internal.misc.Unsafe").getMethod("pageSize").invoke(null); });
        reject("registerNatives of one's own", () -> { Hostile l = new Hostile(); l.own.put("jdk.internal.misc.Unsafe", natives("jdk/internal/misc/Unsafe", "java/lang/Object", "registerNatives", "()V")); return l.loadClass("jdk.internal.misc.Unsafe").getMethod("registerNatives").invoke(null); });
        reject("a class in java.lang", () -> { byte[] b = natives("java/lang/Evil", "java/lang/Object", "x", "()V"); return new Hostile().defineClass("java.lang.Evil", b, 0, b.length); });
        reject("a magic accessor", () -> { byte[] b = natives("Magic", "jdk/internal/reflect/MagicAccessorImpl", "x", "()V"); return new Hostile().defineClass("Magic", b, 0, b.length); });
        reject("a magic accessor of one's own that breaks the rules", () -> {
            Hostile l = new Hostile();
            l.own.put("jdk.internal.reflect.MagicAccessorImpl", natives("jdk/internal/reflect/MagicAccessorImpl", "java/lang/Object", "x", "()V"));
            ClassWriter cw = new ClassWriter(0);
            cw.visit(V11, ACC_PUBLIC | ACC_SUPER, "Sub", null, "jdk/internal/reflect/MagicAccessorImpl", null);
            MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "run", "(I)Ljava/lang/Object;", null, null);
            mv.visitCode();
            mv.visitVarInsn(ILOAD, 0);
            mv.visitInsn(ARETURN);
            mv.visitMaxs(1, 1);
            l.own.put("Sub", cw.toByteArray());
            return l.loadClass("Sub").getMethod("run", int.class).invoke(null, 3);
        });
        reject("a String's characters", () -> { Field f = String.class.getDeclaredField("value"); f.setAccessible(true); return f.get("text"); });
        reject("a final static field by reflection", () -> { Field f = Hostile.class.getDeclaredField("CONSTANT"); f.setAccessible(true); f.set(null, "other"); return CONSTANT; });
        reject("a record's field by reflection", () -> { Field f = Point.class.getDeclaredField("x"); f.setAccessible(true); f.set(new Point(1), 2); return null; });
        reject("an enum's new constant", () -> Colour.class.getDeclaredConstructors()[0].newInstance("BLUE", 1));
        reject("an abstract class's object", () -> Number.class.getDeclaredConstructor().newInstance());
        reject("a Class object", () -> { var c = Class.class.getDeclaredConstructors()[0]; c.setAccessible(true); return c.newInstance(null, null); });

        // §5.5 initialization that runs out of stack
        reject("a class initialiser without end", () -> { Hostile l = new Hostile(); l.own.put("Deep", initialised("Deep", mv -> { mv.visitInsn(ICONST_0); mv.visitMethodInsn(INVOKESTATIC, "Hostile", "recurse", "(I)I", false); mv.visitFieldInsn(PUTSTATIC, "Deep", "value", "I"); })); Class<?> c = l.loadClass("Deep"); try { c.getField("value").get(null); } catch (StackOverflowError e) { System.out.println("overflow"); } return c.getField("value").get(null); });
        reject("a class initialiser at the end of the stack", () -> { AtTheEnd.dive(); return AtTheEnd.result(); });
        accept("a hundred classes that initialise each other", () -> chain(100));
        accept("the rest goes on", () -> "good");
    }

    /** Initialises a chain of classes, each of which asks for the next. */
    static Object chain(int length) throws Exception {
        Hostile l = new Hostile();
        for (int i = 0; i < length; i++) {
            String name = "Chain" + i, next = "Chain" + (i + 1) % length;
            l.own.put(name, initialised(name, mv -> { mv.visitFieldInsn(GETSTATIC, next, "value", "I"); mv.visitInsn(ICONST_1); mv.visitInsn(IADD); mv.visitFieldInsn(PUTSTATIC, name, "value", "I"); }));
        }
        return l.loadClass("Chain0").getField("value").get(null);
    }

    static final String CONSTANT = "constant".trim();

    record Point(int x) {}

    enum Colour { RED }

    static class AtTheEnd {
        static void dive() {
            try {
                dive();
            } catch (StackOverflowError e) {
                try {
                    Last.touch();
                } catch (LinkageError failed) {
                    // The initialiser did not get through; it is not tried again.
                }
            }
        }

        static Object result() {
            try {
                Last.touch();
                return "initialised";
            } catch (NoClassDefFoundError e) {
                return "initialised";
            }
        }
    }

    static class Last {
        static int[] data = new int[16];

        static { java.util.Arrays.fill(data, recurseUntil(40)); }

        static int recurseUntil(int n) { return n == 0 ? 0 : recurseUntil(n - 1) + 1; }

        static void touch() { data[0]++; }
    }
}
