import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Regular expressions compiled to an NFA and run as a DFA that is made while it runs. */
public class RegexAutomaton extends Harness {
    /** A state with at most two ways out; `letter` -1 means without input, -2 any letter. */
    static final class State {
        int letter;
        State out, other;
        final int id;

        State(int id, int letter) {
            this.id = id;
            this.letter = letter;
        }
    }

    static final class Compiler {
        private final String pattern;
        private int at, ids;

        Compiler(String pattern) {
            this.pattern = pattern;
        }

        private State state(int letter) {
            return new State(ids++, letter);
        }

        /** Start and end of a fragment. */
        private State[] alternatives() {
            State[] left = sequence();
            while (at < pattern.length() && pattern.charAt(at) == '|') {
                at++;
                State[] right = sequence();
                State start = state(-1), end = state(-1);
                start.out = left[0];
                start.other = right[0];
                left[1].out = end;
                right[1].out = end;
                left = new State[] {start, end};
            }
            return left;
        }

        private State[] sequence() {
            State first = state(-1);
            State[] whole = {first, first};
            while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
                State[] next = repeated();
                whole[1].out = next[0];
                whole[1] = next[1];
            }
            return whole;
        }

        private State[] repeated() {
            State[] atom = atom();
            while (at < pattern.length() && "*+?".indexOf(pattern.charAt(at)) >= 0) {
                char op = pattern.charAt(at++);
                State start = state(-1), end = state(-1);
                start.out = atom[0];
                if (op != '+') {
                    start.other = end;
                }
                atom[1].out = end;
                if (op != '?') {
                    atom[1].other = atom[0];
                }
                atom = new State[] {start, end};
            }
            return atom;
        }

        private State[] atom() {
            char c = pattern.charAt(at++);
            if (c == '(') {
                State[] inner = alternatives();
                at++;
                return inner;
            }
            State start = state(c == '.' ? -2 : c), end = state(-1);
            start.out = end;
            return new State[] {start, end};
        }
    }

    static final class Automaton {
        private final State accept;
        private final int states;
        private final Map<List<Integer>, Integer> known = new HashMap<>();
        private final List<List<State>> sets = new ArrayList<>();
        private final List<int[]> moves = new ArrayList<>();
        private final List<Boolean> accepting = new ArrayList<>();

        Automaton(String pattern) {
            Compiler compiler = new Compiler(pattern);
            State[] whole = compiler.alternatives();
            accept = whole[1];
            states = compiler.ids;
            List<State> start = new ArrayList<>();
            close(whole[0], start, new boolean[states]);
            intern(start);
        }

        private void close(State s, List<State> into, boolean[] seen) {
            if (s == null || seen[s.id]) {
                return;
            }
            seen[s.id] = true;
            into.add(s);
            if (s.letter == -1) {
                close(s.out, into, seen);
                close(s.other, into, seen);
            }
        }

        private int intern(List<State> set) {
            List<Integer> key = new ArrayList<>();
            for (State s : set) {
                key.add(s.id);
            }
            key.sort(null);
            Integer old = known.get(key);
            if (old != null) {
                return old;
            }
            int id = sets.size();
            known.put(key, id);
            sets.add(set);
            moves.add(new int[128]);
            accepting.add(set.contains(accept));
            return id;
        }

        private int move(int from, int letter) {
            boolean[] seen = new boolean[states];
            List<State> next = new ArrayList<>();
            for (State s : sets.get(from)) {
                if (s.letter == letter || s.letter == -2) {
                    close(s.out, next, seen);
                }
            }
            int to = intern(next);
            moves.get(from)[letter] = to + 1;
            return to;
        }

        /** Length of the longest match at the start of `text`, or -1. */
        int longest(String text, int from) {
            int state = 0, best = -1;
            for (int i = from; ; i++) {
                if (accepting.get(state)) {
                    best = i - from;
                }
                if (i == text.length()) {
                    return best;
                }
                int to = moves.get(state)[text.charAt(i)];
                state = to == 0 ? move(state, text.charAt(i)) : to - 1;
                if (sets.get(state).isEmpty()) {
                    return best;
                }
            }
        }
    }

    private static final String[] PATTERNS = {"(ab|a)*c", "a(b|c)+d?e*", "(a|b)*abb(a|b)(a|b)", "x.y|ab.*ba", "(aa|bb)+(ab|ba)?"};

    @Override
    protected long iterate() {
        StringBuilder b = new StringBuilder();
        int seed = 7;
        for (int i = 0; i < 3000; i++) {
            seed = seed * 1103515245 + 12345;
            b.append("ababcdeabxy".charAt((seed >>> 16) % 11));
        }
        String text = b.toString();
        long sum = 0;
        for (String pattern : PATTERNS) {
            Automaton a = new Automaton(pattern);
            for (int i = 0; i < text.length(); i++) {
                sum = sum * 31 + a.longest(text, i);
            }
        }
        return sum;
    }

    public static void main(String[] args) {
        new RegexAutomaton().start(args);
    }
}
