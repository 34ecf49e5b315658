import java.util.TreeSet;

/** The VM asks the security manager before code may use a class it names, and before Class.forName gives one. */
public class PackageAccess {
    static final TreeSet<String> asked = new TreeSet<>();
    static boolean open;

    static class Resolves {
        static long crc() {
            return new java.util.zip.CRC32().getValue();
        }

        static Object array() {
            return new java.util.zip.Adler32[2];
        }
    }

    public static void main(String[] args) throws Exception {
        System.setSecurityManager(new SecurityManager() {
            @Override
            public void checkPermission(java.security.Permission p) {}

            @Override
            public void checkPackageAccess(String name) {
                if (name.startsWith("java.util.zip") || name.startsWith("java.util.jar")) {
                    asked.add(name);
                    if (!open) {
                        throw new SecurityException("no " + name);
                    }
                }
            }
        });
        for (int i = 0; i < 2; i++) {
            attempt("new", () -> Resolves.crc());
            attempt("array", () -> Resolves.array().getClass());
            attempt("forName", () -> Class.forName("java.util.jar.Manifest"));
            open = true;
        }
        System.out.println(asked);
    }

    interface Action {
        Object run() throws Exception;
    }

    static void attempt(String what, Action action) {
        try {
            System.out.println(what + ": " + action.run());
        } catch (Exception e) {
            System.out.println(what + ": " + e);
        }
    }
}
