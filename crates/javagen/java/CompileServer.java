import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import javax.tools.*;

/**
 * Compiles on request, many times in one VM. A request is one line: class directory, options, and source files,
 * separated by tabs, after {@code together} (one run of the compiler) or {@code each} (a run for each file).
 * The answer: a line {@code ok FILE} or {@code fail FILE MESSAGE} for each file, then {@code done}.
 */
public class CompileServer {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, "UTF-8");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StandardJavaFileManager files = compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8);
        for (String line; (line = in.readLine()) != null; ) {
            String[] words = line.split("\t");
            List<String> options = new ArrayList<>(List.of("-d", words[1], "-nowarn", "-proc:none", "-Xlint:none"));
            for (String option : words[2].split(" ")) {
                if (!option.isEmpty()) {
                    options.add(option);
                }
            }
            List<String> sources = Arrays.asList(words).subList(3, words.length);
            if (words[0].equals("together")) {
                String error = compile(compiler, files, options, sources);
                if (error == null) {
                    sources.forEach(s -> out.println("ok\t" + s));
                    out.println("done");
                    continue;
                }
            }
            for (String source : sources) {
                String error = compile(compiler, files, options, List.of(source));
                out.println(error == null ? "ok\t" + source : "fail\t" + source + "\t" + error);
            }
            out.println("done");
        }
    }

    /** Returns the first error, or null. */
    private static String compile(JavaCompiler compiler, StandardJavaFileManager files, List<String> options, List<String> sources) {
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        try {
            boolean ok = compiler.getTask(Writer.nullWriter(), files, found, options, null,
                    files.getJavaFileObjectsFromStrings(sources)).call();
            if (ok) {
                return null;
            }
        } catch (RuntimeException e) {
            return e.toString().replace('\n', ' ');
        }
        for (Diagnostic<?> d : found.getDiagnostics()) {
            if (d.getKind() == Diagnostic.Kind.ERROR) {
                return d.toString().replace('\n', ' ').replace('\t', ' ');
            }
        }
        return "no message";
    }
}
