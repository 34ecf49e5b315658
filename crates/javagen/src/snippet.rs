//! Larger patterns that random statements would hardly ever form: collections, streams, exceptions with
//! suppressed ones, threads, deep recursion, records, inner classes, class initialisation.

use crate::program::Gen;
use crate::scope::Lines;
use crate::types::{BOOL, DOUBLE, INT, Kind, LONG, OBJECT, STRING, Ty};

/// A pattern: text with `$name` (fresh names, one letter) and `#T` holes (expressions of a type).
struct Snippet {
    text: &'static str,
    cost: u64,
    /// Uses lambdas, records or string concatenation that need `invokedynamic`.
    indy: bool,
    threads: bool,
}

const fn plain(cost: u64, text: &'static str) -> Snippet {
    Snippet { text, cost, indy: false, threads: false }
}

const fn indy(cost: u64, text: &'static str) -> Snippet {
    Snippet { text, cost, indy: true, threads: false }
}

const fn threads(cost: u64, text: &'static str) -> Snippet {
    Snippet { text, cost, indy: false, threads: true }
}

const SNIPPETS: &[Snippet] = &[
    plain(
        300,
        "StringBuilder $a = new StringBuilder();
        for (int $i = 0; $i < 6; $i++) {
        $a.append(#I).append((char) (97 + ($i & 7))).append(',');
        }
        if ($a.length() > 3) {
        $a.setCharAt(2, #C);
        $a.insert(1, #J).deleteCharAt(0);
        }
        mix($a.reverse().toString());",
    ),
    plain(
        900,
        "java.util.HashMap<Integer, Long> $m = new java.util.HashMap<>();
        for (int $i = 0; $i < 12; $i++) {
        int $k = (#I) & 7;
        Long $o = $m.get($k);
        $m.put($k, $o == null ? (#J) : $o + $i);
        }
        for (java.util.Map.Entry<Integer, Long> $e : new java.util.TreeMap<>($m).entrySet()) {
        mix($e.getKey());
        mix($e.getValue());
        }",
    ),
    plain(
        700,
        "java.util.ArrayList<Long> $l = new java.util.ArrayList<>();
        for (int $i = 0; $i < 10; $i++) {
        $l.add(#J);
        }
        $l.remove((#I) & 7);
        java.util.Collections.sort($l);
        for (long $x : $l) {
        mix($x);
        }",
    ),
    plain(
        500,
        "java.util.ArrayDeque<String> $q = new java.util.ArrayDeque<>();
        $q.add(\"s\" + (#I));
        $q.push(\"t\" + (#J));
        $q.addLast(clip(\"\" + (#S)));
        while (!$q.isEmpty()) {
        mix($q.poll());
        }",
    ),
    plain(
        400,
        "StringBuilder $b = new StringBuilder();
        try (Closer $x = new Closer(#I); Closer $y = new Closer(#I)) {
        mix($x.value ^ $y.value);
        if (#Z) {
        throw new E0(#I);
        }
        } catch (E0 $t) {
        note($t);
        mix($t.getSuppressed().length);
        }",
    ),
    plain(
        80,
        "Pair<Integer> $p = new Pair<>(#I, #I);
        mix($p.larger());
        mix(Pair.largest(#I, #I, #I));
        Pair<String> $s = new Pair<>(clip(\"\" + (#S)), clip(\"\" + (#S)));
        mix($s.larger());",
    ),
    plain(
        400,
        "Node $n = null;
        for (int $i = 0; $i < 9; $i++) {
        $n = new Node((#I) ^ $i, $n);
        }
        int $s = 0;
        for (Node $o = $n; $o != null; $o = $o.next) {
        $s = $s * 31 + $o.value;
        }
        mix($s);",
    ),
    plain(
        120,
        "Outer $o = new Outer(#I);
        Outer.Inner $i = $o.new Inner(#J);
        mix($i.total());
        $i.bump(#I);
        mix($i.total());",
    ),
    plain(
        200,
        "Object $x = #O;
        if ($x instanceof Integer $i && $i > 0) {
        mix($i + 1);
        } else if ($x instanceof String $s) {
        mix($s);
        } else if ($x instanceof Number) {
        mix(((Number) $x).longValue());
        }",
    ),
    plain(
        60,
        "mix(varied(#I));
        mix(varied(#I, #J));
        mix(varied(#I, #J, #J, #J));",
    ),
    plain(
        200,
        "java.math.BigInteger $b = java.math.BigInteger.valueOf(#J).multiply(java.math.BigInteger.valueOf(#J));
        mix($b.xor(java.math.BigInteger.valueOf(#I)).mod(java.math.BigInteger.valueOf((#J) | 1L).abs()).longValue());",
    ),
    plain(
        60,
        "try {
        mix(Lazy$$.value);
        } catch (ExceptionInInitializerError | NoClassDefFoundError $t) {
        note($t);
        }",
    ),
    plain(
        2500,
        "int $d = 0;
        try {
        forever(#I);
        } catch (StackOverflowError $t) {
        $d = 1;
        }
        mix($d);",
    ),
    plain(
        40,
        "try {
        Object[] $a = new Integer[] {#I, #I};
        $a[(#I) & 1] = #O;
        mix($a[0]);
        } catch (ArrayStoreException $t) {
        note($t);
        }",
    ),
    plain(
        60,
        "try {
        mix(((int[][]) (Object) new int[#I & 3][#I & 3]).length);
        mix(new long[(#I) % 5].length);
        } catch (NegativeArraySizeException $t) {
        note($t);
        }",
    ),
    plain(
        300,
        "long $h = #J;
        byte[] $b = clip(\"\" + (#S)).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (int $i = 0; $i < $b.length; $i++) {
        $h = ($h ^ ($b[$i] & 255)) * 1099511628211L;
        }
        mix($h);",
    ),
    plain(
        600,
        "int[] $a = new int[64];
        for (int $i = 0; $i < 64; $i++) {
        $a[$i] = $i * (#I);
        }
        int $s = 0;
        for (int $i = 0; $i < $a.length; $i++) {
        $s += $a[$i];
        }
        mix($s);",
    ),
    plain(
        900,
        "long[] $a = new long[40];
        long[] $b = new long[41];
        for (int $i = 0; $i < 40; $i++) {
        $a[$i] = (#J) + $i;
        $b[$i + 1] = $a[$i] * $i;
        }
        long $s = 0;
        for (int $i = 39; $i >= 0; $i--) {
        $s ^= $b[$i] + $a[$i];
        }
        mix($s);",
    ),
    plain(
        200,
        "Color $c = Color.of(#I);
        mix($c.name());
        mix($c.apply(#I));
        mix(Color.valueOf($c.toString()).ordinal());",
    ),
    plain(
        30,
        "try {
        LOCK.notify();
        } catch (IllegalMonitorStateException $t) {
        note($t);
        }",
    ),
    plain(
        30,
        "mix(Finals.order(#I));
        mix(nested(#I, #J));",
    ),
    indy(
        900,
        "mix(java.util.stream.IntStream.range(0, 9).map($x -> $x * 3 + 1).filter($x -> ($x & 1) == 0).sum());
        final int $k = #I;
        mix(java.util.stream.LongStream.rangeClosed(1, 6).map($x -> $x * $k).reduce(0L, (p, q) -> p ^ q));",
    ),
    indy(
        1500,
        "java.util.ArrayList<String> $l = new java.util.ArrayList<>();
        for (int $i = 0; $i < 5; $i++) {
        $l.add(clip(\"\" + (#S) + $i));
        }
        $l.sort(java.util.Comparator.comparing(String::length).thenComparing(java.util.Comparator.reverseOrder()));
        mix(String.join(\"|\", $l));",
    ),
    indy(
        150,
        "Point $p = new Point(#I, #J, clip(\"\" + (#S)));
        Point $q = new Point($p.x(), #J, $p.name());
        mix($p.toString());
        mix($p.equals($q));
        mix($p.hashCode());",
    ),
    indy(
        200,
        "final int $k = #I;
        java.util.function.IntUnaryOperator $f = $x -> $x ^ $k;
        java.util.function.IntUnaryOperator $g = $f.andThen($x -> $x + 1).compose($x -> $x * 3);
        mix($g.applyAsInt(#I));",
    ),
    indy(
        60,
        "Runnable $r = () -> mix(#I);
        $r.run();
        java.util.function.Function<Integer, java.util.function.Supplier<String>> $f = $x -> () -> \"f\" + $x;
        mix($f.apply(#I).get());",
    ),
    threads(
        4000,
        "final long[] $s = new long[1];
        final int $k = #I;
        Thread[] $t = new Thread[2];
        for (int $i = 0; $i < $t.length; $i++) {
        final int $n = $i + 1;
        $t[$i] = new Thread(new Runnable() {
        public void run() {
        for (int j = 0; j < 50; j++) {
        synchronized ($s) {
        $s[0] += (long) $n * $k + j;
        }
        }
        }
        });
        $t[$i].start();
        }
        for (Thread $x : $t) {
        join($x);
        }
        mix($s[0]);",
    ),
];

impl Gen {
    pub fn snippet(&mut self, out: &mut Lines) {
        let affordable: Vec<&Snippet> = SNIPPETS
            .iter()
            .filter(|s| !s.indy || self.features.indy)
            .filter(|s| !s.threads || (self.features.threads && self.frame.times < 8))
            .filter(|s| s.cost.saturating_mul(self.frame.times * 3) <= self.frame.left())
            .collect();
        if affordable.is_empty() {
            return;
        }
        let snippet = *self.rng.pick(&affordable);
        self.frame.cost += snippet.cost * self.frame.times;
        let text = self.fill(snippet.text);
        out.block(&text);
    }

    /// Puts names and expressions into the holes of a pattern.
    fn fill(&mut self, text: &str) -> String {
        let lazy = self.rng.below(3).to_string();
        let text = text.replace("$$", &lazy);
        let suffix = self.fresh("");
        let mut result = String::with_capacity(text.len() * 2);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match (c, chars.peek().copied()) {
                ('$', Some(letter)) => {
                    chars.next();
                    result.push(letter);
                    result.push_str(&suffix);
                }
                ('#', Some(kind)) => {
                    chars.next();
                    let ty = match kind {
                        'I' => INT,
                        'J' => LONG,
                        'D' => DOUBLE,
                        'Z' => BOOL,
                        'S' => STRING,
                        'C' => Ty::One(Kind::Char),
                        _ => OBJECT,
                    };
                    // Holes lie in inner classes and lambdas too: they read no locals that are not final, and
                    // write none.
                    let barrier = std::mem::replace(&mut self.frame.barrier, self.frame.locals.len());
                    result.push_str(&self.expr(ty, 1));
                    self.frame.barrier = barrier;
                }
                _ => result.push(c),
            }
        }
        result
    }
}

/// What the snippets and expressions call: a part of every program, so that each is one file.
pub const SUPPORT: &str = r#"
static long chk = 17;
static int noted;
static final Object LOCK = new Object();

static void mix(int x) { chk = chk * 31 + x; }
static void mix(long x) { chk = (chk ^ x) * 0x9E3779B97F4A7C15L + (chk >>> 29); }
static void mix(float x) { mix(Float.floatToIntBits(x)); }
static void mix(double x) { mix(Double.doubleToLongBits(x)); }
static void mix(boolean x) { mix(x ? 1231 : 1237); }
static void mix(String x) { mix(x == null ? -1 : x.hashCode()); }
static void mix(Object x) { mix(x == null ? -2 : x.hashCode()); }

static void note(Throwable t) {
    mix(t.getClass().getName());
    if (noted >= 100 || t instanceof VirtualMachineError) {
        return;
    }
    StringBuilder text = new StringBuilder(t.toString());
    for (Throwable c = t.getCause(); c != null; c = c.getCause()) {
        text.append(" <- ").append(c);
    }
    int shown = 0;
    for (StackTraceElement e : t.getStackTrace()) {
        if (e.getClassName().startsWith("%NAME%") && shown++ < 6) {
            text.append(" at ").append(e.getClassName()).append('.').append(e.getMethodName()).append(':').append(e.getLineNumber());
        }
    }
    mix(text.toString());
    if (noted++ < 12) {
        System.out.println(text);
    }
}

static String clip(String s) {
    return s == null || s.length() <= 24 ? s : s.substring(s.length() - 20);
}

static String cut(String s, int from, int to) {
    int low = Math.min(from & 15, s.length());
    return s.substring(low, Math.max(low, Math.min(to & 15, s.length())));
}

static int charOf(String s, int i) {
    return s.isEmpty() ? -1 : s.charAt((i & Integer.MAX_VALUE) % s.length());
}

static long varied(int first, long... rest) {
    long sum = first;
    for (long r : rest) {
        sum = sum * 7 + r;
    }
    return sum;
}

static int forever(int x) {
    return forever(x + 1) + 1;
}

static int nested(int depth, long x) {
    depth &= 15;
    return depth == 0 ? (int) x : nested(depth - 1, x * 3 + depth) ^ nested(depth >> 1, x + 1);
}

static void join(Thread t) {
    try {
        t.join();
    } catch (InterruptedException e) {
        note(e);
    }
}

static class E0 extends RuntimeException {
    final int code;
    E0(int code) {
        super("code " + code);
        this.code = code;
    }
}

static class Closer implements AutoCloseable {
    final int value;
    Closer(int value) {
        this.value = value;
        mix(value);
    }
    public void close() {
        mix(value + 1);
        if ((value & 3) == 3) {
            throw new E0(value);
        }
    }
}

static class Pair<T extends Comparable<T>> {
    final T first, second;
    Pair(T first, T second) {
        this.first = first;
        this.second = second;
    }
    T larger() { return first.compareTo(second) >= 0 ? first : second; }
    @SafeVarargs
    static <U extends Comparable<U>> U largest(U... all) {
        U best = all[0];
        for (U u : all) {
            if (u.compareTo(best) > 0) {
                best = u;
            }
        }
        return best;
    }
}

static final class Node {
    final int value;
    final Node next;
    Node(int value, Node next) {
        this.value = value;
        this.next = next;
    }
}

static class Outer {
    private int base;
    Outer(int base) { this.base = base; }
    class Inner {
        private long more;
        Inner(long more) { this.more = more; }
        long total() { return base + more; }
        void bump(int by) {
            base += by;
            more ^= base;
        }
    }
}

static class Lazy0 {
    static int value;
    static {
        mix(99);
        value = (int) chk | 1;
    }
}

static class Lazy1 extends Lazy0 {
    static int value = twice(21);
    static int twice(int x) {
        mix(value);
        return x * 2;
    }
}

static class Lazy2 {
    static int value = 1 / zero();
    static int zero() {
        mix(7);
        return 0;
    }
}

static class Finals {
    final int a;
    final long b;
    Finals(int x) {
        show();
        a = x;
        b = x * 3L;
        show();
    }
    void show() { mix(a + b); }
    static int order(int x) {
        int i = x & 3;
        int[] v = {1, 2, 3, 4};
        v[i] = i = v[(i + 1) & 3] + (i++ * --i);
        return v[0] * 1000 + v[1] * 100 + v[2] * 10 + v[3] + i + (int) new Finals(x).b;
    }
}

enum Color {
    RED { int apply(int x) { return x + 1; } }, GREEN, BLUE { int apply(int x) { return -x; } };
    int apply(int x) { return x ^ ordinal(); }
    static Color of(int x) { return values()[(x & Integer.MAX_VALUE) % 3]; }
}
"#;

pub const SUPPORT_INDY: &str = r#"
record Point(int x, long y, String name) {}
"#;
