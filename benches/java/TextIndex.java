import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Splits documents into words, builds an inverted index, ranks queries, and measures edit distances. */
public class TextIndex extends Harness {
    private static final String[] STEMS = {"coffee", "tree", "plant", "machine", "stack", "heap", "thread", "class", "frame", "method", "table", "page"};

    private static String document(int number) {
        StringBuilder b = new StringBuilder();
        int seed = number * 7919 + 1;
        for (int i = 0; i < 60; i++) {
            seed = seed * 1103515245 + 12345;
            b.append(STEMS[(seed >>> 16) % STEMS.length]);
            if ((seed >>> 27) % 3 == 0) {
                b.append((seed >>> 20) % 50);
            }
            b.append(i % 12 == 11 ? ".\n" : i % 5 == 4 ? ", " : " ");
        }
        return b.toString();
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        int start = -1;
        for (int i = 0; i <= text.length(); i++) {
            boolean letter = i < text.length() && Character.isLetterOrDigit(text.charAt(i));
            if (letter && start < 0) {
                start = i;
            } else if (!letter && start >= 0) {
                words.add(text.substring(start, i).toLowerCase());
                start = -1;
            }
        }
        return words;
    }

    private static int distance(String a, String b) {
        int[] before = new int[b.length() + 1], row = new int[b.length() + 1];
        for (int j = 0; j < before.length; j++) {
            before[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = before[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(before[j], row[j - 1]) + 1);
            }
            int[] t = before;
            before = row;
            row = t;
        }
        return before[b.length()];
    }

    @Override
    protected long iterate() {
        Map<String, Map<Integer, Integer>> index = new HashMap<>();
        for (int d = 0; d < 150; d++) {
            for (String w : words(document(d))) {
                index.computeIfAbsent(w, k -> new TreeMap<>()).merge(d, 1, Integer::sum);
            }
        }
        long sum = index.size();
        for (int q = 0; q < 20; q++) {
            Map<Integer, Double> scores = new HashMap<>();
            for (String w : List.of(STEMS[q % 12], STEMS[q * 5 % 12] + q, STEMS[q * 7 % 12])) {
                Map<Integer, Integer> hits = index.getOrDefault(w, Map.of());
                hits.forEach((d, n) -> scores.merge(d, n / (1.0 + hits.size()), Double::sum));
            }
            List<Map.Entry<Integer, Double>> ranked = new ArrayList<>(scores.entrySet());
            ranked.sort(Map.Entry.<Integer, Double>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()));
            for (int i = 0; i < Math.min(5, ranked.size()); i++) {
                sum = sum * 31 + ranked.get(i).getKey();
            }
        }
        List<String> vocabulary = new ArrayList<>(index.keySet());
        Collections.sort(vocabulary);
        for (int i = 0; i < vocabulary.size(); i += 3) {
            sum = sum * 31 + distance(vocabulary.get(i), "mechanics" + i);
        }
        return sum;
    }

    public static void main(String[] args) {
        new TextIndex().start(args);
    }
}
