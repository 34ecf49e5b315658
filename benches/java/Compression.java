import java.util.Arrays;
import java.util.PriorityQueue;

/** LZ77 with a hash chain, then Huffman codes, and back again: byte arrays, bit fiddling, a priority queue. */
public class Compression extends Harness {
    static final class Bits {
        byte[] data = new byte[1024];
        int count;

        void write(int value, int bits) {
            while (bits-- > 0) {
                if (count >> 3 == data.length) {
                    data = Arrays.copyOf(data, 2 * data.length);
                }
                if ((value >> bits & 1) != 0) {
                    data[count >> 3] |= (byte) (0x80 >>> (count & 7));
                }
                count++;
            }
        }

        int read() {
            int bit = data[count >> 3] >> (7 - (count & 7)) & 1;
            count++;
            return bit;
        }

        int read(int bits) {
            int value = 0;
            while (bits-- > 0) {
                value = value << 1 | read();
            }
            return value;
        }
    }

    static final class Node implements Comparable<Node> {
        final int weight, symbol, order;
        final Node zero, one;

        Node(int weight, int symbol, int order, Node zero, Node one) {
            this.weight = weight;
            this.symbol = symbol;
            this.order = order;
            this.zero = zero;
            this.one = one;
        }

        @Override
        public int compareTo(Node o) {
            return weight != o.weight ? Integer.compare(weight, o.weight) : Integer.compare(order, o.order);
        }

        void codes(int code, int length, int[] codes, int[] lengths) {
            if (zero == null) {
                codes[symbol] = code;
                lengths[symbol] = Math.max(length, 1);
            } else {
                zero.codes(code << 1, length + 1, codes, lengths);
                one.codes(code << 1 | 1, length + 1, codes, lengths);
            }
        }
    }

    private static final int WINDOW = 4096, SHORTEST = 4, LONGEST = 18;

    /** Pairs (flag and length or literal, distance). */
    private static int[] matches(byte[] in) {
        int[] out = new int[2 * in.length];
        int[] head = new int[1 << 12], previous = new int[in.length];
        Arrays.fill(head, -1);
        int n = 0;
        for (int i = 0; i < in.length; ) {
            int best = 0, distance = 0;
            if (i + SHORTEST <= in.length) {
                int h = hash(in, i);
                int tries = 32;
                for (int j = head[h]; j >= 0 && i - j < WINDOW && tries-- > 0; j = previous[j]) {
                    int length = 0;
                    int most = Math.min(LONGEST, in.length - i);
                    while (length < most && in[j + length] == in[i + length]) {
                        length++;
                    }
                    if (length > best) {
                        best = length;
                        distance = i - j;
                    }
                }
            }
            int step = best >= SHORTEST ? best : 1;
            out[n++] = best >= SHORTEST ? 256 + best - SHORTEST : in[i] & 255;
            out[n++] = distance;
            for (int k = 0; k < step; k++, i++) {
                if (i + SHORTEST <= in.length) {
                    int h = hash(in, i);
                    previous[i] = head[h];
                    head[h] = i;
                }
            }
        }
        return Arrays.copyOf(out, n);
    }

    private static int hash(byte[] in, int i) {
        int x = in[i] & 255 | (in[i + 1] & 255) << 8 | (in[i + 2] & 255) << 16 | in[i + 3] << 24;
        return x * 0x9E3779B1 >>> 20;
    }

    private static Node tree(int[] symbols) {
        int[] weights = new int[256 + LONGEST];
        for (int i = 0; i < symbols.length; i += 2) {
            weights[symbols[i]]++;
        }
        PriorityQueue<Node> queue = new PriorityQueue<>();
        int order = 0;
        for (int s = 0; s < weights.length; s++) {
            if (weights[s] > 0) {
                queue.add(new Node(weights[s], s, order++, null, null));
            }
        }
        while (queue.size() > 1) {
            Node a = queue.poll(), b = queue.poll();
            queue.add(new Node(a.weight + b.weight, -1, order++, a, b));
        }
        return queue.poll();
    }

    private static byte[] sample() {
        StringBuilder b = new StringBuilder();
        String[] words = {"the", "quick", "brown", "caturra", "bean", "roast", "machine", "virtual", "of", "and"};
        int seed = 3;
        while (b.length() < 40_000) {
            seed = seed * 1103515245 + 12345;
            b.append(words[(seed >>> 16) % words.length]).append((seed >>> 28) == 0 ? ".\n" : " ");
        }
        return b.toString().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private final byte[] input = sample();

    @Override
    protected long iterate() {
        int[] symbols = matches(input);
        Node root = tree(symbols);
        int[] codes = new int[256 + LONGEST], lengths = new int[256 + LONGEST];
        root.codes(0, 0, codes, lengths);
        Bits bits = new Bits();
        for (int i = 0; i < symbols.length; i += 2) {
            bits.write(codes[symbols[i]], lengths[symbols[i]]);
            if (symbols[i] >= 256) {
                bits.write(symbols[i + 1], 12);
            }
        }
        int size = bits.count;
        bits.count = 0;
        byte[] out = new byte[input.length];
        for (int n = 0; n < out.length; ) {
            Node node = root;
            while (node.zero != null) {
                node = bits.read() == 0 ? node.zero : node.one;
            }
            if (node.symbol < 256) {
                out[n++] = (byte) node.symbol;
            } else {
                int length = node.symbol - 256 + SHORTEST, distance = bits.read(12);
                for (int k = 0; k < length; k++, n++) {
                    out[n] = out[n - distance];
                }
            }
        }
        return Arrays.equals(input, out) ? size * 31L + Arrays.hashCode(out) : -1;
    }

    public static void main(String[] args) {
        new Compression().start(args);
    }
}
