import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryManagerMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.ArrayList;
import java.util.List;

/**
 * The heap is shown as that of a generational collector: three pools, two collectors, of which tools expect that new
 * objects are in the pool "Eden" and large or old ones in the one that has a usage threshold; and the code cache has one.
 */
public class MemoryPools {
    static Object kept;

    /** Run by a thread of its own, whose stack is gone with it: nothing there can be taken for a reference later. */
    static void keep() {
        kept = new int[20_000_000];
    }

    public static void main(String[] args) throws Exception {
        int heap = 0, thresholds = 0, collected = 0, other = 0;
        MemoryPoolMXBean old = null, eden = null;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getMemoryManagerNames().length == 0) System.out.println(pool.getName() + " has no manager");
            if (pool.getType() != MemoryType.HEAP) {
                other++;
                if (pool.isCollectionUsageThresholdSupported()) System.out.println(pool.getName() + " is collected");
                continue;
            }
            heap++;
            if (pool.isCollectionUsageThresholdSupported() && pool.getCollectionUsage() != null) collected++;
            if (pool.isUsageThresholdSupported()) {
                thresholds++;
                old = pool;
            }
            if (pool.getName().contains("Eden")) eden = pool;
        }
        System.out.println(heap + " pools in the heap, " + collected + " collected, " + thresholds + " with a threshold");
        System.out.println(other >= 2 && other <= 5);

        List<String> collectors = new ArrayList<>();
        int managers = 0;
        for (MemoryManagerMXBean manager : ManagementFactory.getMemoryManagerMXBeans()) {
            managers++;
            if (manager instanceof GarbageCollectorMXBean) collectors.add(manager.getName());
            if (manager.getMemoryPoolNames().length == 0) System.out.println(manager.getName() + " has no pools");
        }
        System.out.println(managers + " managers, " + collectors.size() + " collectors");

        System.gc();
        long before = old.getUsage().getUsed();
        Thread keeper = new Thread(MemoryPools::keep);
        keeper.start();
        keeper.join();
        long after = old.getUsage().getUsed();
        System.out.println("a large array is in the old generation: " + (after - before >= 80_000_000));
        System.out.println("and makes a new peak: " + (old.getPeakUsage().getUsed() >= after));
        kept = null;
        System.gc();
        System.out.println("which is over: " + (old.getUsage().getUsed() < after - 70_000_000));
        old.resetPeakUsage();
        System.out.println("and forgotten: " + (old.getPeakUsage().getUsed() < after));
        System.out.println("nothing young is left: " + eden.getCollectionUsage().getUsed());
        Object[] young = new Object[1000];
        for (int i = 0; i < young.length; i++) young[i] = new byte[1000];
        System.out.println("new objects are in Eden: " + (eden.getUsage().getUsed() >= 500_000));
        long max = 0;
        for (MemoryPoolMXBean pool : List.of(old, eden)) {
            MemoryUsage usage = pool.getUsage();
            if (usage.getUsed() > usage.getCommitted()) System.out.println(usage);
            max = Math.max(max, usage.getMax());
        }
        System.out.println("the old generation is a part of the heap: " + (max > 0 && max <= Runtime.getRuntime().maxMemory()));
        try {
            eden.setUsageThreshold(1);
        } catch (UnsupportedOperationException e) {
            System.out.println("Eden has no threshold");
        }
        System.out.println(young.length);
    }
}
