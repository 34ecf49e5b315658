//@ vm: -Xmx100m -Xms20m
public class RuntimeFigures {
    static Object keep;

    public static void main(String[] args) {
        Runtime r = Runtime.getRuntime();
        long max = r.maxMemory(), total = r.totalMemory(), free = r.freeMemory();
        System.out.println(max > 80L << 20 && max <= 110L << 20);
        System.out.println(total <= max && free <= total && free > 0);
        System.out.println(r.availableProcessors() > 0);
        System.gc();
        long used = r.totalMemory() - r.freeMemory();
        // Many arrays: a number on a stack that looks like a reference may keep one of them.
        keep = new byte[30][1 << 20];
        System.gc();
        long more = r.totalMemory() - r.freeMemory();
        System.out.println(more - used > 29L << 20);
        keep = null;
        System.gc();
        long less = r.totalMemory() - r.freeMemory();
        System.out.println(more - less > 25L << 20);
        System.out.println(r.totalMemory() <= r.maxMemory());
        System.out.println(Runtime.version().feature());
    }
}
