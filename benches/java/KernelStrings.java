/** Interpreter kernel: builders, concatenation, substring, search, comparison, hash codes. */
public class KernelStrings extends Harness {
    @Override
    protected long iterate() {
        long sum = 0;
        for (int i = 0; i < 4000; i++) {
            StringBuilder b = new StringBuilder();
            b.append("item ").append(i).append(':').append(i & 7);
            String s = b.toString();
            sum = sum * 31 + s.hashCode() + s.indexOf(':') + s.substring(5).length();
            String t = "item " + i + ":" + (i & 7);
            if (s.equals(t) && s.compareTo("item 5") > 0) {
                sum += t.charAt(t.length() - 1);
            }
        }
        return sum;
    }

    public static void main(String[] args) {
        new KernelStrings().start(args);
    }
}
