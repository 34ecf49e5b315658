import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;

/**
 * Compiles many test programs in one VM, each into a directory of its own, then does to the class files what
 * the test's directives ask (remove, truncate, poke, substitute, append,
 * write, copy, jar).
 *
 * <p>Reads a manifest; prints {@code done<TAB>name} for each job and {@code fail<TAB>name<TAB>line} for each
 * line of a failed job's messages.
 */
final class CompileDriver {
    static final class Job {
        final String name;
        final Path out;
        final List<String> options = new ArrayList<>();
        final List<List<Path>> stages = new ArrayList<>();
        final List<String> actions = new ArrayList<>();

        Job(String name, Path out) {
            this.name = name;
            this.out = out;
        }

        String run() {
            try {
                if (Files.exists(out)) {
                    try (Stream<Path> tree = Files.walk(out)) {
                        for (Path p : (Iterable<Path>) tree.sorted(Comparator.reverseOrder())::iterator) {
                            Files.delete(p);
                        }
                    }
                }
                Files.createDirectories(out);
                for (List<Path> sources : stages) {
                    String message = compile(sources);
                    if (message != null) return message;
                }
                for (String action : actions) {
                    act(action);
                }
                return null;
            } catch (Exception e) {
                return e.toString();
            }
        }

        private String compile(List<Path> sources) throws Exception {
            JavaCompiler compiler = javax.tools.ToolProvider.getSystemJavaCompiler();
            StringWriter messages = new StringWriter();
            List<String> all = new ArrayList<>(List.of(
                    "-d", out.toString(), "-cp", out.toString(), "-encoding", "UTF-8", "-proc:none", "-Xlint:none"));
            all.addAll(options);
            try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
                boolean good = compiler.getTask(
                        messages, files, null, all, null, files.getJavaFileObjectsFromPaths(sources)).call();
                return good ? null : messages.toString();
            }
        }

        private void act(String action) throws Exception {
            String[] words = action.trim().split("\\s+");
            Path file = words[0].equals("jar") ? null : out.resolve(words[1]);
            switch (words[0]) {
                case "remove" -> Files.delete(file);
                case "truncate" -> {
                    byte[] bytes = Files.readAllBytes(file);
                    int n = Integer.parseInt(words[2]);
                    Files.write(file, Arrays.copyOf(bytes, n < 0 ? bytes.length + n : n));
                }
                case "poke" -> {
                    byte[] bytes = Files.readAllBytes(file);
                    byte[] patch = HexFormat.of().parseHex(words[3]);
                    System.arraycopy(patch, 0, bytes, Integer.parseInt(words[2]), patch.length);
                    Files.write(file, bytes);
                }
                case "substitute" -> {
                    if (words[2].length() != words[3].length()) throw new IllegalArgumentException(action);
                    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
                    Files.writeString(file, bytes.replace(words[2], words[3]), StandardCharsets.ISO_8859_1);
                }
                case "append" -> Files.write(file, HexFormat.of().parseHex(words[2]), StandardOpenOption.APPEND);
                case "write" -> {
                    Files.createDirectories(file.getParent());
                    String text = action.trim().split("\\s+", 3).length > 2 ? action.trim().split("\\s+", 3)[2] : "";
                    Files.writeString(file, text.replace("\\n", "\n"));
                }
                case "copy" -> {
                    Path to = out.resolve(words[2]);
                    Files.createDirectories(to.getParent());
                    Files.copy(file, to);
                }
                case "jar" -> jar(Arrays.copyOfRange(words, 1, words.length));
                default -> throw new IllegalArgumentException(action);
            }
        }

        /** Arguments of the jar tool, with file names relative to the class directory. */
        private void jar(String[] words) {
            List<String> args = new ArrayList<>();
            for (int i = 0; i < words.length; i++) {
                boolean isFile = i > 0 && (words[i - 1].equals("-f") || words[i - 1].equals("--manifest"));
                args.add(isFile ? out.resolve(words[i]).toString()
                        : words[i].equals("-C") ? "-C" : words[i].equals("{classes}") ? out.toString() : words[i]);
            }
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            PrintStream print = new PrintStream(text);
            int code = ToolProvider.findFirst("jar").orElseThrow().run(print, print, args.toArray(new String[0]));
            if (code != 0) throw new IllegalStateException("jar " + args + ": " + text);
        }
    }

    public static void main(String[] args) throws Exception {
        List<Job> jobs = new ArrayList<>();
        Job job = null;
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            String[] words = line.split("\t");
            switch (words[0]) {
                case "job" -> jobs.add(job = new Job(words[1], Path.of(words[2])));
                case "option" -> job.options.add(words[1]);
                case "stage" -> job.stages.add(new ArrayList<>());
                case "source" -> job.stages.get(job.stages.size() - 1).add(Path.of(words[1]));
                case "action" -> job.actions.add(words[1]);
                default -> throw new IllegalArgumentException(line);
            }
        }
        jobs.parallelStream().forEach(j -> {
            String message = j.run();
            synchronized (System.out) {
                if (message != null) {
                    message.lines().forEach(l -> System.out.println("fail\t" + j.name + "\t" + l));
                    if (message.isBlank()) System.out.println("fail\t" + j.name + "\tjavac failed");
                }
                System.out.println("done\t" + j.name);
            }
        });
    }
}
