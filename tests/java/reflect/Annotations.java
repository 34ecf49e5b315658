import java.lang.annotation.*;
import java.lang.reflect.*;
import java.util.Arrays;

public class Annotations {
    enum Level { LOW, HIGH }
    @Retention(RetentionPolicy.RUNTIME) @interface Inner { int value() default 3; }
    @Retention(RetentionPolicy.RUNTIME) @Inherited @Documented @Target({ElementType.TYPE, ElementType.METHOD, ElementType.FIELD, ElementType.PARAMETER, ElementType.CONSTRUCTOR})
    @interface Full { boolean z() default true; byte b() default 1; short s() default 2; char c() default 'c'; int i() default 4; long l() default 5; float f() default 6.5f; double d() default 7.5; String t() default "text\n\"q\""; Class<?> k() default int[].class; Level e() default Level.HIGH; Inner n() default @Inner; int[] is() default {1, 2}; String[] ts() default {}; Class<?>[] ks() default {String.class, void.class}; Inner[] ns() default {@Inner(1), @Inner(2)}; Level[] es() default Level.LOW; }
    @Retention(RetentionPolicy.RUNTIME) @Repeatable(Tags.class) @interface Tag { String value(); }
    @Retention(RetentionPolicy.RUNTIME) @interface Tags { Tag[] value(); }
    @Retention(RetentionPolicy.RUNTIME) @Target({ElementType.TYPE_USE, ElementType.TYPE_PARAMETER}) @interface Use { String value() default ""; }
    @Retention(RetentionPolicy.CLASS) @interface Invisible {}

    @Full(i = 40, t = "other") @Tag("a") @Tag("b") @Invisible @Deprecated static class Annotated<@Use("tp") T> extends @Use("super") Object { @Full @Use("field") String f; @Inner(9) Annotated(@Full int a, @Tag("p") String b) {} @Tag("single") public @Use("ret") int m(@Inner Object o) throws @Use("throws") Exception { return 1; } }
    static class Heir extends Annotated<String> { Heir() { super(1, ""); } }

    public static void main(String[] args) throws Exception {
        Full full = Annotated.class.getAnnotation(Full.class);
        System.out.println(full);
        System.out.println(full.i() + full.t() + full.k() + full.e() + full.n().value() + Arrays.toString(full.is()) + full.annotationType());
        System.out.println(full.equals(Annotated.class.getAnnotation(Full.class)) + " " + full.equals(Heir.class.getAnnotation(Full.class)) + " " + full.equals(Annotated.class.getDeclaredField("f").getAnnotation(Full.class)));
        System.out.println(Annotated.class.getDeclaredField("f").getAnnotation(Full.class).hashCode() == Annotated.class.getDeclaredConstructors()[0].getParameters()[0].getAnnotation(Full.class).hashCode());
        System.out.println(Arrays.toString(Annotated.class.getAnnotationsByType(Tag.class)) + " " + Annotated.class.getAnnotation(Tag.class) + " " + Annotated.class.getAnnotation(Tags.class).value().length);
        System.out.println(Arrays.toString(Annotated.class.getAnnotations()).length() > 100);
        System.out.println(Heir.class.getAnnotations().length + " " + Heir.class.getDeclaredAnnotations().length + " " + Annotated.class.isAnnotationPresent(Invisible.class) + Annotated.class.isAnnotationPresent(Deprecated.class));
        Method m = Annotated.class.getMethod("m", Object.class);
        System.out.println(m.getAnnotation(Tag.class) + Arrays.deepToString(m.getParameterAnnotations()) + m.getAnnotatedReturnType() + Arrays.toString(m.getAnnotatedExceptionTypes()));
        System.out.println(Annotated.class.getDeclaredField("f").getAnnotatedType() + " " + Annotated.class.getAnnotatedSuperclass() + " " + Arrays.toString(Annotated.class.getTypeParameters()[0].getAnnotations()));
        System.out.println(Arrays.deepToString(Annotated.class.getDeclaredConstructors()[0].getParameterAnnotations()).length() > 50);
        System.out.println(Full.class.getMethod("d").getDefaultValue() + " " + Inner.class.getMethod("value").getDefaultValue());
        int[] mine = full.is();
        mine[0] = 99;
        System.out.println(full.is()[0] + " " + Proxy.isProxyClass(full.getClass()) + " " + Annotated.class.getAnnotation(Deprecated.class).forRemoval());
    }
}
