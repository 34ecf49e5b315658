//@ asm
import java.lang.invoke.*;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.Handle;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** User bootstrap methods: constant, mutable and volatile call sites, static arguments, errors, linking once. */
public class CallSites implements Opcodes {
    static int linked;
    static MutableCallSite mutable;
    static VolatileCallSite volatileSite;
    static int attempts;

    public static CallSite constant(MethodHandles.Lookup l, String name, MethodType t, int add) throws Exception {
        linked++;
        MethodHandle h = l.findStatic(CallSites.class, "plus", MethodType.methodType(int.class, int.class, int.class));
        return new ConstantCallSite(MethodHandles.insertArguments(h, 0, add));
    }

    public static CallSite mutable(MethodHandles.Lookup l, String name, MethodType t) {
        linked++;
        return mutable = new MutableCallSite(MethodHandles.dropArguments(MethodHandles.constant(int.class, 1), 0, int.class));
    }

    public static CallSite vol(MethodHandles.Lookup l, String name, MethodType t, Object... rest) {
        linked++;
        return volatileSite = new VolatileCallSite(MethodHandles.dropArguments(MethodHandles.constant(int.class, rest.length), 0, int.class));
    }

    public static CallSite failing(MethodHandles.Lookup l, String name, MethodType t) {
        attempts++;
        throw new IllegalStateException("bootstrap said no");
    }

    public static CallSite failingError(MethodHandles.Lookup l, String name, MethodType t) {
        throw new StackOverflowError("an error passes unwrapped");
    }

    public static Object returnsNull(MethodHandles.Lookup l, String name, MethodType t) { return null; }
    public static CallSite wrongType(MethodHandles.Lookup l, String name, MethodType t) { return new ConstantCallSite(MethodHandles.constant(String.class, "x")); }
    public static CallSite inlineCache(MethodHandles.Lookup l, String name, MethodType t) throws Exception { return new Cache(l, name, t); }
    public static int plus(int a, int b) { return a + b; }

    /** A monomorphic inline cache that relinks itself. */
    static class Cache extends MutableCallSite {
        final String name;
        int misses;

        Cache(MethodHandles.Lookup l, String name, MethodType t) throws Exception {
            super(t);
            this.name = name;
            setTarget(MethodHandles.lookup().findVirtual(Cache.class, "miss", MethodType.methodType(Object.class, Object.class)).bindTo(this).asType(t));
        }

        Object miss(Object receiver) throws Throwable {
            misses++;
            MethodHandle target = MethodHandles.publicLookup().findVirtual(receiver.getClass(), name, MethodType.methodType(String.class)).asType(type());
            MethodHandle test = MethodHandles.lookup().findStatic(Cache.class, "is", MethodType.methodType(boolean.class, Class.class, Object.class)).bindTo(receiver.getClass());
            setTarget(MethodHandles.guardWithTest(test, target, getTarget()));
            return "miss" + misses + ":" + target.invoke(receiver);
        }

        static boolean is(Class<?> c, Object o) { return o.getClass() == c; }
    }

    static Class<?> make(String bsm, String bsmDesc, String desc, Object... extra) throws Exception {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        cw.visit(V11, ACC_PUBLIC, "Site", null, "java/lang/Object", null);
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | ACC_STATIC, "call", desc, null, null);
        mv.visitCode();
        boolean ref = desc.startsWith("(L");
        mv.visitVarInsn(ref ? ALOAD : ILOAD, 0);
        mv.visitInvokeDynamicInsn("toString", desc, new Handle(H_INVOKESTATIC, "CallSites", bsm, bsmDesc, false), extra);
        mv.visitInsn(ref ? ARETURN : IRETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        return MethodHandles.lookup().defineHiddenClass(cw.toByteArray(), true).lookupClass();
    }

    static final String L = "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/invoke/MethodType;";
    static final String R = ")Ljava/lang/invoke/CallSite;";

    static Object call(Class<?> c, Object arg) throws Exception {
        Class<?> p = arg instanceof Integer ? int.class : Object.class;
        try {
            return c.getMethod("call", p).invoke(null, arg);
        } catch (java.lang.reflect.InvocationTargetException e) {
            return e.getCause() + " <- " + e.getCause().getCause();
        }
    }

    public static void main(String[] args) throws Exception {
        Class<?> c = make("constant", L + "I" + R, "(I)I", 100);
        for (int i = 0; i < 3; i++) System.out.println(call(c, i));
        System.out.println("linked " + linked);
        c = make("mutable", L + R, "(I)I");
        System.out.println(call(c, 5));
        mutable.setTarget(MethodHandles.insertArguments(MethodHandles.lookup().findStatic(CallSites.class, "plus", MethodType.methodType(int.class, int.class, int.class)), 0, 50));
        MutableCallSite.syncAll(new MutableCallSite[] {mutable});
        System.out.println(call(c, 5));
        try {
            mutable.setTarget(MethodHandles.constant(String.class, ""));
        } catch (WrongMethodTypeException e) {
            System.out.println(e.getMessage());
        }
        c = make("vol", L + "[Ljava/lang/Object;" + R, "(I)I", "a", 2, 3L);
        System.out.println(call(c, 5));
        volatileSite.setTarget(MethodHandles.identity(int.class));
        System.out.println(call(c, 55) + " linked " + linked);
        c = make("failing", L + R, "(I)I");
        System.out.println(call(c, 1));
        System.out.println(call(c, 1) + " attempts " + attempts);
        System.out.println(call(make("failingError", L + R, "(I)I"), 1));
        System.out.println(call(make("returnsNull", L + ")Ljava/lang/Object;", "(I)I"), 1));
        System.out.println(call(make("wrongType", L + R, "(I)I"), 1));
        c = make("inlineCache", L + R, "(Ljava/lang/Object;)Ljava/lang/Object;");
        for (Object o : new Object[] {"s", "t", 5, 6, 7L, "u", 8}) System.out.println(o instanceof Integer ? c.getMethod("call", Object.class).invoke(null, o) : call(c, o));
    }
}
