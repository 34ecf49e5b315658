//@ asm
import java.lang.invoke.MethodHandles;
import java.util.function.Consumer;
import java.util.function.ToIntBiFunction;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.Label;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** An activation may only leave monitors that it has entered, and has left them when it ends (JVMS 2.11.10). */
public class AsmUnstructuredLocks implements Opcodes {
    static int serial;
    static final Object OTHER = new Object();

    /** Called by the assembled code. */
    public static void fail() { throw new IllegalArgumentException("fail"); }

    /** A monitor is free when another thread can take it. */
    static boolean isFree(Object lock) throws Exception {
        boolean[] taken = new boolean[1];
        Thread t = new Thread(() -> { synchronized (lock) { taken[0] = true; } });
        t.setDaemon(true);
        t.start();
        t.join(200);
        return taken[0];
    }

    static void test(String name, boolean locked, Consumer<MethodVisitor> body) throws Throwable { test(name, locked, 0, body); }

    /** Calls an assembled {@code int run(Object, int)} with this class's lock held or not. */
    static void test(String name, boolean locked, int access, Consumer<MethodVisitor> body) throws Throwable {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        String cls = "Locks" + serial++;
        cw.visit(V1_6, ACC_PUBLIC, cls, null, "java/lang/Object", new String[] {"java/util/function/ToIntBiFunction"});
        MethodVisitor init = cw.visitMethod(ACC_PUBLIC, "<init>", "()V", null, null);
        init.visitCode();
        init.visitVarInsn(ALOAD, 0);
        init.visitMethodInsn(INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
        init.visitInsn(RETURN);
        init.visitMaxs(0, 0);
        init.visitEnd();
        MethodVisitor mv = cw.visitMethod(ACC_PUBLIC | access, "applyAsInt", "(Ljava/lang/Object;Ljava/lang/Object;)I", null, null);
        mv.visitCode();
        body.accept(mv);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        Class<?> c = MethodHandles.lookup().defineClass(cw.toByteArray());
        @SuppressWarnings("unchecked")
        ToIntBiFunction<Object, Object> f = (ToIntBiFunction<Object, Object>) c.getConstructor().newInstance();
        Object lock = new Object();
        if (locked) {
            synchronized (lock) { call(name, f, lock); System.out.println(name + " holds " + Thread.holdsLock(lock)); }
        } else {
            call(name, f, lock);
        }
        System.out.println(name + " free " + isFree(lock) + " " + isFree(OTHER) + " " + isFree(f));
        // Hot, so that a compiler gets to see it.
        int sum = 0;
        for (int i = 0; i < 30000; i++) {
            try {
                sum += f.applyAsInt(new Object(), OTHER);
            } catch (IllegalMonitorStateException e) {
                sum += 1000;
            } catch (RuntimeException e) {
                sum += 100;
            }
        }
        System.out.println(name + " sum " + sum);
    }

    static void call(String name, ToIntBiFunction<Object, Object> f, Object lock) {
        try {
            System.out.println(name + " gives " + f.applyAsInt(lock, OTHER));
        } catch (RuntimeException e) {
            System.out.println(name + " throws " + e);
        }
    }

    static void enter(MethodVisitor mv, int local) { mv.visitVarInsn(ALOAD, local); mv.visitInsn(MONITORENTER); }
    static void exit(MethodVisitor mv, int local) { mv.visitVarInsn(ALOAD, local); mv.visitInsn(MONITOREXIT); }
    static void fail(MethodVisitor mv) { mv.visitMethodInsn(INVOKESTATIC, "AsmUnstructuredLocks", "fail", "()V", false); }
    static void give(MethodVisitor mv, int value) { mv.visitIntInsn(BIPUSH, value); mv.visitInsn(IRETURN); }

    /** Monitor operations in a loop of three rounds; local 3 counts. */
    static void thrice(MethodVisitor mv, Runnable body) {
        Label head = new Label();
        mv.visitInsn(ICONST_3);
        mv.visitVarInsn(ISTORE, 3);
        mv.visitLabel(head);
        body.run();
        mv.visitIincInsn(3, -1);
        mv.visitVarInsn(ILOAD, 3);
        mv.visitJumpInsn(IFGT, head);
    }

    public static void main(String[] args) throws Throwable {
        test("balanced", false, mv -> { enter(mv, 1); exit(mv, 1); give(mv, 1); });
        test("entered twice", false, mv -> { enter(mv, 1); enter(mv, 1); exit(mv, 1); exit(mv, 1); give(mv, 2); });
        test("crosswise", false, mv -> { enter(mv, 1); enter(mv, 2); exit(mv, 1); exit(mv, 2); give(mv, 3); });
        test("never left", false, mv -> { enter(mv, 1); give(mv, 4); });
        test("two never left", false, mv -> { enter(mv, 1); enter(mv, 2); enter(mv, 1); give(mv, 5); });
        test("left too often", false, mv -> { enter(mv, 1); exit(mv, 1); exit(mv, 1); give(mv, 6); });
        test("the caller's", true, mv -> { exit(mv, 1); give(mv, 7); });
        test("the caller's, too", true, mv -> { enter(mv, 1); exit(mv, 1); exit(mv, 1); give(mv, 8); });
        test("of another object", false, mv -> { enter(mv, 1); exit(mv, 2); give(mv, 9); });
        test("exception with a lock", false, mv -> { enter(mv, 1); fail(mv); exit(mv, 1); give(mv, 10); });
        test("exception without", false, mv -> { enter(mv, 1); exit(mv, 1); fail(mv); give(mv, 11); });
        test("entered in a loop", false, mv -> { thrice(mv, () -> enter(mv, 1)); thrice(mv, () -> exit(mv, 1)); give(mv, 12); });
        test("entered in a loop, one left", false, mv -> { thrice(mv, () -> enter(mv, 1)); exit(mv, 1); exit(mv, 1); give(mv, 13); });
        test("in each round", false, mv -> { thrice(mv, () -> { enter(mv, 1); exit(mv, 1); }); give(mv, 14); });
        test("by another local", false, mv -> {
            enter(mv, 1);
            mv.visitVarInsn(ALOAD, 1);
            mv.visitVarInsn(ASTORE, 4);
            exit(mv, 4);
            give(mv, 15);
        });
        test("synchronized, own left", false, ACC_SYNCHRONIZED, mv -> { exit(mv, 0); give(mv, 16); });
        test("synchronized, own again", false, ACC_SYNCHRONIZED, mv -> { enter(mv, 0); exit(mv, 0); give(mv, 17); });
        test("synchronized, another never left", false, ACC_SYNCHRONIZED, mv -> { enter(mv, 1); give(mv, 18); });
        test("synchronized, exception", false, ACC_SYNCHRONIZED, mv -> { enter(mv, 1); fail(mv); give(mv, 19); });
        test("caught at the return", false, mv -> {
            Label start = new Label(), end = new Label(), handler = new Label();
            mv.visitTryCatchBlock(start, end, handler, "java/lang/IllegalMonitorStateException");
            enter(mv, 1);
            mv.visitLabel(start);
            give(mv, 20);
            mv.visitLabel(end);
            mv.visitLabel(handler);
            mv.visitInsn(POP);
            give(mv, 21);
        });
        test("synchronized, own left, caught at the return", false, ACC_SYNCHRONIZED, mv -> {
            Label start = new Label(), end = new Label(), handler = new Label();
            mv.visitTryCatchBlock(start, end, handler, "java/lang/IllegalMonitorStateException");
            exit(mv, 0);
            mv.visitLabel(start);
            give(mv, 26);
            mv.visitLabel(end);
            mv.visitLabel(handler);
            mv.visitInsn(POP);
            enter(mv, 0);
            give(mv, 27);
        });
        test("left by a handler", false, mv -> {
            Label start = new Label(), end = new Label(), handler = new Label();
            mv.visitTryCatchBlock(start, end, handler, null);
            enter(mv, 1);
            mv.visitLabel(start);
            fail(mv);
            mv.visitLabel(end);
            exit(mv, 1);
            give(mv, 22);
            mv.visitLabel(handler);
            mv.visitInsn(POP);
            exit(mv, 1);
            give(mv, 23);
        });
        test("handler of one class only", false, mv -> {
            Label start = new Label(), end = new Label(), handler = new Label();
            mv.visitTryCatchBlock(start, end, handler, "java/lang/NullPointerException");
            enter(mv, 1);
            mv.visitLabel(start);
            fail(mv);
            mv.visitLabel(end);
            exit(mv, 1);
            give(mv, 24);
            mv.visitLabel(handler);
            mv.visitInsn(POP);
            exit(mv, 1);
            give(mv, 25);
        });
    }
}
