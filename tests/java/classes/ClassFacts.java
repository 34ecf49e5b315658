import java.lang.reflect.Modifier;
import java.util.Arrays;

public class ClassFacts {
    static abstract class Gen<T extends Comparable<T>> implements Comparable<Gen<T>>, java.io.Serializable { protected class In {} }
    enum Color { RED { int n() { return 1; } }, BLUE; int n() { return 0; } }
    @interface Note {}
    record Rec(int a, String b) {}
    sealed interface Seal permits S1, S2 {}
    static final class S1 implements Seal {}
    static non-sealed class S2 implements Seal {}

    static void facts(Class<?> c) {
        System.out.println(c + " | " + c.getSimpleName() + " | " + c.getTypeName() + " | " + c.getCanonicalName() + " | " + Modifier.toString(c.getModifiers())
                + " | " + c.getSuperclass() + " | " + Arrays.toString(c.getInterfaces()) + " | " + c.getEnclosingClass() + " | " + c.getEnclosingMethod()
                + " | " + c.getDeclaringClass() + " | " + c.getNestHost().getSimpleName() + " | " + c.toGenericString() + " | "
                + (c.isInterface() ? "i" : "") + (c.isEnum() ? "e" : "") + (c.isAnnotation() ? "@" : "") + (c.isRecord() ? "r" : "") + (c.isSealed() ? "s" : "")
                + (c.isAnonymousClass() ? "a" : "") + (c.isLocalClass() ? "l" : "") + (c.isMemberClass() ? "m" : "") + (c.isPrimitive() ? "p" : "")
                + (c.isSynthetic() ? "y" : "") + (c.isHidden() ? "h" : "") + (c.isArray() ? "[" : ""));
    }

    public static void main(String[] args) throws Exception {
        class Local {}
        Object anon = new Object() {};
        for (Class<?> c : new Class<?>[] {int.class, void.class, Object.class, ClassFacts.class, Gen.class, Gen.In.class, Color.class, Color.RED.getClass(),
            Note.class, Rec.class, Seal.class, S1.class, S2.class, Local.class, anon.getClass(), Local[].class, java.util.Map.Entry.class}) facts(c);
        System.out.println(Arrays.toString(Seal.class.getPermittedSubclasses()));
        System.out.println(Arrays.toString(Rec.class.getRecordComponents()));
        System.out.println(Gen.class.getGenericInterfaces()[0] + " " + Gen.class.getTypeParameters()[0].getBounds()[0]);
        System.out.println(Arrays.asList(ClassFacts.class.getNestMembers()).size() + " " + S1.class.isNestmateOf(Rec.class) + " " + ClassFacts.class.isNestmateOf(String.class));
        System.out.println(Arrays.stream(ClassFacts.class.getDeclaredClasses()).map(Class::getSimpleName).sorted().toList());
        System.out.println(String.class.getModule() + " " + java.sql.Driver.class.getModule() + " " + ClassFacts.class.getModule().isNamed() + " " + ClassFacts.class.getPackage().getName().isEmpty());
        System.out.println(String.class.getClassLoader() + " " + ClassFacts.class.getClassLoader().getName() + " " + java.sql.Driver.class.getClassLoader().getName());
        System.out.println(int.class.descriptorString() + String[].class.descriptorString() + Color.class.descriptorString());
        System.out.println(Integer.class.isInstance(5) + " " + Number.class.isAssignableFrom(Integer.class) + " " + int.class.isAssignableFrom(Integer.class) + " " + Integer.TYPE);
    }
}
