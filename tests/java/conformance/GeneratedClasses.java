import java.lang.invoke.*;
import java.lang.ref.WeakReference;
import java.lang.reflect.*;
import java.net.URI;
import java.util.*;
import javax.tools.*;

/** Classes made at run time: by the compiler in memory, as proxies, as hidden classes; loaders dropped and collected. */
public class GeneratedClasses {
    static final Map<String, byte[]> MADE = new HashMap<>();

    static class Output extends SimpleJavaFileObject {
        final String name;

        Output(String name) {
            super(URI.create("mem:///" + name + ".class"), Kind.CLASS);
            this.name = name;
        }

        @Override
        public java.io.OutputStream openOutputStream() {
            return new java.io.ByteArrayOutputStream() {
                @Override
                public void close() { MADE.put(name, toByteArray()); }
            };
        }
    }

    static void compile(String name, String text) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        JavaFileObject source = new SimpleJavaFileObject(URI.create("mem:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignore) { return text; }
        };
        JavaFileManager files = new ForwardingJavaFileManager<>(compiler.getStandardFileManager(null, null, null)) {
            @Override
            public JavaFileObject getJavaFileForOutput(Location l, String n, JavaFileObject.Kind k, FileObject s) {
                return new Output(n);
            }
        };
        if (!compiler.getTask(null, files, null, List.of("-g"), null, List.of(source)).call()) throw new IllegalStateException();
    }

    static class Loader extends ClassLoader {
        Loader() { super(GeneratedClasses.class.getClassLoader()); }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] bytes = MADE.get(name);
            if (bytes == null) throw new ClassNotFoundException(name);
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    public static void main(String[] args) throws Throwable {
        compile("Made", "import java.util.function.*; public class Made implements IntUnaryOperator {"
            + " record P(int a, String b) {} enum E { A, B { int f() { return 2; } }; int f() { return 1; } }"
            + " sealed interface S permits X, Y {} static final class X implements S {} static final class Y implements S {}"
            + " static int count; static String text(Object o) { return o instanceof P p ? p.b() + p : \"\" + o; }"
            + " public int applyAsInt(int n) { count++; Supplier<Integer> s = () -> n + count; int e = 0; for (E x : E.values()) e += x.f();"
            + " return switch (text(new P(n, \"b\")).length() % 3) { case 0 -> s.get(); case 1 -> e; default -> s.get() * e; }; } }");
        System.out.println(new TreeSet<>(MADE.keySet()));
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        long sum = 0;
        for (int i = 0; i < 200; i++) {
            ClassLoader loader = new Loader();
            loaders.add(new WeakReference<>(loader));
            var made = (java.util.function.IntUnaryOperator) loader.loadClass("Made").getDeclaredConstructor().newInstance();
            for (int k = 0; k < 10; k++) sum += made.applyAsInt(k);
        }
        System.out.println("sum " + sum);
        int left = loaders.size();
        for (int i = 0; i < 50 && left > 5; i++) {
            System.gc();
            Thread.sleep(5);
            left = 0;
            for (var w : loaders) if (w.get() != null) left++;
        }
        System.out.println("collected " + (left <= 5));

        MethodHandles.Lookup lookup = MethodHandles.lookup();
        compile("Hidden", "public class Hidden implements Runnable { int n; public void run() { n++; System.out.println(getClass().isHidden() + \" \" + n); } }");
        for (int i = 0; i < 3; i++) {
            Class<?> hidden = lookup.defineHiddenClass(MADE.get("Hidden"), true).lookupClass();
            ((Runnable) hidden.getDeclaredConstructor().newInstance()).run();
        }
        InvocationHandler handler = (proxy, method, a) -> switch (method.getName()) {
            case "compare" -> Integer.compare((Integer) a[1], (Integer) a[0]);
            case "hashCode" -> 5;
            case "equals" -> proxy == a[0];
            default -> InvocationHandler.invokeDefault(proxy, method, a);
        };
        @SuppressWarnings("unchecked")
        Comparator<Integer> backwards = (Comparator<Integer>) Proxy.newProxyInstance(
            GeneratedClasses.class.getClassLoader(), new Class<?>[] {Comparator.class}, handler);
        List<Integer> numbers = new ArrayList<>(List.of(3, 1, 4, 1, 5, 9, 2, 6));
        numbers.sort(backwards);
        System.out.println(numbers + " " + backwards.hashCode());
        numbers.sort(backwards.reversed());
        System.out.println(numbers);

        MethodHandle pipeline = MethodHandles.constant(String.class, "");
        MethodHandle concat = lookup.findVirtual(String.class, "concat", MethodType.methodType(String.class, String.class));
        for (int i = 0; i < 40; i++) {
            pipeline = MethodHandles.collectArguments(MethodHandles.insertArguments(concat, 1, "" + i % 10), 0, pipeline);
        }
        System.out.println((String) pipeline.invokeExact());
    }
}
