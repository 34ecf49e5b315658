import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.stream.Collectors;

public class Strings {
    public static void main(String[] args) throws Exception {
        String s = "The quick brown fox \u2014 jumped over 13 lazy dogs\u00e9";
        System.out.println(Arrays.toString(s.split(" ")) + s.split("o", 3).length + Arrays.toString(",a,,b,,".split(",")) + Arrays.toString(",a,,b,,".split(",", -1)));
        System.out.println(String.join("|", List.of("a", "b")) + "ab".repeat(3) + " x ".strip() + "\u2003x\u2003".trim().length() + "\u2003x\u2003".strip() + "  a".stripLeading() + " ".isBlank() + "".isEmpty());
        System.out.println("" + "a\nb\r\nc".lines().collect(Collectors.toList()) + "x".compareToIgnoreCase("X") + "Straße".toUpperCase() + "İ".toLowerCase().length() + "ǆ".toUpperCase() + "ΑΣ".toLowerCase());
        System.out.println(s.codePoints().filter(Character::isUpperCase).count() + " " + "\ud83d\ude00a".codePointCount(0, 3) + " " + "\ud83d\ude00a".offsetByCodePoints(0, 1) + " " + new StringBuilder("\ud83d\ude00a").reverse() + " " + "a\ud83d\ude00".codePointAt(1));
        System.out.println("abcabc".replace("bc", "X") + "abcabc".replaceAll("[ab]+", "<$0>") + "a.b.c".replace(".", "") + "aaa".replaceFirst("a", "b") + "x".replace("", "-"));
        System.out.println("hello".chars().sum() + " " + "hello".hashCode() + " " + "\u4e2d\u6587".hashCode() + " " + "".hashCode() + " " + "hello".contentEquals(new StringBuilder("hello")) + " " + "Hello".regionMatches(true, 1, "ELL", 0, 3));
        System.out.println("%-8s|%8s|%08d|%,d|%+d|%x|%X|%o|%c|%b|%e|%.3f|%10.2e|%g|%a|%%|%n".formatted("ab", "cd", 42, 1234567, 5, 255, 255, 8, 'q', true, 12345.678, Math.PI, 0.00012, 0.5, 1.0).trim());
        System.out.println(String.format("%2$s %1$s %<s %s", "a", "b") + String.format("%5c|%-5b|%h|%S|%tY|%(d|% d|%#x|%#o", 'c', false, "hi", "up", new GregorianCalendar(2020, 0, 1), -5, 5, 255, 8));
        for (String bad : new String[] {"%d", "%z", "%.2d", "%-d", "%5", "%,s"}) {
            try {
                System.out.println(String.format(bad, "x"));
            } catch (IllegalFormatException e) {
                System.out.println(e.getClass().getSimpleName() + " " + e.getMessage());
            }
        }
        byte[] u = s.getBytes(StandardCharsets.UTF_8), l = s.getBytes(StandardCharsets.ISO_8859_1), w = s.getBytes(StandardCharsets.UTF_16);
        System.out.println(u.length + " " + l.length + " " + w.length + " " + new String(u, StandardCharsets.UTF_8).equals(s) + new String(u, StandardCharsets.US_ASCII).length() + new String(new byte[] {(byte) 0xc3, 0x28, (byte) 0xf0, (byte) 0x9f}, "UTF-8").length() + new String(w, "UTF-16").equals(s));
        System.out.println("a\tb".translateEscapes() + "\\n\\u".length() + " x\n  y".indent(2).length() + "abc".transform(x -> x + "!") + "  a\n b".stripIndent() + "ab".describeConstable().get());
        char[] cs = {'d', 'e', 'f'};
        System.out.println(String.valueOf(cs, 1, 2) + new String(cs, 0, 1) + String.copyValueOf(cs) + "abc".toCharArray().length + "x,y;z".split("[,;]").length + "abc".indexOf("") + "abc".lastIndexOf("") + "abab".lastIndexOf("ab", 1));
        StringBuilder b = new StringBuilder("0123456789");
        b.insert(3, "abc").delete(0, 2).replace(1, 3, "\u4e2d").setCharAt(0, '!');
        b.append(1.5f).append(2L).append(true).append((Object) null).append(cs).append("xyz", 1, 2).appendCodePoint(0x1f600).deleteCharAt(1);
        System.out.println(b + " " + b.length() + " " + b.indexOf("ll") + " " + b.charAt(2) + " " + b.compareTo(new StringBuilder("!")));
        System.out.println(new StringJoiner(", ", "{", "}").add("a").add("b").setEmptyValue("none") + " " + new StringTokenizer("a b  c").countTokens() + " " + new StringBuffer("buf").reverse() + " " + CharSequence.compare("a", "b"));
        System.out.println(Integer.toString(-255, 16) + Integer.toOctalString(8) + Integer.parseInt("-7f", 16) + Integer.parseUnsignedInt("4294967295") + Long.toBinaryString(5) + Integer.valueOf("0012") + Integer.decode("#ff") + Character.getNumericValue('x') + Character.digit('f', 16) + Character.forDigit(11, 16));
        System.out.println(Character.isLetter('\u4e2d') + " " + Character.getType('a') + Character.isWhitespace('\u00a0') + Character.isJavaIdentifierStart('$') + Character.getName('a') + Character.toChars(0x1f600).length + Character.isSurrogate('\ud83d') + Character.UnicodeBlock.of('a') + Character.isMirrored('(') + Character.toTitleCase('a'));
    }
}
