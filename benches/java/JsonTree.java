import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses a JSON text into maps and lists, changes it, and writes it again. */
public class JsonTree extends Harness {
    static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        Object parse() {
            Object value = value();
            space();
            if (at != text.length()) {
                throw error("end of text");
            }
            return value;
        }

        private Object value() {
            space();
            switch (text.charAt(at)) {
                case '{':
                    return object();
                case '[':
                    return array();
                case '"':
                    return string();
                case 't':
                    return word("true", Boolean.TRUE);
                case 'f':
                    return word("false", Boolean.FALSE);
                case 'n':
                    return word("null", null);
                default:
                    return number();
            }
        }

        private Object word(String word, Object value) {
            if (!text.startsWith(word, at)) {
                throw error(word);
            }
            at += word.length();
            return value;
        }

        private Map<String, Object> object() {
            Map<String, Object> map = new LinkedHashMap<>();
            at++;
            space();
            if (text.charAt(at) == '}') {
                at++;
                return map;
            }
            while (true) {
                space();
                String key = string();
                space();
                expect(':');
                map.put(key, value());
                space();
                if (text.charAt(at) == ',') {
                    at++;
                } else {
                    expect('}');
                    return map;
                }
            }
        }

        private List<Object> array() {
            List<Object> list = new ArrayList<>();
            at++;
            space();
            if (text.charAt(at) == ']') {
                at++;
                return list;
            }
            while (true) {
                list.add(value());
                space();
                if (text.charAt(at) == ',') {
                    at++;
                } else {
                    expect(']');
                    return list;
                }
            }
        }

        private String string() {
            expect('"');
            int start = at;
            while (text.charAt(at) != '"' && text.charAt(at) != '\\') {
                at++;
            }
            if (text.charAt(at) == '"') {
                return text.substring(start, at++);
            }
            StringBuilder b = new StringBuilder(text.substring(start, at));
            while (true) {
                char c = text.charAt(at++);
                if (c == '"') {
                    return b.toString();
                }
                if (c != '\\') {
                    b.append(c);
                    continue;
                }
                c = text.charAt(at++);
                switch (c) {
                    case 'n' -> b.append('\n');
                    case 't' -> b.append('\t');
                    case 'u' -> {
                        b.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                        at += 4;
                    }
                    default -> b.append(c);
                }
            }
        }

        private Object number() {
            int start = at;
            boolean whole = true;
            while (at < text.length()) {
                char c = text.charAt(at);
                if (c == '.' || c == 'e' || c == 'E') {
                    whole = false;
                } else if (!(c >= '0' && c <= '9' || c == '-' || c == '+')) {
                    break;
                }
                at++;
            }
            String digits = text.substring(start, at);
            return whole ? (Object) Long.valueOf(digits) : Double.valueOf(digits);
        }

        private void space() {
            while (at < text.length() && text.charAt(at) <= ' ') {
                at++;
            }
        }

        private void expect(char c) {
            if (text.charAt(at) != c) {
                throw error(String.valueOf(c));
            }
            at++;
        }

        private IllegalArgumentException error(String wanted) {
            return new IllegalArgumentException("expected " + wanted + " at " + at);
        }
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> map) {
            char before = '{';
            for (Map.Entry<?, ?> e : map.entrySet()) {
                out.append(before);
                write(e.getKey(), out);
                out.append(':');
                write(e.getValue(), out);
                before = ',';
            }
            out.append(before == '{' ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            out.append('[');
            for (int i = 0; i < list.size(); i++) {
                if (i > 0) {
                    out.append(',');
                }
                write(list.get(i), out);
            }
            out.append(']');
        } else if (value instanceof String s) {
            out.append('"');
            for (int i = 0; i < s.length(); i++) {
                char c = s.charAt(i);
                if (c == '"' || c == '\\') {
                    out.append('\\').append(c);
                } else if (c < ' ') {
                    out.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
                } else {
                    out.append(c);
                }
            }
            out.append('"');
        } else {
            out.append(value);
        }
    }

    private static String sample() {
        StringBuilder b = new StringBuilder("[");
        for (int i = 0; i < 600; i++) {
            b.append(i == 0 ? "" : ",\n  ").append("{\"id\": ").append(i).append(", \"name\": \"user ").append(i)
                    .append("\", \"quote\": \"a \\\"b\\\" \\u00e9\\n\", \"tags\": [\"x\", \"y").append(i % 7)
                    .append("\"], \"score\": ").append(i * 0.25).append(", \"active\": ").append(i % 3 == 0)
                    .append(", \"parent\": ").append(i % 5 == 0 ? "null" : "{\"id\": " + i / 5 + "}").append('}');
        }
        return b.append(']').toString();
    }

    private final String text = sample();

    @Override
    protected long iterate() {
        long hash = 0;
        for (int round = 0; round < 5; round++) {
            Object tree = new Parser(text).parse();
            long total = 0;
            for (Object item : (List<?>) tree) {
                @SuppressWarnings("unchecked")
                Map<String, Object> map = (Map<String, Object>) item;
                total += (Long) map.get("id");
                map.put("round", (long) round);
                map.remove("active");
            }
            StringBuilder out = new StringBuilder();
            write(tree, out);
            hash = hash * 31 + out.toString().hashCode() + total;
        }
        return hash;
    }

    public static void main(String[] args) {
        new JsonTree().start(args);
    }
}
