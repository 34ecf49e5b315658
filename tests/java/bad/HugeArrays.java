//@ stderr: filter ^\s+at
// HotSpot has a small stock of OutOfMemoryErrors with traces; which of them still has one is not compared.
//@ vm: -Xmx64m
public class HugeArrays {
    interface Body { Object run(); }

    static void t(String what, Body b) {
        try {
            b.run();
            System.out.println(what + ": done");
        } catch (NegativeArraySizeException | OutOfMemoryError e) {
            System.out.println(what + ": " + e.toString().replaceAll("limit: \\d+", "limit: N"));
        }
    }

    public static void main(String[] args) {
        t("negative", () -> new int[-1]);
        t("min", () -> new long[Integer.MIN_VALUE]);
        t("negative inner", () -> new int[5][-2]);
        t("negative deep", () -> new int[0][0][-3]);
        t("max ints", () -> new int[Integer.MAX_VALUE]);
        t("max objects", () -> new Object[Integer.MAX_VALUE]);
        t("max longs", () -> new long[Integer.MAX_VALUE]);
        t("heap", () -> new byte[100_000_000]);
        t("heap 2", () -> new String[50_000_000]);
        t("multi", () -> new double[10_000][10_000]);
        t("reflect", () -> java.lang.reflect.Array.newInstance(int.class, -5));
        t("reflect max", () -> java.lang.reflect.Array.newInstance(int.class, Integer.MAX_VALUE));
        t("clone", () -> new byte[40_000_000].clone());
        t("copyOf", () -> java.util.Arrays.copyOf(new byte[10], Integer.MAX_VALUE));
        t("repeat", () -> "abcdefgh".repeat(200_000_000));
        t("list", () -> new java.util.ArrayList<>(300_000_000));
        t("direct", () -> java.nio.ByteBuffer.allocateDirect(2_000_000_000));
        t("fine", () -> new byte[1_000_000]);
        Object o = new int[Integer.MAX_VALUE];
    }
}
