import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import static java.lang.invoke.MethodType.methodType;

public class Lookups {
    static class Grand { String who() { return "grand"; } static int count = 3; }
    static class Parent extends Grand { @Override String who() { return "parent"; } }
    static class Child extends Parent {
        @Override String who() { return "child"; }
        String grandWho() throws Throwable {
            MethodHandle h = MethodHandles.lookup().findSpecial(Parent.class, "who", methodType(String.class), Child.class);
            MethodHandles.Lookup trusted = MethodHandles.privateLookupIn(Parent.class, MethodHandles.lookup());
            MethodHandle g = trusted.findSpecial(Grand.class, "who", methodType(String.class), Parent.class);
            return (String) h.invokeExact(this) + (String) g.invoke(this);
        }
    }
    interface Itf { default String d() { return "default"; } }
    static class Impl implements Itf { public String d() { return "impl>" + sup(); } String sup() { try { return (String) MethodHandles.lookup().findSpecial(Itf.class, "d", methodType(String.class), Impl.class).invoke(this); } catch (Throwable t) { return t.toString(); } } }
    private int priv = 5;
    private static final String S = "static final";
    final double fin = 2.5;
    private String secret(int n, String s) { return s.repeat(n) + priv; }
    static int sum(int... x) { int t = 0; for (int i : x) t += i; return t; }

    interface Body { Object run() throws Throwable; }
    static void t(String what, Body b) {
        try {
            System.out.println(what + ": " + b.run());
        } catch (Throwable e) {
            System.out.println(what + ": " + e.getClass().getName() + ": " + String.valueOf(e.getMessage()).replaceAll("@[0-9a-f]+", "@h"));
        }
    }

    public static void main(String[] args) throws Throwable {
        MethodHandles.Lookup l = MethodHandles.lookup(), pub = MethodHandles.publicLookup();
        t("findStatic", () -> (int) l.findStatic(Math.class, "max", methodType(int.class, int.class, int.class)).invokeExact(3, 4));
        t("findVirtual", () -> (String) l.findVirtual(String.class, "concat", methodType(String.class, String.class)).invokeExact("a", "b"));
        t("findVirtual interface", () -> (int) l.findVirtual(List.class, "size", methodType(int.class)).invoke(List.of(1, 2)));
        t("findVirtual private", () -> l.findVirtual(Lookups.class, "secret", methodType(String.class, int.class, String.class)).invoke(new Lookups(), 2, "x"));
        t("findConstructor", () -> l.findConstructor(StringBuilder.class, methodType(void.class, String.class)).invoke("made").toString());
        t("findSpecial", () -> new Child().grandWho());
        t("findSpecial interface", () -> new Impl().d());
        t("findGetter", () -> (int) l.findGetter(Lookups.class, "priv", int.class).invokeExact(new Lookups()));
        t("findSetter", () -> { Lookups o = new Lookups(); l.findSetter(Lookups.class, "priv", int.class).invokeExact(o, 9); return o.priv; });
        t("findSetter final", () -> l.findSetter(Lookups.class, "fin", double.class));
        t("findStaticGetter", () -> (String) l.findStaticGetter(Lookups.class, "S", String.class).invokeExact());
        t("findStaticSetter", () -> { l.findStaticSetter(Grand.class, "count", int.class).invokeExact(8); return Grand.count; });
        t("bind", () -> l.bind("text", "length", methodType(int.class)).invoke());
        t("varargs", () -> l.findStatic(Lookups.class, "sum", methodType(int.class, int[].class)).invoke(1, 2, 3));
        t("varargs flag", () -> l.findStatic(Lookups.class, "sum", methodType(int.class, int[].class)).isVarargsCollector());
        t("unreflect", () -> l.unreflect(String.class.getMethod("trim")).invoke("  t "));
        t("unreflectGetter", () -> l.unreflectGetter(Lookups.class.getDeclaredField("priv")).invoke(new Lookups()));
        t("unreflectConstructor", () -> l.unreflectConstructor(Integer.class.getConstructor(int.class)).invoke(5));
        t("findClass", () -> l.findClass("Lookups$Child"));
        t("public: private", () -> pub.findVirtual(Lookups.class, "secret", methodType(String.class, int.class, String.class)));
        t("no such method", () -> l.findVirtual(String.class, "nope", methodType(void.class)));
        t("wrong type", () -> l.findVirtual(String.class, "length", methodType(long.class)));
        t("static as virtual", () -> l.findVirtual(Math.class, "max", methodType(int.class, int.class, int.class)));
        t("virtual as static", () -> l.findStatic(String.class, "length", methodType(int.class)));
        t("no such field", () -> l.findGetter(Lookups.class, "nope", int.class));
        t("static field as instance", () -> l.findGetter(Grand.class, "count", int.class));
        t("special caller", () -> l.findSpecial(Object.class, "toString", methodType(String.class), String.class));
        t("jdk private", () -> l.findVirtual(String.class, "isLatin1", methodType(boolean.class)));
        t("lookup in jdk", () -> MethodHandles.privateLookupIn(String.class, l));
        t("abstract class", () -> l.findConstructor(Number.class, methodType(void.class)).invoke());
        t("exact mismatch", () -> (long) l.findVirtual(String.class, "length", methodType(int.class)).invokeExact("x"));
        t("exact boxed", () -> (Object) l.findVirtual(String.class, "length", methodType(int.class)).invokeExact("x"));
        t("invoke converts", () -> (double) l.findVirtual(String.class, "length", methodType(int.class)).invoke((Object) "xyz"));
        t("invoke cannot", () -> (short) l.findVirtual(String.class, "length", methodType(int.class)).invoke("x"));
        t("too few", () -> l.findVirtual(String.class, "length", methodType(int.class)).invoke());
        t("class cast", () -> (int) l.findVirtual(String.class, "length", methodType(int.class)).invoke((Object) 5));
        t("null receiver", () -> (int) l.findVirtual(String.class, "length", methodType(int.class)).invoke((String) null));
        t("with arguments", () -> l.findVirtual(String.class, "charAt", methodType(char.class, int.class)).invokeWithArguments("abc", 1));
        t("with list", () -> l.findStatic(Lookups.class, "sum", methodType(int.class, int[].class)).invokeWithArguments(List.of(1, 2, 3, 4)));
        t("exception inside", () -> l.findStatic(Integer.class, "parseInt", methodType(int.class, String.class)).invoke("x"));
        t("reveal", () -> l.revealDirect(l.findVirtual(String.class, "length", methodType(int.class))));
        t("access modes", () -> Integer.toHexString(l.lookupModes()) + " " + l.in(String.class).lookupModes() + " " + pub.lookupModes() + " " + l.hasFullPrivilegeAccess());
        t("toString", () -> l.findVirtual(String.class, "length", methodType(int.class)).toString() + methodType(int.class, long[].class, Object.class) + l);
        MethodType mt = MethodType.fromMethodDescriptorString("(I[JLjava/util/List;)V", null);
        System.out.println(mt + " " + mt.erase() + " " + mt.wrap() + " " + mt.generic() + " " + mt.changeReturnType(int.class).insertParameterTypes(1, String.class).dropParameterTypes(0, 1) + " " + mt.toMethodDescriptorString()
                + " " + (mt == methodType(void.class, int.class, long[].class, List.class)) + " " + mt.unwrap().hashCode() % 1);
    }
}
