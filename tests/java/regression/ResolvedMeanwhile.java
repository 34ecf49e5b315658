import java.io.InputStream;

/**
 * A loader that is asked for a class comes back to the very entry that is being resolved, defines the class there, and
 * then fails to define it again: the entry stays resolved.
 */
public class ResolvedMeanwhile {
    public static class Used { }

    public static class User {
        public static Class<?> used() {
            return Used.class;
        }
    }

    static class Loader extends ClassLoader {
        static {
            registerAsParallelCapable();
        }

        int depth;
        Class<?> user;

        Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = ResolvedMeanwhile.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
                byte[] file = in.readAllBytes();
                return defineClass(name, file, 0, file.length);
            } catch (java.io.IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        @Override
        public Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.equals("ResolvedMeanwhile$User")) return user = define(name);
            if (!name.equals("ResolvedMeanwhile$Used")) return super.loadClass(name, resolve);
            if (depth++ == 0) {
                try {
                    System.out.println("inner " + user.getMethod("used").invoke(null));
                } catch (ReflectiveOperationException e) {
                    throw new ClassNotFoundException(name, e);
                }
                System.out.println("defining again");
            }
            return define(name);
        }
    }

    public static void main(String[] args) throws Exception {
        Loader loader = new Loader();
        Class<?> user = loader.loadClass("ResolvedMeanwhile$User");
        for (int i = 0; i < 2; i++) {
            Class<?> used = (Class<?>) user.getMethod("used").invoke(null);
            System.out.println(used + " " + (used.getClassLoader() == loader));
        }
        System.out.println("asked " + loader.depth + " times");
    }
}
