import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code java.util.regex} over a log: alternatives, groups, backtracking, replacement. */
public class RegexLibrary extends Harness {
    private static final Pattern LINE =
            Pattern.compile("^(\\d+\\.\\d+\\.\\d+\\.\\d+) \\[([^\\]]+)\\] \"(GET|POST|PUT) ([^ ?\"]+)(\\?[^ \"]*)?\" (\\d{3})$", Pattern.MULTILINE);
    private static final Pattern MAIL = Pattern.compile("[a-z][a-z0-9._]*@(?:[a-z0-9]+\\.)+(?:com|org|net)");
    private static final Pattern NUMBER = Pattern.compile("(?<![0-9])([0-9]{2,4})(?=[^0-9])");
    private static final Pattern BACKTRACK = Pattern.compile("(a+)+b|x(?:y|yy)*z");

    private static String log() {
        StringBuilder b = new StringBuilder();
        String[] verbs = {"GET", "POST", "PUT"};
        for (int i = 0; i < 1500; i++) {
            b.append(i % 250).append('.').append(i * 7 % 256).append(".0.1 [day ").append(i % 31).append("] \"")
                    .append(verbs[i % 3]).append(" /path/").append(i * 13 % 77)
                    .append(i % 2 == 0 ? "?q=user" + i + "@mail" + i % 9 + ".example.org" : "").append("\" ")
                    .append(200 + i % 5).append('\n');
        }
        return b.toString();
    }

    private final String text = log();

    @Override
    protected long iterate() {
        long sum = 0;
        Matcher m = LINE.matcher(text);
        while (m.find()) {
            sum = sum * 31 + m.group(1).hashCode() + m.group(4).length() + Integer.parseInt(m.group(6));
            if (m.group(5) != null) {
                sum += m.start(5);
            }
        }
        m = MAIL.matcher(text);
        while (m.find()) {
            sum = sum * 31 + m.end() - m.start();
        }
        sum = sum * 31 + NUMBER.matcher(text).replaceAll("<$1>").hashCode();
        for (int i = 8; i < 14; i++) {
            sum += BACKTRACK.matcher("a".repeat(i) + "xyyyyyyyz").find() ? i : -i;
        }
        return sum + text.split("[\\n\\[\\]]+").length;
    }

    public static void main(String[] args) {
        new RegexLibrary().start(args);
    }
}
