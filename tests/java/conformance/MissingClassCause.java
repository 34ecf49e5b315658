import java.io.InputStream;

/** A NoClassDefFoundError has the loader's ClassNotFoundException as cause, and none where no loader threw one. */
public class MissingClassCause {
    static class Absent { }

    public static class Reader {
        public static Object read() { return new Absent(); }
    }

    /** Answers for `Absent` as it is told: with null, another class, an exception. */
    static class Stubborn extends ClassLoader {
        final String answer;

        Stubborn(String answer) {
            super(MissingClassCause.class.getClassLoader());
            this.answer = answer;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.endsWith("$Reader")) {
                Class<?> known = findLoadedClass(name);
                if (known != null) return known;
                try (InputStream in = getParent().getResourceAsStream(name + ".class")) {
                    byte[] bytes = in.readAllBytes();
                    return defineClass(name, bytes, 0, bytes.length);
                } catch (java.io.IOException e) {
                    throw new ClassNotFoundException(name, e);
                }
            }
            if (!name.endsWith("$Absent")) return super.loadClass(name, resolve);
            switch (answer) {
                case "null": return null;
                case "other": return String.class;
                case "primitive": return int.class;
                default: throw new ClassNotFoundException("told so: " + name);
            }
        }
    }

    public static void main(String[] args) throws Exception {
        for (String answer : new String[] {"null", "other", "primitive", "exception"}) {
            Class<?> reader = Class.forName("MissingClassCause$Reader", false, new Stubborn(answer));
            try {
                reader.getDeclaredMethod("read").invoke(null);
            } catch (IllegalAccessException | java.lang.reflect.InvocationTargetException e) {
                System.out.println(answer + ": " + e.getCause() + " / " + e.getCause().getCause());
            }
        }
        for (String name : new String[] {"[Q", "[", "[[", "[L;", "[Labsent;", "[I;", "java.lang.absent"}) {
            try {
                System.out.println(Class.forName(name));
            } catch (ClassNotFoundException e) {
                System.out.println(e);
            }
        }
    }
}
