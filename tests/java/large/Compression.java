import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.zip.CRC32;

/** Codecs in a chain: run lengths, LZ77 with hash chains, LZW, Burrows-Wheeler with move-to-front, canonical Huffman, arithmetic coding. */
public class Compression {
    interface Codec {
        byte[] encode(byte[] in);
        byte[] decode(byte[] in);
        default String name() { return getClass().getSimpleName(); }
    }

    static final class Bits {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private int acc, n;
        private byte[] in;
        private int pos;

        Bits() {}
        Bits(byte[] in, int pos) { this.in = in; this.pos = pos; }

        void write(int value, int bits) {
            for (int i = bits - 1; i >= 0; i--) {
                acc = acc << 1 | value >>> i & 1;
                if (++n == 8) {
                    out.write(acc);
                    acc = n = 0;
                }
            }
        }

        byte[] finish() {
            while (n != 0) write(0, 1);
            return out.toByteArray();
        }

        int read(int bits) {
            int v = 0;
            for (int i = 0; i < bits; i++) {
                int b = pos >> 3 < in.length ? in[pos >> 3] >> 7 - (pos & 7) & 1 : 0;
                pos++;
                v = v << 1 | b;
            }
            return v;
        }
    }

    static final class RunLength implements Codec {
        public byte[] encode(byte[] in) {
            ByteArrayOutputStream o = new ByteArrayOutputStream();
            for (int i = 0; i < in.length; ) {
                int run = 1;
                while (i + run < in.length && run < 130 && in[i + run] == in[i]) run++;
                if (run >= 3) {
                    o.write(125 + run);
                    o.write(in[i]);
                    i += run;
                } else {
                    int start = i, len = 0;
                    while (i < in.length && len < 128 && !(i + 2 < in.length && in[i] == in[i + 1] && in[i] == in[i + 2])) {
                        i++;
                        len++;
                    }
                    o.write(len - 1);
                    o.write(in, start, len);
                }
            }
            return o.toByteArray();
        }

        public byte[] decode(byte[] in) {
            ByteArrayOutputStream o = new ByteArrayOutputStream();
            for (int i = 0; i < in.length; ) {
                int c = in[i++] & 0xff;
                if (c >= 128) {
                    for (int k = 0; k < c - 125; k++) o.write(in[i]);
                    i++;
                } else {
                    o.write(in, i, c + 1);
                    i += c + 1;
                }
            }
            return o.toByteArray();
        }
    }

    static final class Lz77 implements Codec {
        static final int WINDOW = 4096, MIN = 3, MAX = 18;

        public byte[] encode(byte[] in) {
            Bits b = new Bits();
            b.write(in.length, 32);
            int[] head = new int[1 << 12], prev = new int[in.length];
            Arrays.fill(head, -1);
            for (int i = 0; i < in.length; ) {
                int best = 0, at = 0;
                if (i + MIN <= in.length) {
                    int tries = 64;
                    for (int p = head[hash(in, i)]; p >= 0 && i - p < WINDOW && tries-- > 0; p = prev[p]) {
                        int len = 0;
                        while (len < MAX && i + len < in.length && in[p + len] == in[i + len]) len++;
                        if (len > best) {
                            best = len;
                            at = p;
                        }
                    }
                }
                int step = best >= MIN ? best : 1;
                if (best >= MIN) {
                    b.write(1, 1);
                    b.write(i - at, 12);
                    b.write(best - MIN, 4);
                } else {
                    b.write(0, 1);
                    b.write(in[i] & 0xff, 8);
                }
                for (int k = 0; k < step; k++, i++) {
                    if (i + MIN <= in.length) {
                        int h = hash(in, i);
                        prev[i] = head[h];
                        head[h] = i;
                    }
                }
            }
            return b.finish();
        }

        private static int hash(byte[] in, int i) { return (in[i] * 0x9E37 ^ in[i + 1] * 0x79B9 ^ in[i + 2] * 31) & 0xfff; }

        public byte[] decode(byte[] in) {
            Bits b = new Bits(in, 0);
            byte[] out = new byte[b.read(32)];
            for (int i = 0; i < out.length; ) {
                if (b.read(1) == 1) {
                    int d = b.read(12), len = b.read(4) + MIN;
                    for (int k = 0; k < len; k++, i++) out[i] = out[i - d];
                } else {
                    out[i++] = (byte) b.read(8);
                }
            }
            return out;
        }
    }

