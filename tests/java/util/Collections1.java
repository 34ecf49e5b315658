import java.util.*;
import java.util.stream.Collectors;

public class Collections1 {
    interface Body { Object run(); }
    static void t(Body b) { try { System.out.println(b.run()); } catch (RuntimeException e) { System.out.println(e.getClass().getSimpleName() + " " + e.getMessage()); } }

    public static void main(String[] args) {
        List<Integer> al = new ArrayList<>(), ll = new LinkedList<>();
        for (int i = 0; i < 20; i++) { al.add(i * 7 % 20); ll.add(0, i); }
        al.remove(3);
        al.remove(Integer.valueOf(5));
        al.addAll(5, List.of(100, 200));
        al.removeIf(x -> x % 3 == 0);
        al.replaceAll(x -> x + 1);
        Collections.sort(ll);
        System.out.println(al + " " + ll + al.indexOf(101) + al.subList(2, 5) + Collections.max(al) + Collections.frequency(al, 2));
        ListIterator<Integer> it = al.listIterator();
        while (it.hasNext()) { int v = it.next(); if (v > 10) it.remove(); else if (v == 2) it.add(-2); else it.set(-v); }
        System.out.println(al);
        t(() -> { for (Integer x : ll) if (x == 3) ll.remove(x); return "none"; });
        Map<String, Integer> hm = new HashMap<>(), lhm = new LinkedHashMap<>(16, 0.75f, true), tm = new TreeMap<>(Comparator.reverseOrder());
        for (String s : "the quick brown fox jumps over the lazy dog the end".split(" ")) { hm.merge(s, 1, Integer::sum); lhm.merge(s, s.length(), Integer::sum); tm.computeIfAbsent(s, String::length); }
        lhm.get("quick");
        System.out.println(hm.get("the") + " " + lhm + " " + tm + ((TreeMap<String, Integer>) tm).headMap("lazy") + ((TreeMap<String, Integer>) tm).ceilingKey("m") + new TreeMap<>(hm));
        hm.computeIfPresent("fox", (k, v) -> null);
        hm.compute("dog", (k, v) -> v + 10);
        hm.putIfAbsent("the", 99);
        System.out.println(hm.size() + " " + hm.get("dog") + hm.getOrDefault("fox", -1) + hm.containsValue(11) + hm.entrySet().stream().mapToInt(Map.Entry::getValue).sum());
        Map<Integer, Integer> big = new HashMap<>();
        for (int i = 0; i < 10000; i++) big.put(i * 65536, i);
        int s = 0;
        for (int i = 0; i < 10000; i++) s += big.remove(i * 65536);
        System.out.println(s + " " + big);
        class Bad implements Comparable<Bad> { final int v; Bad(int v) { this.v = v; } public int hashCode() { return 1; } public boolean equals(Object o) { return o instanceof Bad b && b.v == v; } public int compareTo(Bad b) { return Integer.compare(v, b.v); } }
        Map<Bad, Integer> coll = new HashMap<>();
        for (int i = 0; i < 500; i++) coll.put(new Bad(i), i);
        System.out.println(coll.get(new Bad(499)) + " " + coll.size());
        PriorityQueue<Integer> pq = new PriorityQueue<>(Comparator.comparing(x -> -x));
        pq.addAll(List.of(3, 9, 1, 7, 5));
        StringBuilder o = new StringBuilder();
        while (!pq.isEmpty()) o.append(pq.poll()).append(' ');
        ArrayDeque<Integer> dq = new ArrayDeque<>();
        for (int i = 0; i < 40; i++) { dq.push(i); dq.offerLast(-i); if (i % 3 == 0) dq.pollFirst(); }
        System.out.println(o + " " + dq.size() + dq.peekFirst() + dq.peekLast());
        Set<String> ts = new TreeSet<>(String.CASE_INSENSITIVE_ORDER), lhs = new LinkedHashSet<>(List.of("z", "a", "m"));
        ts.addAll(List.of("b", "A", "B", "c"));
        System.out.println(ts + " " + lhs + ((TreeSet<String>) ts).descendingSet() + ((TreeSet<String>) ts).higher("a"));
        BitSet bs = new BitSet();
        for (int i = 0; i < 200; i += 3) bs.set(i);
        BitSet b2 = new BitSet();
        b2.set(10, 50);
        bs.and(b2);
        System.out.println(bs + " " + bs.cardinality() + bs.nextClearBit(12) + bs.length());
        EnumMap<Thread.State, Integer> em = new EnumMap<>(Thread.State.class);
        em.put(Thread.State.WAITING, 1);
        em.put(Thread.State.NEW, 2);
        System.out.println(em + " " + EnumSet.complementOf(EnumSet.of(Thread.State.NEW, Thread.State.BLOCKED)) + EnumSet.range(Thread.State.NEW, Thread.State.WAITING).size());
        t(() -> List.of(1, 2).add(3));
        t(() -> List.of(1, null));
        t(() -> Map.of("a", 1, "a", 2));
        t(() -> Set.of(1, 1));
        t(() -> Collections.unmodifiableList(al).remove(0));
        t(() -> List.copyOf(al).size() + " " + Map.of().size() + Map.ofEntries(Map.entry(1, 2)));
        t(() -> new TreeMap<String, Integer>().put(null, 1));
        t(() -> new TreeSet<Object>(List.of(1, "a")));
        t(() -> new ArrayDeque<>().remove());
        t(() -> Collections.checkedList(new ArrayList(), String.class).add(5));
        t(() -> Collections.emptyList().iterator().next());
        List<Integer> sh = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6, 7, 8));
        Collections.shuffle(sh, new Random(42));
        Collections.rotate(sh, 3);
        Collections.swap(sh, 0, 7);
        System.out.println(sh + " " + Collections.nCopies(2, "x") + Collections.disjoint(sh, al) + Arrays.asList(1, 2).getClass().getSimpleName() + new Random(7).ints(5, 0, 100).boxed().collect(Collectors.toList()));
        System.out.println(new Random(1).nextGaussian() + " " + new Random(1).nextLong() + " " + new SplittableRandom(5).nextInt(1000) + " " + new Random(3).doubles(2).sum());
        Iterator<Integer> ci = new Hashtable<>(Map.of(1, 1)).values().iterator();
        System.out.println(ci.next() + new Vector<>(List.of(1)).elementAt(0) + new Stack<Integer>().push(5) + " " + UUID.nameUUIDFromBytes("x".getBytes()) + " " + Objects.hash(1, "a", null) + Optional.of(5).map(x -> x + 1).filter(x -> x > 5).orElse(0) + OptionalInt.empty());
    }
}
