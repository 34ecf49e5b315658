import java.util.ArrayList;
import java.util.List;

public class BoundsMessages {
    interface Body { Object run() throws Exception; }

    static void t(Body b) {
        try {
            System.out.println("value " + b.run());
        } catch (Exception e) {
            System.out.println(e);
        }
    }

    public static void main(String[] args) {
        int[] a = new int[3];
        t(() -> a[3]);
        t(() -> a[-1]);
        t(() -> a[Integer.MIN_VALUE]);
        t(() -> a[Integer.MAX_VALUE] = 1);
        t(() -> (new Object[0])[0]);
        t(() -> (new byte[2][3])[1][5]);
        t(() -> (new long[1])[-2]);
        t(() -> new char[-5]);
        t(() -> "abc".charAt(3));
        t(() -> "abc".substring(2, 1));
        t(() -> "abc".substring(4));
        t(() -> new StringBuilder("ab").deleteCharAt(2));
        t(() -> new StringBuilder("ab").insert(5, "x"));
        t(() -> new ArrayList<>(List.of(1, 2)).get(2));
        t(() -> List.of(1, 2).get(-1));
        t(() -> List.of(1).iterator().next());
        t(() -> new ArrayList<>().iterator().next());
        t(() -> java.util.Arrays.copyOfRange(a, 2, 1));
        t(() -> java.util.Objects.checkIndex(5, 5));
        t(() -> java.util.Objects.checkFromToIndex(1, 6, 5));
        t(() -> { System.arraycopy(a, 1, a, 2, 2); return null; });
        t(() -> { System.arraycopy(a, -1, a, 0, 1); return null; });
        t(() -> { System.arraycopy(a, 0, a, 0, -1); return null; });
        t(() -> { System.arraycopy(new String[2], 0, new Object[1], 0, 2); return null; });
        t(() -> Integer.parseInt("12x"));
        t(() -> Integer.parseInt(""));
        t(() -> Integer.parseInt(null));
        t(() -> Long.parseLong("9223372036854775808"));
        t(() -> Integer.decode("0x80000000"));
        t(() -> Double.parseDouble("1.2.3"));
        t(() -> Enum.valueOf(Thread.State.class, "NOPE"));
        t(() -> 1 % (a[0]));
        t(() -> 1L / a[0]);
        t(() -> Class.forName("no.such.Type"));
        t(() -> Object.class.getMethod("nope", int.class));
        t(() -> Object.class.getDeclaredField("nope"));
        t(() -> new ArrayList<>(List.of(1, 2, 3)).subList(2, 1));
        t(() -> java.nio.ByteBuffer.allocate(2).putInt(5));
        t(() -> java.util.Optional.empty().get());
        t(() -> new java.util.Scanner("x").nextInt());
    }
}
