import java.util.HashSet;
import java.util.Set;

/** Identity hashes have 31 bits, differ between objects of many short threads, and survive locking and collections. */
public class IdentityHashes {
    public static void main(String[] args) throws Exception {
        Set<Integer> hashes = new HashSet<>();
        int[] all = {0};
        for (int t = 0; t < 100; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 100; i++) {
                    int hash = System.identityHashCode(new Object());
                    hashes.add(hash);
                    all[0] |= hash;
                }
            });
            thread.start();
            thread.join();
        }
        System.out.println((hashes.size() > 9990) + " " + Integer.toHexString(all[0]));
        Object[] kept = new Object[5000];
        int[] before = new int[kept.length];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new Object();
            before[i] = kept[i].hashCode();
        }
        boolean same = true;
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < kept.length; i++) {
                synchronized (kept[i]) {
                    synchronized (kept[i]) {
                        same &= kept[i].hashCode() == before[i];
                    }
                }
                same &= System.identityHashCode(kept[i]) == before[i];
            }
            System.gc();
        }
        System.out.println(same);
    }
}
