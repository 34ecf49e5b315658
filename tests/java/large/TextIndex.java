import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A full-text index: tokenising, stemming, postings, boolean and phrase queries, ranking, spelling, a trie and a suffix array. */
public class TextIndex {
    record Posting(int document, List<Integer> positions) {}
    record Hit(String title, double score) {
        @Override public String toString() { return title + String.format(Locale.ROOT, "(%.4f)", score); }
    }

    static final Set<String> STOP = Set.of("the", "a", "of", "and", "in", "to", "is", "on", "with");

    static List<String> tokens(String text) {
        return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\d]+")).filter(s -> !s.isEmpty()).map(TextIndex::stem).toList();
    }

    static String stem(String w) {
        for (String end : new String[] {"ing", "edly", "ed", "ly", "es", "s"})
            if (w.length() > end.length() + 2 && w.endsWith(end) && !w.endsWith("ss")) return w.substring(0, w.length() - end.length());
        return w;
    }

    static final class Index {
        final Map<String, List<Posting>> postings = new TreeMap<>();
        final List<String> titles = new ArrayList<>();
        final List<Integer> lengths = new ArrayList<>();

        void add(String title, String text) {
            int id = titles.size();
            titles.add(title);
            List<String> ts = tokens(text);
            lengths.add(ts.size());
            Map<String, List<Integer>> at = new LinkedHashMap<>();
            for (int i = 0; i < ts.size(); i++) at.computeIfAbsent(ts.get(i), k -> new ArrayList<>()).add(i);
            at.forEach((t, p) -> postings.computeIfAbsent(t, k -> new ArrayList<>()).add(new Posting(id, p)));
        }

        Set<Integer> documents(String term) {
            return postings.getOrDefault(term, List.of()).stream().map(Posting::document).collect(Collectors.toCollection(TreeSet::new));
        }

        List<Hit> rank(String query) {
            double avg = lengths.stream().mapToInt(x -> x).average().orElse(1);
            Map<Integer, Double> scores = new HashMap<>();
            for (String t : tokens(query)) {
                if (STOP.contains(t)) continue;
                List<Posting> ps = postings.getOrDefault(t, List.of());
                double idf = StrictMath.log(1 + (titles.size() - ps.size() + 0.5) / (ps.size() + 0.5));
                for (Posting p : ps) {
                    double tf = p.positions().size();
                    scores.merge(p.document(), idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * lengths.get(p.document()) / avg)), Double::sum);
                }
            }
            return scores.entrySet().stream().map(e -> new Hit(titles.get(e.getKey()), e.getValue())).sorted(Comparator.comparingDouble(Hit::score).reversed().thenComparing(Hit::title)).toList();
        }

        Set<Integer> phrase(List<String> words) {
            Set<Integer> out = new TreeSet<>();
            for (Posting first : postings.getOrDefault(words.get(0), List.of())) {
                for (int start : first.positions()) {
                    boolean all = true;
                    for (int i = 1; i < words.size() && all; i++) {
                        int want = start + i;
                        all = postings.getOrDefault(words.get(i), List.of()).stream().anyMatch(p -> p.document() == first.document() && p.positions().contains(want));
                    }
                    if (all) out.add(first.document());
                }
            }
            return out;
        }
    }

    /** Grammar: or := and ("OR" and)*; and := not+; not := "-"? (word | "phrase" | "(" or ")" | prefix*). */
    static final class Query {
        final List<String> words;
        int at;
        final Index index;

        Query(String q, Index index) {
            this.index = index;
            words = new ArrayList<>();
            java.util.regex.Matcher m = java.util.regex.Pattern.compile("\"[^\"]*\"|[()-]|[^\\s()\"]+").matcher(q);
            while (m.find()) words.add(m.group());
        }

        Set<Integer> all() { return IntStream.range(0, index.titles.size()).boxed().collect(Collectors.toCollection(TreeSet::new)); }

        Set<Integer> or() {
            Set<Integer> r = and();
            while (at < words.size() && words.get(at).equals("OR")) {
                at++;
                r.addAll(and());
            }
            return r;
        }

        Set<Integer> and() {
            Set<Integer> r = all();
            while (at < words.size() && !words.get(at).equals("OR") && !words.get(at).equals(")")) r.retainAll(not());
            return r;
        }

        Set<Integer> not() {
            String w = words.get(at++);
            if (w.equals("-")) {
                Set<Integer> r = all();
                r.removeAll(not());
                return r;
            }
            if (w.equals("(")) {
                Set<Integer> r = or();
                if (at >= words.size()) throw new IllegalArgumentException("unclosed parenthesis");
                at++;
                return r;
            }
            if (w.startsWith("\"")) return index.phrase(tokens(w));
            if (w.endsWith("*")) {
                String p = w.substring(0, w.length() - 1).toLowerCase(Locale.ROOT);
                Set<Integer> r = new TreeSet<>();
                ((TreeMap<String, List<Posting>>) index.postings).subMap(p, p + '\uffff').values().forEach(ps -> ps.forEach(x -> r.add(x.document())));
                return r;
            }
            return index.documents(tokens(w).get(0));
        }
    }

    static int distance(String a, String b) {
        int[] prev = new int[b.length() + 1], cur = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) prev[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            cur[0] = i;
            for (int j = 1; j <= b.length(); j++) cur[j] = Math.min(Math.min(cur[j - 1], prev[j]) + 1, prev[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
            int[] t = prev;
            prev = cur;
            cur = t;
        }
        return prev[b.length()];
    }

    static final class Trie {
        private final TreeMap<Character, Trie> kids = new TreeMap<>();
        private int count;

        void add(String w) {
            Trie t = this;
            for (char c : w.toCharArray()) t = t.kids.computeIfAbsent(c, k -> new Trie());
            t.count++;
        }

        void collect(String prefix, Collection<String> out) {
            if (count > 0) out.add(prefix + ":" + count);
            kids.forEach((c, t) -> t.collect(prefix + c, out));
        }

        List<String> complete(String prefix) {
            Trie t = this;
            for (char c : prefix.toCharArray()) {
                t = t.kids.get(c);
                if (t == null) return List.of();
            }
            List<String> out = new ArrayList<>();
            t.collect(prefix, out);
            return out;
        }

        int nodes() { return 1 + kids.values().stream().mapToInt(Trie::nodes).sum(); }
    }

    static String longestRepeat(String s) {
        Integer[] sa = new Integer[s.length()];
        Arrays.setAll(sa, i -> i);
        int[] rank = s.chars().toArray();
        for (int k = 1; k < s.length(); k *= 2) {
            int[] r = rank;
            int step = k;
            Comparator<Integer> c = (a, b) -> r[a] != r[b] ? Integer.compare(r[a], r[b]) : Integer.compare(a + step < r.length ? r[a + step] : -1, b + step < r.length ? r[b + step] : -1);
            Arrays.sort(sa, c);
            int[] next = new int[s.length()];
            for (int i = 1; i < sa.length; i++) next[sa[i]] = next[sa[i - 1]] + (c.compare(sa[i - 1], sa[i]) < 0 ? 1 : 0);
            rank = next;
        }
        String best = "";
        for (int i = 1; i < sa.length; i++) {
            int n = 0;
            while (Math.max(sa[i], sa[i - 1]) + n < s.length() && s.charAt(sa[i] + n) == s.charAt(sa[i - 1] + n)) n++;
            if (n > best.length()) best = s.substring(sa[i], sa[i] + n);
        }
        return best;
    }

    public static void main(String[] args) {
        Index ix = new Index();
        String[][] docs = {
            {"coffee", "Coffee is a brewed drink prepared from roasted coffee beans, the seeds of berries from certain flowering plants."},
            {"caturra", "Caturra is a natural mutation of the Bourbon coffee plant. It is a dwarf plant, compact and high yielding."},
            {"tea", "Tea is an aromatic beverage prepared by pouring hot water over cured or fresh leaves of the tea plant."},
            {"island", "Java is an island of Indonesia. Coffee plants were brought to Java in the seventeenth century."},
            {"machine", "A virtual machine executes programs; a stack machine keeps its operands on a stack. Java programs run on a virtual machine."},
            {"garbage", "Garbage collection reclaims memory of objects that a program no longer reaches. Collectors trace objects from roots."},
            {"roast", "Roasting transforms green coffee beans into roasted products. Roasted beans smell and taste of coffee."}};
        for (String[] d : docs) ix.add(d[0], d[1]);
        System.out.println(ix.postings.size() + " terms " + ix.lengths);
        for (String q : new String[] {"coffee", "coffee beans", "java programs", "the plant", "nothing here", "virtual machine stack"}) System.out.println(q + " -> " + ix.rank(q));
        for (String q : new String[] {"coffee plant", "coffee -plant", "\"coffee beans\"", "\"virtual machine\" OR tea", "(java OR tea) -machine", "pro*", "ro* -smell", "\"stack machine\" java", "-coffee -tea"}) {
            Set<Integer> r = new Query(q, ix).or();
            System.out.println(q + " -> " + r.stream().map(ix.titles::get).toList());
        }
        try {
            new Query("(coffee", ix).or();
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        for (String w : new String[] {"coffe", "machin", "jvaa", "gabage"})
            System.out.println(w + " ~ " + ix.postings.keySet().stream().collect(Collectors.groupingBy(t -> distance(t, w), TreeMap::new, Collectors.toList())).firstEntry());
        Trie trie = new Trie();
        for (String[] d : docs) for (String t : d[1].toLowerCase(Locale.ROOT).split("\\W+")) trie.add(t);
        System.out.println(trie.nodes() + " " + trie.complete("pr") + trie.complete("co") + trie.complete("zz"));
        System.out.println(longestRepeat(Arrays.stream(docs).map(d -> d[1]).collect(Collectors.joining(" "))));
        Map<Character, Long> letters = Arrays.stream(docs).flatMapToInt(d -> d[1].chars()).filter(Character::isLetter).mapToObj(c -> Character.toLowerCase((char) c)).collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
        System.out.println(letters);
        Set<String> pairs = new HashSet<>();
        for (String[] d : docs) { List<String> t = tokens(d[1]); for (int i = 1; i < t.size(); i++) if (!pairs.add(t.get(i - 1) + " " + t.get(i))) System.out.println("again: " + t.get(i - 1) + " " + t.get(i)); }
    }
}
