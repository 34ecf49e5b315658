import java.util.StringJoiner;

/** Strings made in the ways programs make them: builders, concatenation, joiners, formats, UTF-16 text. */
public class StringBuilding extends Harness {
    private static String table(int rows) {
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < rows; i++) {
            b.append("row ").append(i).append(": ").append(i * 1.5).append(", ").append((long) i * i).append(i % 2 == 0).append('\n');
        }
        return b.toString();
    }

    private static String pad(int value, int width) {
        String s = Integer.toString(value);
        while (s.length() < width) {
            s = "0" + s;
        }
        return s;
    }

    private static String reverseWords(String text) {
        StringBuilder b = new StringBuilder(text.length());
        int end = text.length();
        for (int i = text.length() - 1; i >= 0; i--) {
            if (text.charAt(i) == ' ') {
                b.append(text, i + 1, end).append(' ');
                end = i;
            }
        }
        return b.append(text, 0, end).toString();
    }

    private static boolean isPalindrome(String s) {
        for (int i = 0, j = s.length() - 1; i < j; i++, j--) {
            if (s.charAt(i) != s.charAt(j)) {
                return false;
            }
        }
        return true;
    }

    @Override
    protected long iterate() {
        long sum = table(3000).hashCode();
        StringJoiner joiner = new StringJoiner(", ", "[", "]");
        for (int i = 0; i < 12000; i++) {
            joiner.add(pad(i * 37 % 1000, 6));
            String key = "k" + i + ':' + (i & 15) + '/' + (char) ('a' + i % 26);
            sum = sum * 31 + key.hashCode() + key.indexOf('/') + (key.endsWith("z") ? 1 : 0);
            sum += isPalindrome(Integer.toString(i)) ? 1 : 0;
        }
        String joined = joiner.toString();
        sum = sum * 31 + joined.replace(", ", ";").hashCode();
        sum = sum * 31 + reverseWords(joined).hashCode();
        String wide = "naïve — 中文 text ";
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            b.append(wide).append(i);
            if (i % 50 == 0) {
                b.insert(0, "«").append('»');
            }
        }
        String w = b.toString();
        sum = sum * 31 + w.toUpperCase(java.util.Locale.ROOT).hashCode() + w.lastIndexOf("中") + w.substring(100, 200).hashCode();
        for (String part : w.split(" ")) {
            sum = sum * 31 + part.trim().length();
        }
        return sum;
    }

    public static void main(String[] args) {
        new StringBuilding().start(args);
    }
}
