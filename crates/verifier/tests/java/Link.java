import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;

/**
 * Links the class files of a stream, each in a loader of its own, and writes for each what HotSpot says: "accepted",
 * or the error, after "not defined: " where linking was not reached. The loader defines the classes of a directory
 * itself, so that each class file sees all of them.
 */
public class Link extends ClassLoader {
    static final Map<String, byte[]> SUBJECTS = new HashMap<>();

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            byte[] subject = SUBJECTS.get(name);
            if (known != null || subject == null) return known != null ? known : super.loadClass(name, resolve);
            return defineClass(name, subject, 0, subject.length);
        }
    }

    static String attempt(byte[] file, String name) {
        Class<?> c;
        try {
            c = new Link().defineClass(name, file, 0, file.length);
        } catch (Throwable t) {
            return "not defined: " + t;
        }
        try {
            try {
                c.getDeclaredFields();
            } catch (NoClassDefFoundError | TypeNotPresentException e) {
                // From the types of the fields, or from linking: tell them apart by trying again.
                try {
                    c.getDeclaredConstructors();
                } catch (LinkageError again) {
                    if (again.getClass() != e.getClass() || !again.getMessage().equals(e.getMessage())) return "accepted";
                    return e.toString();
                }
            }
            return "accepted";
        } catch (Throwable t) {
            return t.toString();
        }
    }

    public static void main(String[] arguments) throws IOException {
        for (String folder : new String[] {"", "other", "p"}) {
            Path directory = Path.of(arguments[0], folder);
            if (!Files.isDirectory(directory)) continue;
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                for (Path p : files) add(p, folder.isEmpty() ? "" : folder + ".");
            }
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(arguments[1])));
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(arguments[2])))) {
            for (int count = in.readInt(); count > 0; count--) {
                String name = in.readUTF();
                byte[] text = attempt(in.readNBytes(in.readInt()), name).getBytes(StandardCharsets.UTF_8);
                out.writeInt(text.length);
                out.write(text);
            }
        }
    }

    static void add(Path p, String prefix) throws IOException {
        String file = p.getFileName().toString();
        if (file.endsWith(".class")) SUBJECTS.put(prefix + file.substring(0, file.length() - 6), Files.readAllBytes(p));
    }
}
