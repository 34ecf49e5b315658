import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.UndeclaredThrowableException;
import java.nio.charset.StandardCharsets;
import java.security.Permission;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PropertyPermission;
import java.util.concurrent.Callable;
import java.util.logging.LoggingPermission;

/**
 * Takes each class file of a batch through its life, in a class loader of its own: defined, looked at by reflection,
 * initialised, called. A line for each tells how every stage ended.
 *
 * <p>{@code Driver BATCH OUTPUT FIRST MILLISECONDS [verbose]}; the batch is what {@code batch.rs} writes. Exit codes: 0
 * all done, 3 a class file had to be stopped, the rest has to be done by another process.
 */
public final class Driver {
    static final int STUCK = 3;
    static final int MAX_CALLS = 12;
    static final int MAX_PARAMETERS = 4;
    static final int MAX_OUTPUT = 1 << 20;

    /** The classes of a program, one of which is to be replaced. */
    static final class Group {
        String main;
        final Map<String, byte[]> classes = new HashMap<>();
    }

    /** Defines the classes of a group, one of them from other bytes. */
    static final class Loader extends ClassLoader {
        final Group group;
        final String name;
        final byte[] bytes;

        Loader(Group group, String name, byte[] bytes) {
            super(ClassLoader.getPlatformClassLoader());
            this.group = group;
            this.name = name;
            this.bytes = bytes;
        }

