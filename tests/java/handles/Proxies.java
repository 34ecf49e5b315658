import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.Arrays;
import java.util.Comparator;

public class Proxies {
    interface Calc { int add(int a, long b); String name(); void nothing(); boolean[] flags(char c, double... d); default int twice(int x) { return add(x, x); } }
    interface Marker {}
    interface Throws { void io() throws java.io.IOException; }

    public static void main(String[] args) throws Exception {
        InvocationHandler h = (p, m, a) -> {
            System.out.println(m.getName() + " " + m.getDeclaringClass().getSimpleName() + " " + Arrays.deepToString(a));
            return switch (m.getName()) {
                case "add" -> (int) a[0] + (int) (long) a[1];
                case "name" -> "proxied";
                case "hashCode" -> 42;
                case "equals" -> p == a[0];
                case "toString" -> "proxy!";
                case "flags" -> new boolean[] {true};
                case "twice" -> InvocationHandler.invokeDefault(p, m, a);
                case "io" -> throw new java.io.IOException("checked");
                case "run" -> throw new Exception("undeclared");
                case "compare" -> "wrong type";
                case "get" -> null;
                default -> null;
            };
        };
        Object o = Proxy.newProxyInstance(Proxies.class.getClassLoader(), new Class<?>[] {Calc.class, Marker.class, Throws.class, Runnable.class, Comparator.class, java.util.function.IntSupplier.class}, h);
        Calc c = (Calc) o;
        System.out.println(c.add(3, 4L) + c.name() + c.flags('x', 1, 2.5).length + c.hashCode() + c.equals(c) + c.equals("x") + c + c.twice(10));
        c.nothing();
        try {
            ((Throws) o).io();
        } catch (java.io.IOException e) {
            System.out.println(e.getMessage());
        }
        try {
            ((Runnable) o).run();
        } catch (UndeclaredThrowableException e) {
            System.out.println(e.getCause().getMessage());
        }
        try {
            ((Comparator<?>) o).compare(null, null);
        } catch (ClassCastException e) {
            System.out.println("wrong result type");
        }
        try {
            InvocationHandler nul = (p, m, a) -> null;
            ((java.util.function.IntSupplier) Proxy.newProxyInstance(Proxies.class.getClassLoader(), new Class<?>[] {java.util.function.IntSupplier.class}, nul)).getAsInt();
        } catch (NullPointerException e) {
            System.out.println("null for int");
        }
        System.out.println(Proxy.isProxyClass(o.getClass()) + " " + (Proxy.getInvocationHandler(o) == h) + " " + (o instanceof Marker) + " " + o.getClass().getSimpleName().startsWith("$Proxy") + " "
                + java.lang.reflect.Modifier.toString(o.getClass().getModifiers()) + " " + o.getClass().getSuperclass() + " " + o.getClass().getInterfaces().length);
        try {
            Proxy.newProxyInstance(Proxies.class.getClassLoader(), new Class<?>[] {String.class}, h);
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        Comparator<String> mh = MethodHandleProxies.asInterfaceInstance(Comparator.class, MethodHandles.lookup().findVirtual(String.class, "compareToIgnoreCase", MethodType.methodType(int.class, String.class)));
        System.out.println(mh.compare("ABC", "abd"));
        Method m = Calc.class.getMethod("add", int.class, long.class);
        System.out.println(m.invoke(o, 1, 2L));
    }
}
