import java.lang.reflect.Array;
import java.util.Arrays;

public class ReflectArray {
    interface Body { Object run(); }

    static void t(Body b) {
        try {
            System.out.println(b.run());
        } catch (RuntimeException | Error e) {
            System.out.println(e);
        }
    }

    public static void main(String[] args) {
        Class<?>[] types = {boolean.class, byte.class, char.class, short.class, int.class, long.class, float.class, double.class, String.class, int[].class};
        for (Class<?> c : types) {
            Object a = Array.newInstance(c, 3);
            System.out.println(a.getClass() + " " + Array.getLength(a) + " " + Array.get(a, 2));
        }
        System.out.println(Arrays.deepToString((Object[]) Array.newInstance(char.class, 2, 2)).length());
        System.out.println(Array.newInstance(String[].class, 2, 3).getClass());
        int[] ints = {1, 2, 3};
        t(() -> Array.getLong(ints, 1));
        t(() -> Array.getDouble(ints, 1));
        t(() -> Array.getByte(ints, 1));
        t(() -> { Array.setInt(ints, 0, 77); return ints[0]; });
        t(() -> { Array.setByte(ints, 0, (byte) -7); return ints[0]; });
        t(() -> { Array.setLong(ints, 0, 77); return ints[0]; });
        t(() -> { Array.set(ints, 0, 'c'); return ints[0]; });
        t(() -> { Array.set(ints, 0, "c"); return ints[0]; });
        t(() -> { Array.set(ints, 0, null); return ints[0]; });
        t(() -> { Array.set(ints, 3, 1); return ints[0]; });
        t(() -> { Object[] o = new String[1]; Array.set(o, 0, 5); return o[0]; });
        t(() -> Array.get(ints, -1));
        t(() -> Array.get(null, 0));
        t(() -> Array.get("x", 0));
        t(() -> Array.getLength("x"));
        t(() -> Array.newInstance(void.class, 1));
        t(() -> Array.newInstance(int.class, -1));
        t(() -> Array.newInstance(int.class, new int[0]));
        t(() -> Array.newInstance(null, 1));
        t(() -> Array.newInstance(int.class, new int[256]));
        t(() -> Array.newInstance(int.class, new int[255]).getClass().getName().length());
    }
}