        @Override
        protected Class<?> loadClass(String wanted, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(wanted)) {
                Class<?> known = findLoadedClass(wanted);
                if (known != null) return known;
                byte[] file = wanted.equals(name) ? bytes : group.classes.get(wanted);
                return file == null ? super.loadClass(wanted, resolve) : defineClass(wanted, file, 0, file.length);
            }
        }
    }

    /** What code from a class file may do besides computing: read properties, reflect, make loaders. */
    static final class Guard extends SecurityManager {
        final Thread main = Thread.currentThread();

        @Override
        public void checkPermission(Permission p) {
            if (Thread.currentThread() == main || isHarmless(p)) return;
            super.checkPermission(p);
        }

        /** Any package: the code of the JDK's own packages is among what is changed. */
        @Override
        public void checkPackageAccess(String name) {}

        static boolean isHarmless(Permission p) {
            if (p instanceof PropertyPermission) return p.getActions().equals("read");
            if (p instanceof LoggingPermission || p instanceof java.lang.reflect.ReflectPermission) return true;
            switch (p.getName()) {
                case "accessDeclaredMembers":
                case "accessSystemModules":
                case "createClassLoader":
                case "getClassLoader":
                case "getProtectionDomain":
                    return p instanceof RuntimePermission;
                default:
                    return false;
            }
        }
    }

    /** Keeps the beginning of what is printed. */
    static final class Output extends ByteArrayOutputStream {
        @Override
        public synchronized void write(int b) {
            if (count < MAX_OUTPUT) super.write(b);
        }

        @Override
        public synchronized void write(byte[] b, int offset, int length) {
            super.write(b, offset, Math.min(length, MAX_OUTPUT - count));
        }
    }

    /** One class file's way. */
    static final class Run implements Runnable {
        final Loader loader;
        final boolean calls;
        final boolean verbose;
        final Output output = new Output();
        final StringBuffer outcome = new StringBuffer();
        volatile boolean done;

        Run(Loader loader, boolean calls, boolean verbose) {
            this.loader = loader;
            this.calls = calls;
            this.verbose = verbose;
        }

        /** Runs a stage; what it yields, or how it failed. */
        void stage(String stage, Callable<String> body) {
            String result;
            try {
                result = body.call();
            } catch (ThreadDeath death) {
                throw death;
            } catch (Throwable t) {
                result = describe(t);
            }
            outcome.append('\t').append(stage).append('=').append(verbose ? result.replace('\t', ' ') : shorten(result));
        }

        @Override
        public void run() {
            try {
                Class<?>[] found = new Class<?>[1];
                stage("define", () -> {
                    found[0] = loader.loadClass(loader.name);
                    return "ok";
                });
                if (found[0] != null) live(found[0]);
                done = true;
            } catch (ThreadDeath death) {
                // Took too long: what there is of the outcome stays.
            } catch (Throwable t) {
                outcome.append("\tdriver=").append(t);
                done = true;
            }
        }

        void live(Class<?> c) {
            stage("link", () -> {
                c.getDeclaredConstructors();
                return "ok";
            });
            stage("members", () -> members(c));
            boolean[] good = new boolean[1];
            stage("init", () -> {
                Class.forName(c.getName(), true, loader);
                good[0] = true;
                return "ok";
            });
            if (calls && good[0]) call(c);
            if (calls && loader.group.main != null) {
                stage("main", () -> {
                    Class<?> main = Class.forName(loader.group.main, true, loader);
                    Method m = main.getMethod("main", String[].class);
                    m.setAccessible(true);
                    m.invoke(null, (Object) new String[0]);
                    return "ok";
                });
            }
            if (output.size() > 0) {
                String text = output.toString(StandardCharsets.UTF_8).replaceAll("@[0-9a-f]{1,8}\\b", "@");
                outcome.append("\toutput=").append(verbose ? text : Integer.toHexString(text.hashCode()));
            }
        }

        void call(Class<?> c) {
            Method[] methods;
            try {
                methods = c.getDeclaredMethods();
            } catch (LinkageError e) {
                return;
            }
            Arrays.sort(methods, Comparator.comparing(Method::toString));
            Object[] receiver = new Object[1];
            stage("new", () -> {
                Constructor<?> constructor = c.getDeclaredConstructor();
                constructor.setAccessible(true);
                receiver[0] = constructor.newInstance();
                return "ok";
            });
            int count = 0;
            for (Method m : methods) {
                boolean isStatic = Modifier.isStatic(m.getModifiers());
                if (!isStatic && receiver[0] == null || m.getParameterCount() > MAX_PARAMETERS || m.getName().equals("main")) continue;
                Object[] arguments = arguments(m.getParameterTypes());
                if (arguments == null) continue;
                if (count++ == MAX_CALLS) break;
                stage(m.getName(), () -> {
                    m.setAccessible(true);
                    return value(m.invoke(receiver[0], arguments));
                });
            }
        }
    }

    static Object[] arguments(Class<?>[] types) {
        Object[] values = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            Class<?> t = types[i];
            if (t == int.class) values[i] = 7 - i;
            else if (t == long.class) values[i] = -9L + i;
            else if (t == double.class) values[i] = 2.5 * i;
            else if (t == float.class) values[i] = 1.5f;
            else if (t == byte.class) values[i] = (byte) -3;
            else if (t == short.class) values[i] = (short) 300;
            else if (t == char.class) values[i] = 'c';
            else if (t == boolean.class) values[i] = true;
            else if (t == String.class || t == Object.class || t == CharSequence.class) values[i] = "seven";
            else if (t == int[].class) values[i] = new int[] {3, 1, 2};
            else return null;
        }
        return values;
    }

    static String value(Object o) {
        if (o == null || o instanceof Number || o instanceof String || o instanceof Boolean || o instanceof Character) {
            return String.valueOf(o).replaceAll("@[0-9a-f]{1,8}\\b", "@");
        }
        return o instanceof int[] ? Arrays.toString((int[]) o) : o.getClass().getName();
    }

    /** The class of an exception and of what caused it, with the message. */
    static String describe(Throwable t) {
        StringBuilder text = new StringBuilder();
        Throwable at = t;
        for (int depth = 0; at != null && depth < 4; depth++, at = at.getCause()) {
            if (at instanceof InvocationTargetException || at instanceof UndeclaredThrowableException) continue;
            text.append(text.length() == 0 ? "!" : "<").append(at.getClass().getName());
        }
        Throwable first = t instanceof InvocationTargetException && t.getCause() != null ? t.getCause() : t;
        String message = null;
        try {
            message = first instanceof LinkageError ? first.getMessage() : null;
        } catch (Throwable bad) {
            message = "?";
        }
        return message == null ? text.toString() : text + ": " + message.replaceAll("@[0-9a-f]{1,8}\\b", "@");
    }

    /** What reflection says about a class, in an order that does not depend on the VM's. */
    static String members(Class<?> c) {
        StringBuilder text = new StringBuilder();
        part(text, () -> c.getModifiers() + " " + c.getSuperclass() + " " + Arrays.toString(c.getInterfaces()));
        part(text, () -> sorted(c.getDeclaredFields()));
        part(text, () -> sorted(c.getDeclaredMethods()));
        part(text, () -> sorted(c.getDeclaredConstructors()));
        part(text, () -> sorted(c.getDeclaredClasses()));
        part(text, () -> c.toGenericString() + " " + c.getGenericSuperclass() + " " + Arrays.toString(c.getGenericInterfaces()));
        part(text, () -> Arrays.toString(c.getDeclaredAnnotations()));
        part(text, () -> c.getDeclaringClass() + " " + c.getEnclosingMethod() + " " + c.getEnclosingConstructor());
        part(text, () -> c.getSimpleName() + c.isAnonymousClass() + c.isLocalClass() + c.isMemberClass());
        part(text, () -> c.getNestHost() + " " + c.isRecord() + " " + c.isSealed() + " " + c.isEnum());
        part(text, () -> Arrays.toString(c.getPermittedSubclasses()));
        part(text, () -> Arrays.toString(c.getRecordComponents()));
        try {
            for (Method m : sortedMethods(c)) {
                part(text, m::toGenericString);
                part(text, () -> Arrays.toString(m.getDeclaredAnnotations()) + Arrays.deepToString(m.getParameterAnnotations()));
                part(text, () -> Arrays.toString(m.getParameters()) + m.getDefaultValue());
            }
        } catch (LinkageError e) {
            // Said above.
        }
        return text.toString();
    }

    static Method[] sortedMethods(Class<?> c) {
        Method[] methods = c.getDeclaredMethods();
        Arrays.sort(methods, Comparator.comparing(Method::toString));
        return methods;
    }

    static String sorted(Object[] things) {
        String[] texts = new String[things.length];
        for (int i = 0; i < texts.length; i++) texts[i] = things[i].toString();
        Arrays.sort(texts);
        return Arrays.toString(texts);
    }

    static void part(StringBuilder text, Callable<String> body) {
        try {
            text.append(body.call());
        } catch (ThreadDeath death) {
            throw death;
        } catch (Throwable t) {
            String said = describe(t);
            int colon = said.indexOf(':');
            text.append(colon < 0 ? said : said.substring(0, colon));
        }
        text.append(';');
    }

    /** Errors as they are up to the message's hash, other results as a hash where they are long. */
    static String shorten(String result) {
        if (result.startsWith("!")) {
            int colon = result.indexOf(':');
            return colon < 0 ? result : result.substring(0, colon) + ":" + Integer.toHexString(result.hashCode());
        }
        return result.length() <= 8 && result.indexOf('\t') < 0 && result.indexOf('\n') < 0
            ? result : "#" + Integer.toHexString(result.hashCode());
    }

    static Group readGroup(DataInputStream in) throws IOException {
        Group group = new Group();
        String main = in.readUTF();
        group.main = main.isEmpty() ? null : main;
        for (int count = in.readInt(); count > 0; count--) {
            String name = in.readUTF();
            group.classes.put(name, in.readNBytes(in.readInt()));
        }
        return group;
    }

    @SuppressWarnings({"deprecation", "removal"})
    public static void main(String[] args) throws Exception {
        int first = Integer.parseInt(args[2]);
        long limit = Long.parseLong(args[3]);
        boolean verbose = args.length > 4;
        PrintStream silent = new PrintStream(OutputStream.nullOutputStream());
        PrintStream stdout = System.out;
        System.setErr(silent);
        System.setSecurityManager(new Guard());
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(args[0]), 1 << 16));
                FileOutputStream out = new FileOutputStream(args[1], true)) {
            Group[] groups = new Group[in.readInt()];
            for (int i = 0; i < groups.length; i++) groups[i] = readGroup(in);
            int count = in.readInt();
            for (int id = 0; id < count; id++) {
                Group group = groups[in.readInt()];
                String name = in.readUTF();
                boolean calls = in.readBoolean();
                byte[] bytes = in.readNBytes(in.readInt());
                if (id < first) continue;
                Run run = new Run(new Loader(group, name, bytes), calls, verbose);
                System.setOut(new PrintStream(run.output, true, StandardCharsets.UTF_8));
                Thread worker = new Thread(null, run, "case", 512 << 10);
                worker.setDaemon(true);
                long start = System.nanoTime();
                worker.start();
                worker.join(limit);
                boolean stuck = worker.isAlive();
                // What a class file does when it is stopped does not count.
                int length = stuck ? run.outcome.length() : Integer.MAX_VALUE;
                for (int tries = 0; tries < 20 && worker.isAlive(); tries++) {
                    worker.stop();
                    worker.join(50);
                }
                String time = verbose ? "\ttime=" + (System.nanoTime() - start) / 1000 : "";
                String end = run.done && !stuck ? "" : "\ttimeout";
                String outcome = run.outcome.toString();
                outcome = outcome.substring(0, Math.min(length, outcome.length()));
                String line = id + outcome.replace("\\", "\\\\").replace("\n", "\\n") + end + time + "\n";
                out.write(line.getBytes(StandardCharsets.UTF_8));
                // A thread that was stopped may have left a class of the JDK half initialised, which later cases would meet.
                if (stuck) Runtime.getRuntime().halt(STUCK);
            }
        }
        Runtime.getRuntime().halt(0);
    }
}
