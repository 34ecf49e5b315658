import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.nio.file.attribute.*;
import java.util.*;
import java.util.stream.Stream;

public class Files1 {
    interface Body { Object run() throws Exception; }
    static Path dir;
    static void t(Body b) { try { System.out.println(b.run()); } catch (Exception e) { System.out.println(e.getClass().getSimpleName() + " " + String.valueOf(e.getMessage()).replace(dir.toString(), "DIR")); } }

    public static void main(String[] args) throws Exception {
        dir = Files.createDirectory(Path.of("work").toAbsolutePath());
        Path f = dir.resolve("f.txt"), d = dir.resolve("a/b/c");
        Files.writeString(f, "line 1\nline 2\n\u4e2d\u6587");
        System.out.println(Files.readAllLines(f) + " " + Files.size(f) + " " + Files.exists(f) + Files.isDirectory(f) + Files.isRegularFile(f) + Files.isReadable(f));
        Files.write(f, List.of("appended"), StandardOpenOption.APPEND);
        System.out.println(Files.readString(f).length() + " " + Files.mismatch(f, f));
        Files.createDirectories(d);
        Files.copy(f, d.resolve("g.txt"));
        Files.move(d.resolve("g.txt"), d.resolve("h.txt"));
        try (Stream<Path> s = Files.walk(dir)) { s.map(p -> dir.relativize(p).toString()).sorted().forEach(System.out::println); }
        try (Stream<Path> s = Files.find(dir, 9, (p, a) -> a.isRegularFile())) { System.out.println(s.count()); }
        try (DirectoryStream<Path> s = Files.newDirectoryStream(dir, "*.txt")) { for (Path p : s) System.out.println(p.getFileName()); }
        t(() -> Files.readString(dir.resolve("none")));
        t(() -> Files.createDirectory(dir));
        t(() -> { Files.delete(dir.resolve("a")); return "deleted"; });
        t(() -> Files.deleteIfExists(dir.resolve("none")));
        t(() -> Files.copy(f, d.resolve("h.txt")));
        t(() -> Files.copy(f, d.resolve("h.txt"), StandardCopyOption.REPLACE_EXISTING).getFileName());
        t(() -> Files.readAllBytes(dir));
        t(() -> Files.newInputStream(dir.resolve("x/y")));
        Files.setPosixFilePermissions(f, PosixFilePermissions.fromString("rw-r-----"));
        System.out.println(PosixFilePermissions.toString(Files.getPosixFilePermissions(f)) + " " + Files.getAttribute(f, "size") + " " + Files.readAttributes(f, BasicFileAttributes.class).isSymbolicLink());
        Files.setLastModifiedTime(f, FileTime.fromMillis(1_000_000_000_000L));
        System.out.println(Files.getLastModifiedTime(f) + " " + f.toFile().lastModified());
        Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("f.txt"));
        System.out.println(Files.isSymbolicLink(link) + " " + Files.readSymbolicLink(link) + " " + Files.isSameFile(f, link) + " " + link.toRealPath().getFileName());
        Path tmp = Files.createTempFile(dir, "pre", ".suf");
        System.out.println(tmp.getFileName().toString().startsWith("pre") + " " + tmp.toString().endsWith(".suf"));
        Files.walkFileTree(dir, new SimpleFileVisitor<>() {
            @Override public FileVisitResult visitFile(Path p, BasicFileAttributes a) throws IOException { Files.delete(p); return FileVisitResult.CONTINUE; }
            @Override public FileVisitResult postVisitDirectory(Path p, IOException e) throws IOException { Files.delete(p); return FileVisitResult.CONTINUE; }
        });
        System.out.println(Files.exists(dir));
        Path p = Path.of("/a/./b/../c//d.txt");
        System.out.println(p + " " + p.normalize() + " " + p.getNameCount() + p.getName(1) + p.getParent() + p.subpath(1, 3) + p.startsWith("/a") + p.endsWith("d.txt") + p.resolveSibling("e") + Path.of("x").compareTo(Path.of("y")) + Path.of("/a/b").relativize(Path.of("/a/c/d")) + p.toUri() + Path.of("").toAbsolutePath().isAbsolute() + p.getRoot());
        t(() -> Path.of("a\0b"));
        PathMatcher m = FileSystems.getDefault().getPathMatcher("glob:**/*.{java,class}");
        System.out.println(m.matches(Path.of("x/y.java")) + " " + m.matches(Path.of("y.txt")));
    }
}
