import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Regular expressions: parse, Thompson NFA, subset construction, minimisation; checked against java.util.regex. */
public class RegexEngine {
    static abstract class Node {
        abstract Fragment build(Nfa n);
    }

    static final class Chars extends Node {
        final BitSet set;
        Chars(BitSet set) { this.set = set; }
        Fragment build(Nfa n) {
            int a = n.state(), b = n.state();
            n.edges.get(a).add(new Edge(set, b));
            return new Fragment(a, b);
        }
        @Override public String toString() { return set.cardinality() == 1 ? String.valueOf((char) set.nextSetBit(0)) : "{" + set.cardinality() + "}"; }
    }

    static final class Cat extends Node {
        final Node l, r;
        Cat(Node l, Node r) { this.l = l; this.r = r; }
        Fragment build(Nfa n) {
            Fragment x = l.build(n), y = r.build(n);
            n.epsilon(x.end, y.start);
            return new Fragment(x.start, y.end);
        }
        @Override public String toString() { return "(" + l + r + ")"; }
    }

    static final class Alt extends Node {
        final Node l, r;
        Alt(Node l, Node r) { this.l = l; this.r = r; }
        Fragment build(Nfa n) {
            int a = n.state(), b = n.state();
            for (Node x : new Node[] {l, r}) {
                Fragment f = x.build(n);
                n.epsilon(a, f.start);
                n.epsilon(f.end, b);
            }
            return new Fragment(a, b);
        }
        @Override public String toString() { return "(" + l + "|" + r + ")"; }
    }

    static final class Repeat extends Node {
        final Node x;
        final int min, max;
        Repeat(Node x, int min, int max) { this.x = x; this.min = min; this.max = max; }
        Fragment build(Nfa n) {
            int start = n.state(), at = start;
            for (int i = 0; i < min; i++) {
                Fragment f = x.build(n);
                n.epsilon(at, f.start);
                at = f.end;
            }
            int end = n.state();
            if (max < 0) {
                Fragment f = x.build(n);
                n.epsilon(at, f.start);
                n.epsilon(f.end, f.start);
                n.epsilon(f.end, end);
                n.epsilon(at, end);
            } else {
                for (int i = min; i < max; i++) {
                    Fragment f = x.build(n);
                    n.epsilon(at, end);
                    n.epsilon(at, f.start);
                    at = f.end;
                }
                n.epsilon(at, end);
            }
            return new Fragment(start, end);
        }
        @Override public String toString() { return x + "{" + min + "," + max + "}"; }
    }

    static final class Empty extends Node {
        Fragment build(Nfa n) { int s = n.state(); return new Fragment(s, s); }
        @Override public String toString() { return "()"; }
    }

    record Edge(BitSet on, int to) {}
    record Fragment(int start, int end) {}

    static final class Nfa {
        final List<List<Edge>> edges = new ArrayList<>();
        final List<List<Integer>> eps = new ArrayList<>();
        int state() { edges.add(new ArrayList<>()); eps.add(new ArrayList<>()); return edges.size() - 1; }
        void epsilon(int a, int b) { eps.get(a).add(b); }
        BitSet closure(BitSet in) {
            BitSet out = (BitSet) in.clone();
            List<Integer> work = new ArrayList<>();
            in.stream().forEach(work::add);
            while (!work.isEmpty()) for (int t : eps.get(work.remove(work.size() - 1))) if (!out.get(t)) { out.set(t); work.add(t); }
            return out;
        }
    }

    static final class Parser {
        final String s;
        int i;
        Parser(String s) { this.s = s; }

        static Node parse(String s) {
            Parser p = new Parser(s);
            Node n = p.alt();
            if (p.i < s.length()) throw new IllegalArgumentException("unexpected '" + s.charAt(p.i) + "' at " + p.i);
            return n;
        }

        Node alt() {
            Node n = cat();
            while (i < s.length() && s.charAt(i) == '|') { i++; n = new Alt(n, cat()); }
            return n;
        }

        Node cat() {
            Node n = null;
            while (i < s.length() && s.charAt(i) != '|' && s.charAt(i) != ')') { Node r = repeat(); n = n == null ? r : new Cat(n, r); }
            return n == null ? new Empty() : n;
        }

        Node repeat() {
            Node n = atom();
            while (i < s.length()) {
                switch (s.charAt(i)) {
                    case '*' -> { i++; n = new Repeat(n, 0, -1); }
                    case '+' -> { i++; n = new Repeat(n, 1, -1); }
                    case '?' -> { i++; n = new Repeat(n, 0, 1); }
                    case '{' -> {
                        int end = s.indexOf('}', i);
                        if (end < 0) throw new IllegalArgumentException("unclosed { at " + i);
                        String[] p = s.substring(i + 1, end).split(",", -1);
                        int min = Integer.parseInt(p[0]);
                        n = new Repeat(n, min, p.length == 1 ? min : p[1].isEmpty() ? -1 : Integer.parseInt(p[1]));
                        i = end + 1;
                    }
                    default -> { return n; }
                }
            }
            return n;
        }

        static BitSet range(int a, int b) { BitSet x = new BitSet(); x.set(a, b + 1); return x; }

        BitSet escape(char c) {
            BitSet x = new BitSet();
            switch (c) {
                case 'd' -> x.or(range('0', '9'));
                case 'w' -> { x.or(range('a', 'z')); x.or(range('A', 'Z')); x.or(range('0', '9')); x.set('_'); }
                case 's' -> { x.set(' '); x.set('\t'); x.set('\n'); }
                default -> x.set(c);
            }
            return x;
        }

