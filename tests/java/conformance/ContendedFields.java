//@ javac: --add-exports java.base/jdk.internal.vm.annotation=ALL-UNNAMED
//@ vm: -XX:-RestrictContended
import java.lang.reflect.Field;
import jdk.internal.vm.annotation.Contended;

/** With -XX:-RestrictContended the annotation separates fields of any class. */
public class ContendedFields {
    static class Fields {
        int before;
        @Contended int own;
        int after;
    }

    @Contended
    static class Whole extends Fields {
        int more;
    }

    static class Plain {
        int one, two;
    }

    static long offset(sun.misc.Unsafe unsafe, Class<?> c, String name) throws Exception {
        return unsafe.objectFieldOffset(c.getDeclaredField(name));
    }

    public static void main(String[] args) throws Exception {
        Field f = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
        f.setAccessible(true);
        sun.misc.Unsafe unsafe = (sun.misc.Unsafe) f.get(null);
        long own = offset(unsafe, Fields.class, "own");
        System.out.println(Math.abs(own - offset(unsafe, Fields.class, "before")) > 64);
        System.out.println(Math.abs(own - offset(unsafe, Fields.class, "after")) > 64);
        System.out.println(Math.abs(own - offset(unsafe, Whole.class, "more")) > 64);
        System.out.println(Math.abs(offset(unsafe, Plain.class, "one") - offset(unsafe, Plain.class, "two")));
    }
}
