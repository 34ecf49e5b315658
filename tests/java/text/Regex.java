import java.util.*;
import java.util.regex.*;
import java.util.stream.Collectors;

public class Regex {
    static void find(String re, String in) {
        Matcher m = Pattern.compile(re).matcher(in);
        StringBuilder sb = new StringBuilder(re).append(" in ").append(in).append(':');
        while (m.find()) {
            sb.append(' ').append(m.start()).append('-').append(m.end());
            for (int g = 0; g <= m.groupCount(); g++) sb.append('[').append(m.group(g)).append(']');
        }
        System.out.println(sb);
    }

    public static void main(String[] args) {
        find("(\\w+)@(\\w+)\\.com", "joe@site.com, ann@work.com");
        find("(a|ab)(c|bcd)(d*)", "abcd");
        find("(?i)HELLO|world", "Hello World world");
        find("^(\\d{3})-?(\\d{4})$", "555-1234");
        find("(?m)^\\w", "one\ntwo\nthree");
        find("(?s)a.b", "a\nb axb");
        find("x*", "aaxxb");
        find("x*?y", "xxxy");
        find("x*+x", "xxx");
        find("(?<=\\$)\\d+(?!\\d|\\.)", "$15 $20.5 30");
        find("(?<year>\\d{4})-(?<m>\\d\\d)", "2020-05 1999-12");
        find("(['\"])(.*?)\\1", "say 'hi' and \"yo\"");
        find("\\b[\\p{Lu}]\\p{L}*", "Eine Ärztin und Élan");
        find("[a-z&&[^aeiou]]+", "hello world");
        find("\\p{IsHan}+", "abc\u4e2d\u6587def");
        find("(?:(a)|b)*", "abab");
        find("[^\\s,]+", "a, b,c  d");
        find("\\G\\d", "123a45");
        find("(?x) a  b # comment", "ab");
        find("\\Q.*\\E", "a.*b");
        find("(a+)+$", "aaaaaaaaaaaaab");
        find("\\R", "a\r\nb\nc");
        find("\\X", "e\u0301a");
        System.out.println(Pattern.matches("[\\d.]+", "3.14") + " " + "a1b22".replaceAll("(\\d+)", "<$1>") + " " + Pattern.compile("\\d+").matcher("a1b22").replaceAll(r -> "" + Integer.parseInt(r.group()) * 2) + " " + Pattern.compile(",").splitAsStream("a,b").collect(Collectors.toList()));
        Matcher m = Pattern.compile("(?<k>\\w)=(?<v>\\w)").matcher("a=b");
        System.out.println(m.matches() + m.group("k") + m.group("v") + m.start("v") + m.hitEnd() + m.lookingAt() + m.toMatchResult().groupCount() + Matcher.quoteReplacement("$1\\") + Pattern.quote("a\\Eb"));
        for (String bad : new String[] {"(", "[a", "*a", "a{2,1}", "(?<1>a)", "\\", "(?<a>x)(?<a>y)", "\\k<no>", "[z-a]"}) {
            try {
                Pattern.compile(bad);
                System.out.println("ok " + bad);
            } catch (PatternSyntaxException e) {
                System.out.println(e.getMessage().replace("\n", "|"));
            }
        }
        try {
            m.reset();
            m.group();
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
        System.out.println(new Scanner("12 x 3.5\nline two\n7").useDelimiter("\\s+").tokens().toList());
        Scanner sc = new Scanner("1,2;3").useDelimiter("[,;]");
        int s = 0;
        while (sc.hasNextInt()) s += sc.nextInt();
        System.out.println(s + " " + Pattern.compile("a|b").asPredicate().test("xb") + Pattern.compile("^a", Pattern.MULTILINE | Pattern.CASE_INSENSITIVE).flags());
    }
}