        Node atom() {
            char c = s.charAt(i++);
            switch (c) {
                case '(' -> {
                    Node n = alt();
                    if (i >= s.length()) throw new IllegalArgumentException("unclosed group");
                    i++;
                    return n;
                }
                case '.' -> { BitSet x = range(0, 127); x.clear('\n'); return new Chars(x); }
                case '\\' -> { return new Chars(escape(s.charAt(i++))); }
                case '[' -> {
                    boolean not = s.charAt(i) == '^';
                    if (not) i++;
                    BitSet x = new BitSet();
                    while (s.charAt(i) != ']') {
                        char a = s.charAt(i++);
                        if (a == '\\') { x.or(escape(s.charAt(i++))); continue; }
                        if (s.charAt(i) == '-' && s.charAt(i + 1) != ']') { x.or(range(a, s.charAt(i + 1))); i += 2; } else x.set(a);
                    }
                    i++;
                    if (not) x.flip(0, 128);
                    return new Chars(x);
                }
                case '*', '+', '?' -> throw new IllegalArgumentException("nothing to repeat at " + (i - 1));
                default -> { BitSet x = new BitSet(); x.set(c); return new Chars(x); }
            }
        }
    }

    static final class Dfa {
        final List<int[]> next = new ArrayList<>();
        final BitSet accepting = new BitSet();

        static Dfa of(String re) {
            Nfa n = new Nfa();
            Fragment f = Parser.parse(re).build(n);
            Dfa d = new Dfa();
            Map<BitSet, Integer> ids = new LinkedHashMap<>();
            List<BitSet> order = new ArrayList<>();
            BitSet s = new BitSet();
            s.set(f.start());
            s = n.closure(s);
            ids.put(s, 0);
            order.add(s);
            for (int i = 0; i < order.size(); i++) {
                BitSet cur = order.get(i);
                int[] row = new int[128];
                if (cur.get(f.end())) d.accepting.set(i);
                for (int c = 0; c < 128; c++) {
                    BitSet to = new BitSet();
                    for (int q = cur.nextSetBit(0); q >= 0; q = cur.nextSetBit(q + 1)) for (Edge e : n.edges.get(q)) if (e.on().get(c)) to.set(e.to());
                    to = n.closure(to);
                    Integer id = ids.get(to);
                    if (id == null) { id = order.size(); ids.put(to, id); order.add(to); }
                    row[c] = id;
                }
                d.next.add(row);
            }
            return d;
        }

        /** Moore's partition refinement. */
        Dfa minimise() {
            int n = next.size();
            int[] part = new int[n];
            for (int i = 0; i < n; i++) part[i] = accepting.get(i) ? 1 : 0;
            int count = 0;
            while (true) {
                Map<List<Integer>, Integer> sig = new HashMap<>();
                int[] p2 = new int[n];
                for (int i = 0; i < n; i++) {
                    List<Integer> k = new ArrayList<>();
                    k.add(part[i]);
                    for (int c = 0; c < 128; c++) k.add(part[next.get(i)[c]]);
                    Integer id = sig.get(k);
                    if (id == null) { id = sig.size(); sig.put(k, id); }
                    p2[i] = id;
                }
                part = p2;
                if (sig.size() == count) break;
                count = sig.size();
            }
            Dfa d = new Dfa();
            for (int i = 0; i < count; i++) d.next.add(null);
            for (int i = 0; i < n; i++) {
                int[] row = new int[128];
                for (int c = 0; c < 128; c++) row[c] = part[next.get(i)[c]];
                d.next.set(part[i], row);
                if (accepting.get(i)) d.accepting.set(part[i]);
            }
            return d;
        }

        boolean matches(String s) {
            int q = 0;
            for (int i = 0; i < s.length(); i++) q = next.get(q)[s.charAt(i)];
            return accepting.get(q);
        }
    }

    public static void main(String[] args) {
        String[] res = {"abc", "a*b", "(a|b)*abb", "[a-c]+x?", "\\d{3}-\\d{2,4}", "(ab|cd){2,}", "[^x]*", ".*foo.*", "(a?){5}a{5}", "\\w+@\\w+\\.(com|org)", "", "(|a)b", "a{0}b", "x(yz)*|[0-9]+"};
        String[] texts = {"", "a", "b", "ab", "abc", "aab", "aaab", "abb", "aabb", "babb", "abcx", "cabx", "123-45", "123-45678", "abab", "abcd", "cdabab", "hello", "axb", "a foo b", "foo", "aaaaa", "aaaaaaaaaa", "joe@site.com", "joe@site.net", "xyzyz", "x", "42", "xyz1"};
        int agree = 0, total = 0;
        for (String re : res) {
            Dfa d = Dfa.of(re), m = d.minimise();
            TreeSet<String> hits = new TreeSet<>();
            for (String t : texts) {
                boolean mine = m.matches(t);
                if (mine) hits.add(t);
                total++;
                if (mine == d.matches(t) && mine == Pattern.matches(re, t)) agree++;
            }
            System.out.println(re + " => " + Parser.parse(re) + " states " + d.next.size() + "/" + m.next.size() + " " + hits);
        }
        System.out.println(agree + " of " + total);
        for (String bad : new String[] {"*a", "(a", "a)", "a{2", "|*"}) {
            try {
                Parser.parse(bad);
                System.out.println("accepted " + bad);
            } catch (IllegalArgumentException e) {
                System.out.println(bad + ": " + e.getMessage());
            }
        }
        Dfa words = Dfa.of("(the|quick|brown|fox|jumps|over|lazy|dog| )*").minimise();
        StringBuilder text = new StringBuilder();
        String[] w = {"the ", "quick ", "brown ", "fox ", "dog"};
        for (int i = 0; i < 20000; i++) text.append(w[i * 7 % 5]);
        System.out.println(words.matches(text.toString()) + " " + words.matches(text + "cat") + " " + words.next.size());
    }
}