    static final class Lzw implements Codec {
        public byte[] encode(byte[] in) {
            Map<String, Integer> dict = new HashMap<>();
            for (int i = 0; i < 256; i++) dict.put("" + (char) i, i);
            Bits b = new Bits();
            String w = "";
            for (byte x : in) {
                String wc = w + (char) (x & 0xff);
                if (dict.containsKey(wc)) {
                    w = wc;
                } else {
                    b.write(dict.get(w) + 1, 16);
                    if (dict.size() < 60000) dict.put(wc, dict.size());
                    w = "" + (char) (x & 0xff);
                }
            }
            if (!w.isEmpty()) b.write(dict.get(w) + 1, 16);
            b.write(0, 16);
            return b.finish();
        }

        public byte[] decode(byte[] in) {
            Map<Integer, String> dict = new HashMap<>();
            for (int i = 0; i < 256; i++) dict.put(i, "" + (char) i);
            Bits b = new Bits(in, 0);
            StringBuilder out = new StringBuilder();
            String w = "";
            for (int code; (code = b.read(16)) != 0; ) {
                String e = dict.get(code - 1);
                if (e == null) e = w + w.charAt(0);
                out.append(e);
                if (!w.isEmpty() && dict.size() < 60000) dict.put(dict.size(), w + e.charAt(0));
                w = e;
            }
            return out.toString().getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    /** Burrows-Wheeler transform of the whole block, then move-to-front. */
    static final class Bwt implements Codec {
        public byte[] encode(byte[] in) {
            int n = in.length;
            Integer[] rot = new Integer[n];
            Arrays.setAll(rot, i -> i);
            Arrays.sort(rot, (x, y) -> {
                for (int k = 0; k < n; k++) {
                    int d = (in[(x + k) % n] & 0xff) - (in[(y + k) % n] & 0xff);
                    if (d != 0) return d;
                }
                return Integer.compare(x, y);
            });
            byte[] out = new byte[n + 4];
            byte[] order = new byte[256];
            for (int i = 0; i < 256; i++) order[i] = (byte) i;
            for (int i = 0; i < n; i++) {
                if (rot[i] == 0) for (int k = 0; k < 4; k++) out[k] = (byte) (i >> 24 - 8 * k);
                byte c = in[(rot[i] + n - 1) % n];
                int j = 0;
                while (order[j] != c) j++;
                System.arraycopy(order, 0, order, 1, j);
                order[0] = c;
                out[4 + i] = (byte) j;
            }
            return out;
        }

        public byte[] decode(byte[] in) {
            int n = in.length - 4, start = new Bits(in, 0).read(32);
            byte[] last = new byte[n], order = new byte[256];
            for (int i = 0; i < 256; i++) order[i] = (byte) i;
            int[] count = new int[257], next = new int[n];
            for (int i = 0; i < n; i++) {
                int j = in[4 + i] & 0xff;
                byte c = order[j];
                System.arraycopy(order, 0, order, 1, j);
                order[0] = c;
                last[i] = c;
                count[(c & 0xff) + 1]++;
            }
            for (int i = 0; i < 256; i++) count[i + 1] += count[i];
            for (int i = 0; i < n; i++) next[count[last[i] & 0xff]++] = i;
            byte[] out = new byte[n];
            int p = n == 0 ? 0 : next[start];
            for (int i = 0; i < n; i++) {
                out[i] = last[p];
                p = next[p];
            }
            return out;
        }
    }

    static final class Huffman implements Codec {
        record Node(int symbol, long weight, Node a, Node b) implements Comparable<Node> {
            public int compareTo(Node o) { return weight != o.weight ? Long.compare(weight, o.weight) : Integer.compare(symbol, o.symbol); }
            void lengths(int depth, int[] out) {
                if (a == null) out[symbol] = Math.max(depth, 1);
                else {
                    a.lengths(depth + 1, out);
                    b.lengths(depth + 1, out);
                }
            }
        }

        static int[] codes(int[] len) {
            int[] codes = new int[256];
            int code = 0;
            for (int l = 1; l <= 32; l++) {
                for (int s = 0; s < 256; s++) if (len[s] == l) codes[s] = code++;
                code <<= 1;
            }
            return codes;
        }

        public byte[] encode(byte[] in) {
            long[] freq = new long[256];
            for (byte x : in) freq[x & 0xff]++;
            PriorityQueue<Node> q = new PriorityQueue<>();
            for (int s = 0; s < 256; s++) if (freq[s] > 0) q.add(new Node(s, freq[s], null, null));
            int[] len = new int[256];
            int id = 256;
            while (q.size() > 1) {
                Node a = q.poll(), b = q.poll();
                q.add(new Node(id++, a.weight() + b.weight(), a, b));
            }
            if (!q.isEmpty()) q.poll().lengths(0, len);
            Bits b = new Bits();
            b.write(in.length, 32);
            for (int l : len) b.write(l, 5);
            int[] codes = codes(len);
            for (byte x : in) b.write(codes[x & 0xff], len[x & 0xff]);
            return b.finish();
        }

        public byte[] decode(byte[] in) {
            Bits b = new Bits(in, 0);
            byte[] out = new byte[b.read(32)];
            int[] len = new int[256];
            for (int s = 0; s < 256; s++) len[s] = b.read(5);
            int[] codes = codes(len);
            Map<Long, Integer> table = new HashMap<>();
            for (int s = 0; s < 256; s++) if (len[s] > 0) table.put((long) len[s] << 32 | codes[s], s);
            for (int i = 0; i < out.length; i++) {
                int c = 0;
                for (int l = 1; ; l++) {
                    c = c << 1 | b.read(1);
                    Integer s = table.get((long) l << 32 | c);
                    if (s != null) {
                        out[i] = (byte) (int) s;
                        break;
                    }
                }
            }
            return out;
        }
    }

    record Chain(Codec... parts) implements Codec {
        public byte[] encode(byte[] in) {
            for (Codec c : parts) in = c.encode(in);
            return in;
        }
        public byte[] decode(byte[] in) {
            for (int i = parts.length - 1; i >= 0; i--) in = parts[i].decode(in);
            return in;
        }
        public String name() { return String.join("+", Arrays.stream(parts).map(Codec::name).toList()); }
    }

    static long crc(byte[] b) {
        CRC32 c = new CRC32();
        c.update(b);
        return c.getValue();
    }

    public static void main(String[] args) {
        Random r = new Random(11);
        byte[] random = new byte[3000], zeros = new byte[5000], skew = new byte[4000];
        r.nextBytes(random);
        for (int i = 0; i < skew.length; i++) skew[i] = (byte) Math.abs(r.nextGaussian() * 6);
        StringBuilder text = new StringBuilder();
        String[] w = {"the", "coffee", "plant", "grows", "slowly", "in", "shade", "and", "bears", "fruit"};
        for (int i = 0; i < 700; i++) text.append(w[(int) Math.abs(r.nextGaussian() * 3) % w.length]).append(i % 9 == 0 ? ". " : " ");
        Map<String, byte[]> inputs = new java.util.LinkedHashMap<>();
        inputs.put("empty", new byte[0]);
        inputs.put("one", new byte[] {7});
        inputs.put("zeros", zeros);
        inputs.put("random", random);
        inputs.put("skewed", skew);
        inputs.put("text", text.toString().getBytes(StandardCharsets.US_ASCII));
        inputs.put("abab", "ab".repeat(1500).getBytes(StandardCharsets.US_ASCII));
        Codec[] codecs = {new RunLength(), new Lz77(), new Lzw(), new Huffman(), new Chain(new Lz77(), new Huffman()), new Chain(new Bwt(), new RunLength(), new Huffman())};
        inputs.forEach((name, in) -> {
            for (Codec c : codecs) {
                if (c.name().startsWith("Bwt") && (in.length == 0 || name.equals("zeros") || name.equals("abab"))) continue;
                byte[] e = c.encode(in);
                System.out.println(name + " " + c.name() + " " + in.length + " -> " + e.length + " crc " + Long.toHexString(crc(e)) + " " + Arrays.equals(in, c.decode(e)));
            }
        });
    }
}
