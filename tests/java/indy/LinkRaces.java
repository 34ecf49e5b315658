//@ asm
import java.lang.invoke.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import jdk.internal.org.objectweb.asm.*;

/** Many threads link the same sites and constants at once: all see one outcome. */
public class LinkRaces implements Opcodes {
    static final AtomicInteger serial = new AtomicInteger();
    static volatile boolean failSome;
    public static CallSite site(MethodHandles.Lookup l, String n, MethodType t) throws Exception {
        int k = serial.incrementAndGet();
        Thread.yield();
        if (failSome && k % 3 == 0) throw new IllegalStateException("k");
        return new ConstantCallSite(MethodHandles.constant(Object.class, new Object[]{k}));
    }
    public static Object constant(MethodHandles.Lookup l, String n, Class<?> t) {
        int k = serial.incrementAndGet();
        Thread.yield();
        if (failSome && k % 3 == 0) throw new IllegalStateException("k");
        return new Object[]{k};
    }
    static Class<?> make() throws Exception {
        ClassWriter w = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        w.visit(V11, ACC_PUBLIC, "G", null, "java/lang/Object", null);
        MethodVisitor v = w.visitMethod(ACC_PUBLIC | ACC_STATIC, "indy", "()Ljava/lang/Object;", null, null);
        v.visitCode();
        v.visitInvokeDynamicInsn("x", "()Ljava/lang/Object;", new Handle(H_INVOKESTATIC, "LinkRaces", "site",
            "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/invoke/MethodType;)Ljava/lang/invoke/CallSite;", false));
        v.visitInsn(ARETURN); v.visitMaxs(0, 0);
        v = w.visitMethod(ACC_PUBLIC | ACC_STATIC, "condy", "()Ljava/lang/Object;", null, null);
        v.visitCode();
        v.visitLdcInsn(new ConstantDynamic("x", "Ljava/lang/Object;", new Handle(H_INVOKESTATIC, "LinkRaces", "constant",
            "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Class;)Ljava/lang/Object;", false)));
        v.visitInsn(ARETURN); v.visitMaxs(0, 0);
        byte[] b = w.toByteArray();
        return new ClassLoader(LinkRaces.class.getClassLoader()) { Class<?> d() { return defineClass("G", b, 0, b.length); } }.d();
    }
    static int i(String s) { return s.length(); }
    public static void main(String[] a) throws Throwable {
        int n = 8, rounds = 60;
        ExecutorService pool = Executors.newFixedThreadPool(n);
        for (int mode = 0; mode < 2; mode++) {
            failSome = mode == 1;
            int bad = 0, mixed = 0, failed = 0;
            for (int r = 0; r < rounds; r++) {
                Class<?> c = make();
                for (String m : new String[]{"indy", "condy"}) {
                    MethodHandle h = MethodHandles.lookup().findStatic(c, m, MethodType.methodType(Object.class));
                    CyclicBarrier barrier = new CyclicBarrier(n);
                    List<Future<Object>> all = new ArrayList<>();
                    for (int k = 0; k < n; k++) all.add(pool.submit(() -> {
                        barrier.await();
                        try { return (Object) h.invoke(); } catch (BootstrapMethodError e) { return "error"; } catch (Throwable t) { return t.toString(); }
                    }));
                    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
                    for (Future<Object> f : all) { Object o = f.get(); seen.add(o instanceof String ? ((String) o).intern() : o); }
                    Object later; try { later = h.invoke(); } catch (BootstrapMethodError e) { later = "error"; }
                    seen.add(later);
                    if (seen.size() != 1) { if (m.equals("indy")) { bad++; System.err.println(m + seen); } else mixed++; }
                    if (later == "error") failed++;
                }
            }
            System.out.println("mode " + mode + " indy disagree " + bad + (mode == 0 ? " condy disagree " + mixed + " failed " + failed : ""));
        }
        // The same lambda forms and invokers from many threads.
        List<Future<Integer>> sums = new ArrayList<>();
        for (int k = 0; k < n; k++) sums.add(pool.submit(() -> {
            int s = 0;
            for (int j = 0; j < 300; j++) {
                try {
                    MethodHandle h = MethodHandles.lookup().findStatic(LinkRaces.class, "i", MethodType.methodType(int.class, String.class));
                    h = MethodHandles.dropArguments(h, j % 2, Collections.nCopies(j % 40, long.class));
                    Object[] args = new Object[1 + j % 40];
                    Arrays.fill(args, 1L);
                    args[j % 2 == 0 ? args.length - 1 : 0] = "abc";
                    s += (int) h.invokeWithArguments(args);
                } catch (Throwable t) { t.printStackTrace(); return -1; }
            }
            return s;
        }));
        for (Future<Integer> f : sums) System.out.println(f.get());
        pool.shutdown();
    }
}
