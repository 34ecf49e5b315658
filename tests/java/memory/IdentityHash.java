import java.util.IdentityHashMap;

/** Identity hashes survive collections and locking; the map keeps finding its keys. */
public class IdentityHash {
    public static void main(String[] args) throws Exception {
        Object[] os = new Object[20000];
        int[] h = new int[os.length];
        IdentityHashMap<Object, Integer> m = new IdentityHashMap<>();
        for (int i = 0; i < os.length; i++) {
            os[i] = i % 3 == 0 ? new int[i % 50] : i % 3 == 1 ? new Object() : new String("s" + i);
            h[i] = System.identityHashCode(os[i]);
            m.put(os[i], i);
        }
        for (int r = 0; r < 3; r++) {
            System.gc();
            byte[][] garbage = new byte[100][];
            for (int i = 0; i < 2000; i++) garbage[i % 100] = new byte[10000];
            for (int i = 0; i < os.length; i++) {
                synchronized (os[i]) {
                    if (i % 1000 == 0) os[i].wait(0, 1);
                }
            }
        }
        int bad = 0, zero = 0;
        java.util.HashSet<Integer> distinct = new java.util.HashSet<>();
        for (int i = 0; i < os.length; i++) {
            if (System.identityHashCode(os[i]) != h[i] || m.get(os[i]) != i) bad++;
            if (h[i] == 0) zero++;
            distinct.add(h[i]);
        }
        System.out.println(bad + " " + zero + " " + (distinct.size() > 19000) + " " + System.identityHashCode(null));
        System.out.println(new Object().hashCode() > 0);
    }
}
