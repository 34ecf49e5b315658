import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles each source file of the arguments by itself, into a directory of its own below the first argument. */
public final class Compile {
    public static void main(String[] args) throws Exception {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
            for (int i = 1; i < args.length; i++) {
                Path source = Path.of(args[i]);
                Path area = source.getParent().getFileName();
                String name = source.getFileName().toString().replace(".java", "");
                Path out = Files.createDirectories(Path.of(args[0], area.toString(), name));
                // Every other program with local variables, which are part of what is verified.
                List<String> options = List.of("-nowarn", "-proc:none", i % 2 == 0 ? "-g" : "-g:source", "-d", out.toString());
                StringWriter said = new StringWriter();
                if (!javac.getTask(said, files, null, options, null, files.getJavaFileObjects(source)).call()) {
                    System.err.print(said);
                    System.exit(1);
                }
            }
        }
    }
}
