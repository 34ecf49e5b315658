import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** A JSON parser, printer, path query, merge patch and diff, over records and sealed types. */
public class JsonTool {
    sealed interface Json permits Null, Bool, Num, Str, Arr, Obj {}

    enum Null implements Json { NULL }
    record Bool(boolean value) implements Json {}
    record Num(double value) implements Json {}
    record Str(String value) implements Json {}
    record Arr(List<Json> items) implements Json {}
    record Obj(Map<String, Json> fields) implements Json {}

    static final class ParseError extends RuntimeException {
        final int line;
        final int column;

        ParseError(String message, int line, int column) {
            super(message + " at " + line + ":" + column);
            this.line = line;
            this.column = column;
        }
    }

    static final class Parser {
        private final String text;
        private int pos;
        private int depth;

        Parser(String text) { this.text = text; }

        static Json parse(String text) {
            Parser p = new Parser(text);
            Json j = p.value();
            p.space();
            if (p.pos < text.length()) throw p.error("trailing text");
            return j;
        }

        ParseError error(String message) {
            int line = 1, column = 1;
            for (int i = 0; i < Math.min(pos, text.length()); i++) {
                if (text.charAt(i) == '\n') {
                    line++;
                    column = 1;
                } else {
                    column++;
                }
            }
            return new ParseError(message, line, column);
        }

        private void space() {
            while (pos < text.length() && " \t\r\n".indexOf(text.charAt(pos)) >= 0) pos++;
        }

        private char peek() {
            if (pos >= text.length()) throw error("unexpected end");
            return text.charAt(pos);
        }

        private void expect(char c) {
            if (peek() != c) throw error("expected '" + c + "' but found '" + peek() + "'");
            pos++;
        }

        private Json value() {
            space();
            if (++depth > 200) throw error("too deep");
            try {
                return switch (peek()) {
                    case '{' -> object();
                    case '[' -> array();
                    case '"' -> new Str(string());
                    case 't' -> word("true", new Bool(true));
                    case 'f' -> word("false", new Bool(false));
                    case 'n' -> word("null", Null.NULL);
                    default -> number();
                };
            } finally {
                depth--;
            }
        }

        private Json word(String word, Json value) {
            if (!text.startsWith(word, pos)) throw error("unknown word");
            pos += word.length();
            return value;
        }

        private Json number() {
            int start = pos;
            if (peek() == '-') pos++;
            while (pos < text.length() && "0123456789.eE+-".indexOf(text.charAt(pos)) >= 0) pos++;
            String s = text.substring(start, pos);
            if (s.isEmpty() || s.equals("-")) throw error("not a value");
            if (s.length() > 1 && s.charAt(0) == '0' && Character.isDigit(s.charAt(1))) throw error("leading zero");
            try {
                return new Num(Double.parseDouble(s));
            } catch (NumberFormatException e) {
                throw error("bad number " + s);
            }
        }

        private String string() {
            expect('"');
            StringBuilder b = new StringBuilder();
            while (true) {
                char c = peek();
                pos++;
                if (c == '"') return b.toString();
                if (c < ' ') throw error("control character in string");
                if (c != '\\') {
                    b.append(c);
                    continue;
                }
                c = peek();
                pos++;
                switch (c) {
                    case '"', '\\', '/' -> b.append(c);
                    case 'b' -> b.append('\b');
                    case 'f' -> b.append('\f');
                    case 'n' -> b.append('\n');
                    case 'r' -> b.append('\r');
                    case 't' -> b.append('\t');
                    case 'u' -> {
                        if (pos + 4 > text.length()) throw error("short escape");
                        b.append((char) Integer.parseInt(text.substring(pos, pos + 4), 16));
                        pos += 4;
                    }
                    default -> throw error("unknown escape \\" + c);
                }
            }
        }

        private Json array() {
            expect('[');
            List<Json> items = new ArrayList<>();
            space();
            if (peek() == ']') {
                pos++;
                return new Arr(items);
            }
            while (true) {
                items.add(value());
                space();
                if (peek() == ',') {
                    pos++;
                } else {
                    expect(']');
                    return new Arr(items);
                }
            }
        }

