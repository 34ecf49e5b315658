import java.util.concurrent.ThreadLocalRandom;

public class Locals {
    static final ThreadLocal<int[]> TL = ThreadLocal.withInitial(() -> new int[] {100});
    static final InheritableThreadLocal<String> INH = new InheritableThreadLocal<>() { @Override protected String childValue(String p) { return p + "'s child"; } };

    public static void main(String[] args) throws Exception {
        TL.get()[0]++;
        INH.set("main");
        Thread t = new Thread(() -> {
            System.out.println(TL.get()[0]++ + " " + INH.get());
            TL.remove();
            System.out.println(TL.get()[0]);
        });
        t.start();
        t.join();
        System.out.println(TL.get()[0] + " " + INH.get());
        ThreadLocal<?>[] many = new ThreadLocal<?>[500];
        for (int i = 0; i < many.length; i++) {
            ThreadLocal<Integer> l = new ThreadLocal<>();
            l.set(i);
            many[i] = l;
        }
        int sum = 0;
        for (ThreadLocal<?> l : many) sum += (Integer) l.get();
        System.out.println(sum);
        TL.set(null);
        System.out.println(TL.get() + " " + new ThreadLocal<String>().get());
        int r = ThreadLocalRandom.current().nextInt(5, 10);
        System.out.println(r >= 5 && r < 10);
        ClassLoader cl = Thread.currentThread().getContextClassLoader();
        System.out.println(cl == Locals.class.getClassLoader());
        Thread u = new Thread(() -> System.out.println(Thread.currentThread().getContextClassLoader()));
        u.setContextClassLoader(null);
        u.start();
        u.join();
    }
}
