import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Loaders that define the same class separately: distinct types, delegation, casts that fail, statics kept apart. */
public class CustomLoader extends ClassLoader {
    final String only;
    final List<String> asked = new ArrayList<>();

    CustomLoader(String name, ClassLoader parent, String only) {
        super(name, parent);
        this.only = only;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            asked.add(name);
            if (!name.startsWith(only)) return super.loadClass(name, resolve);
            Class<?> c = findLoadedClass(name);
            return c != null ? c : findClass(name);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) throw new ClassNotFoundException(name);
            byte[] b = in.readAllBytes();
            return defineClass(name, b, 0, b.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    public static class Counter implements java.util.function.IntSupplier {
        static int count;
        public int getAsInt() { return ++count + new Helper().add(); }
    }

    public static class Helper {
        int add() { return 100; }
    }

    public static void main(String[] args) throws Exception {
        ClassLoader app = CustomLoader.class.getClassLoader();
        CustomLoader l1 = new CustomLoader("first", app, "CustomLoader$"), l2 = new CustomLoader("second", app, "CustomLoader$");
        Class<?> c1 = l1.loadClass("CustomLoader$Counter"), c2 = l2.loadClass("CustomLoader$Counter");
        System.out.println((c1 == c2) + " " + (c1 == Counter.class) + " " + c1.getName().equals(c2.getName()));
        System.out.println(c1.getClassLoader().getName() + " " + c2.getClassLoader() .getName());
        var a = (java.util.function.IntSupplier) c1.getDeclaredConstructor().newInstance();
        var b = (java.util.function.IntSupplier) c2.getDeclaredConstructor().newInstance();
        System.out.println(a.getAsInt() + " " + a.getAsInt() + " " + b.getAsInt() + " " + new Counter().getAsInt());
        System.out.println(l1.asked);
        try {
            Counter wrong = (Counter) (Object) a;
            System.out.println(wrong);
        } catch (ClassCastException e) {
            System.out.println(e.getMessage().replaceAll("@[0-9a-f]+", "@hash"));
        }
        System.out.println(l1.loadClass("CustomLoader$Counter") == c1);
        System.out.println(Class.forName("CustomLoader$Counter", true, l1) == c1);
        System.out.println(Class.forName("[LCustomLoader$Counter;", false, l1).getComponentType() == c1);
        System.out.println(l1.loadClass("java.lang.String") == String.class);
        try {
            l1.findClass("CustomLoader$Counter");
        } catch (LinkageError e) {
            System.out.println(e.getClass().getName() + " " + e.getMessage().replaceAll("@[0-9a-f]+", "@hash"));
        }
        byte[] bytes = app.getResourceAsStream("CustomLoader$Helper.class").readAllBytes();
        try {
            l1.defineClass("wrong.Name", bytes, 0, bytes.length);
        } catch (NoClassDefFoundError e) {
            System.out.println(e.getMessage());
        }
        try {
            l1.defineClass("java.lang.Evil", bytes, 0, bytes.length);
        } catch (SecurityException e) {
            System.out.println(e.getMessage());
        }
        try {
            l1.loadClass("CustomLoader$None");
        } catch (ClassNotFoundException e) {
            System.out.println(e);
        }
        try {
            Class.forName("no.Where", true, l1);
        } catch (ClassNotFoundException e) {
            System.out.println(e + " " + e.getCause());
        }
        System.out.println(app.getParent().getName() + " " + app.getParent().getParent() + " " + ClassLoader.getSystemClassLoader().getName());
        Class<?> anonymous = new CustomLoader(null, app, "x") {}.defineAnyway();
        System.out.println(anonymous.getName() + " " + anonymous.getClassLoader().getName());
    }

    Class<?> defineAnyway() throws Exception {
        byte[] b = CustomLoader.class.getResourceAsStream("CustomLoader$Helper.class").readAllBytes();
        return defineClass(null, b, 0, b.length);
    }
}