        private Json object() {
            expect('{');
            Map<String, Json> fields = new LinkedHashMap<>();
            space();
            if (peek() == '}') {
                pos++;
                return new Obj(fields);
            }
            while (true) {
                space();
                String key = string();
                space();
                expect(':');
                if (fields.put(key, value()) != null) throw error("duplicate key " + key);
                space();
                if (peek() == ',') {
                    pos++;
                } else {
                    expect('}');
                    return new Obj(fields);
                }
            }
        }
    }

    static String quote(String s) {
        StringBuilder b = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            switch (c) {
                case '"' -> b.append("\\\"");
                case '\\' -> b.append("\\\\");
                case '\n' -> b.append("\\n");
                case '\t' -> b.append("\\t");
                default -> {
                    if (c < ' ' || c > 0x7e) b.append(String.format("\\u%04x", (int) c));
                    else b.append(c);
                }
            }
        }
        return b.append('"').toString();
    }

    static void print(Json j, int indent, StringBuilder out) {
        String pad = "  ".repeat(Math.max(indent, 0));
        if (j instanceof Null) out.append("null");
        else if (j instanceof Bool b) out.append(b.value());
        else if (j instanceof Num n) out.append(n.value() == Math.rint(n.value()) && Math.abs(n.value()) < 1e15 ? String.valueOf((long) n.value()) : String.valueOf(n.value()));
        else if (j instanceof Str s) out.append(quote(s.value()));
        else if (j instanceof Arr a) {
            out.append('[');
            String sep = "";
            for (Json item : a.items()) {
                out.append(sep);
                if (indent >= 0) out.append('\n').append(pad).append("  ");
                print(item, indent < 0 ? -1 : indent + 1, out);
                sep = ",";
            }
            if (indent >= 0 && !a.items().isEmpty()) out.append('\n').append(pad);
            out.append(']');
        } else if (j instanceof Obj o) {
            out.append('{');
            String sep = "";
            for (var e : o.fields().entrySet()) {
                out.append(sep);
                if (indent >= 0) out.append('\n').append(pad).append("  ");
                out.append(quote(e.getKey())).append(indent < 0 ? ":" : ": ");
                print(e.getValue(), indent < 0 ? -1 : indent + 1, out);
                sep = ",";
            }
            if (indent >= 0 && !o.fields().isEmpty()) out.append('\n').append(pad);
            out.append('}');
        }
    }

    static String compact(Json j) {
        StringBuilder b = new StringBuilder();
        print(j, -1, b);
        return b.toString();
    }

    /** Path query: {@code a.b[2].*}; {@code ..name} searches at any depth. */
    static List<Json> query(Json j, String path) {
        if (path.isEmpty()) return List.of(j);
        List<Json> found = new ArrayList<>();
        if (path.startsWith("..")) {
            String rest = path.substring(2);
            walk(j, x -> {
                if (x instanceof Obj) found.addAll(query(x, rest));
            });
            return found;
        }
        if (path.startsWith(".")) path = path.substring(1);
        if (path.startsWith("[")) {
            int end = path.indexOf(']');
            String index = path.substring(1, end), rest = path.substring(end + 1);
            if (j instanceof Arr a) {
                if (index.equals("*")) a.items().forEach(i -> found.addAll(query(i, rest)));
                else {
                    int i = Integer.parseInt(index);
                    if (i < 0) i += a.items().size();
                    if (i >= 0 && i < a.items().size()) found.addAll(query(a.items().get(i), rest));
                }
            }
            return found;
        }
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') end++;
        String name = path.substring(0, end), rest = path.substring(end);
        if (j instanceof Obj o) {
            if (name.equals("*")) o.fields().values().forEach(v -> found.addAll(query(v, rest)));
            else if (o.fields().containsKey(name)) found.addAll(query(o.fields().get(name), rest));
        }
        return found;
    }

    static void walk(Json j, Consumer<Json> c) {
        c.accept(j);
        if (j instanceof Arr a) a.items().forEach(i -> walk(i, c));
        if (j instanceof Obj o) o.fields().values().forEach(i -> walk(i, c));
    }

    static Json merge(Json target, Json patch) {
        if (!(patch instanceof Obj p)) return patch;
        Map<String, Json> out = new LinkedHashMap<>(target instanceof Obj t ? t.fields() : Collections.emptyMap());
        p.fields().forEach((k, v) -> {
            if (v == Null.NULL) out.remove(k);
            else out.merge(k, v, JsonTool::merge);
        });
        return new Obj(out);
    }

    static void diff(String at, Json a, Json b, List<String> out) {
        if (a instanceof Obj x && b instanceof Obj y) {
            x.fields().forEach((k, v) -> {
                if (y.fields().containsKey(k)) diff(at + "/" + k, v, y.fields().get(k), out);
                else out.add("- " + at + "/" + k);
            });
            y.fields().keySet().stream().filter(k -> !x.fields().containsKey(k)).forEach(k -> out.add("+ " + at + "/" + k));
        } else if (a instanceof Arr x && b instanceof Arr y) {
            for (int i = 0; i < Math.max(x.items().size(), y.items().size()); i++) {
                if (i >= x.items().size()) out.add("+ " + at + "/" + i);
                else if (i >= y.items().size()) out.add("- " + at + "/" + i);
                else diff(at + "/" + i, x.items().get(i), y.items().get(i), out);
            }
        } else if (!Objects.equals(a, b)) {
            out.add("~ " + at + " " + compact(a) + " -> " + compact(b));
        }
    }

    public static void main(String[] args) {
        String text = """
                {"name": "caf\\u00e9 \\"x\\"", "tags": ["a", "b", [], {}], "n": -12.5e1, "big": 123456789012,
                 "nested": {"list": [{"id": 1, "v": null}, {"id": 2, "v": true}, {"id": 3}], "id": 99}, "t": "tab\\tnl\\n"}
                """;
        Json j = Parser.parse(text);
        StringBuilder pretty = new StringBuilder();
        print(j, 0, pretty);
        System.out.println(pretty);
        System.out.println(compact(j));
        System.out.println(Parser.parse(pretty.toString()).equals(j) + " " + (j.hashCode() == Parser.parse(compact(j)).hashCode()));
        for (String q : new String[] {"name", "nested.list[*].id", "nested.list[-1]", "..id", "tags[1]", "*", "none.x", "nested.list[7]", "..v"})
            System.out.println(q + " => " + query(j, q).stream().map(JsonTool::compact).toList());
        Json patched = merge(j, Parser.parse("{\"name\": null, \"n\": {\"x\": 1}, \"nested\": {\"id\": null, \"list\": [1]}, \"new\": [true]}"));
        System.out.println(compact(patched));
        List<String> d = new ArrayList<>();
        diff("", j, patched, d);
        d.forEach(System.out::println);
        for (String bad : new String[] {"", "{", "[1,]", "{\"a\":1,}", "\"abc", "01", "tru", "[1 2]", "{\"a\" 1}", "\"\\q\"", "nul", "[\n1,\n  }", "{\"a\":1,\"a\":2}", "1 2", "-", "1e", "[".repeat(300), "\"\u0001\""}) {
            try {
                System.out.println("accepted " + compact(Parser.parse(bad)));
            } catch (ParseError e) {
                System.out.println(e.getMessage() + " (" + e.line + "," + e.column + ")");
            }
        }
        StringBuilder gen = new StringBuilder("[");
        for (int i = 0; i < 3000; i++) gen.append(i == 0 ? "" : ",").append("{\"k").append(i % 17).append("\":[").append(i).append(",\"").append("x".repeat(i % 9)).append("\",").append(i % 3 == 0).append("]}");
        Json big = Parser.parse(gen.append("]").toString());
        int[] count = new int[1];
        walk(big, x -> count[0]++);
        System.out.println(count[0] + " " + compact(big).hashCode() + " " + query(big, "[*].k5[0]").size());
    }
}
