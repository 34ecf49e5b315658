import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A small XML reader that reports events to a handler interface; one handler builds a tree, one counts. */
public class XmlEvents extends Harness {
    interface Handler {
        void start(String name, Map<String, String> attributes);

        void text(String text);

        void end(String name);
    }

    static final class Reader {
        private final char[] in;
        private int at;

        Reader(String text) {
            in = text.toCharArray();
        }

        void read(Handler handler) {
            ArrayDeque<String> open = new ArrayDeque<>();
            StringBuilder text = new StringBuilder();
            while (at < in.length) {
                if (in[at] != '<') {
                    text.append(in[at] == '&' ? entity() : in[at++]);
                    continue;
                }
                if (text.length() > 0) {
                    handler.text(text.toString());
                    text.setLength(0);
                }
                at++;
                if (in[at] == '/') {
                    at++;
                    String name = name();
                    if (!name.equals(open.pop())) {
                        throw new IllegalArgumentException("end of " + name);
                    }
                    at++;
                    handler.end(name);
                } else if (in[at] == '!') {
                    while (!(in[at] == '>' && in[at - 1] == '-' && in[at - 2] == '-')) {
                        at++;
                    }
                    at++;
                } else {
                    String name = name();
                    Map<String, String> attributes = attributes();
                    handler.start(name, attributes);
                    if (in[at] == '/') {
                        at++;
                        handler.end(name);
                    } else {
                        open.push(name);
                    }
                    at++;
                }
            }
        }

        private String name() {
            int start = at;
            while (Character.isLetterOrDigit(in[at]) || in[at] == '-' || in[at] == ':') {
                at++;
            }
            return new String(in, start, at - start);
        }

        private Map<String, String> attributes() {
            Map<String, String> map = null;
            while (true) {
                while (in[at] == ' ' || in[at] == '\n') {
                    at++;
                }
                if (in[at] == '>' || in[at] == '/') {
                    return map == null ? Map.of() : map;
                }
                String key = name();
                at += 2;
                StringBuilder value = new StringBuilder();
                while (in[at] != '"') {
                    value.append(in[at] == '&' ? entity() : in[at++]);
                }
                at++;
                if (map == null) {
                    map = new HashMap<>();
                }
                map.put(key, value.toString());
            }
        }

        private char entity() {
            int start = ++at;
            while (in[at] != ';') {
                at++;
            }
            String name = new String(in, start, at++ - start);
            return switch (name) {
                case "lt" -> '<';
                case "gt" -> '>';
                case "amp" -> '&';
                case "quot" -> '"';
                default -> (char) Integer.parseInt(name.substring(1));
            };
        }
    }

    static final class Element {
        final String name;
        final Map<String, String> attributes;
        final List<Element> children = new ArrayList<>();
        String text = "";

        Element(String name, Map<String, String> attributes) {
            this.name = name;
            this.attributes = attributes;
        }

        long hash() {
            long h = name.hashCode() * 31L + text.hashCode();
            for (Map.Entry<String, String> e : attributes.entrySet()) {
                h += e.getKey().hashCode() ^ e.getValue().hashCode();
            }
            for (Element c : children) {
                h = h * 31 + c.hash();
            }
            return h;
        }
    }

    static final class Builder implements Handler {
        final Element root = new Element("root", Map.of());
        private final ArrayDeque<Element> path = new ArrayDeque<>(List.of(root));

        @Override
        public void start(String name, Map<String, String> attributes) {
            Element e = new Element(name, attributes);
            path.peek().children.add(e);
            path.push(e);
        }

        @Override
        public void text(String text) {
            Element e = path.peek();
            e.text = e.text.isEmpty() ? text.strip() : e.text + text.strip();
        }

        @Override
        public void end(String name) {
            path.pop();
        }
    }

    static final class Counter implements Handler {
        long elements, characters, depth, deepest;

        @Override
        public void start(String name, Map<String, String> attributes) {
            elements++;
            deepest = Math.max(deepest, ++depth);
        }

        @Override
        public void text(String text) {
            characters += text.length();
        }

        @Override
        public void end(String name) {
            depth--;
        }
    }

    private static String sample() {
        StringBuilder b = new StringBuilder("<library>");
        for (int i = 0; i < 500; i++) {
            b.append("\n <book id=\"b").append(i).append("\" lang=\"e&amp;n\"><!-- number ").append(i)
                    .append(" --><title>Title &lt;").append(i * 31 % 97).append("&gt;</title><price cur=\"EUR\">")
                    .append(i % 50).append(".95</price><empty/></book>");
        }
        return b.append("</library>").toString();
    }

    private final String text = sample();

    @Override
    protected long iterate() {
        long sum = 0;
        for (int i = 0; i < 4; i++) {
            Builder builder = new Builder();
            new Reader(text).read(builder);
            Counter counter = new Counter();
            new Reader(text).read(counter);
            sum = sum * 31 + builder.root.hash() + counter.elements + counter.characters * 7 + counter.deepest;
        }
        return sum;
    }

    public static void main(String[] args) {
        new XmlEvents().start(args);
    }
}
