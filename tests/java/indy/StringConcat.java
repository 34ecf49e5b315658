/** invokedynamic string concatenation of every type, constants with odd characters, many operands. */
public class StringConcat {
    static int calls;
    static String next() { return "n" + ++calls; }

    public static void main(String[] args) {
        boolean z = true; byte b = -1; short s = -2; char c = '\u4e2d'; int i = Integer.MIN_VALUE; long l = Long.MAX_VALUE;
        float f = 1e-10f; double d = 1e21; Object o = new StringBuilder("sb"); String n = null; char[] none = null; Object on = none;
        System.out.println("a" + z + b + s + c + i + l + f + d + o + n + on);
        System.out.println(z + " \u0001 " + i + " \u0002 " + '\u0001' + "\ud83d\ude00" + c);
        System.out.println("" + i + l + "" + (i + l) + 1 + 2 + (1 + 2) + 'a' + ('a' + 1) + 1.0f + -0.0 + 0x10 + null + true);
        System.out.println(next() + next() + next() + (next() + next()));
        String acc = "";
        for (int k = 0; k < 30; k++) acc += k + (k % 2 == 0 ? "e" : "o");
        System.out.println(acc + acc.length());
        String big = "x" + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z
                + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z
                + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z
                + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z
                + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z
                + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z
                + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z + i + b + s + c + l + f + d + z;
        System.out.println(big.length() + " " + big.hashCode());
        final String k1 = "con", k2 = k1 + "stant" + 5;
        System.out.println(k2 == "constant5");
        String v = "con";
        System.out.println((v + "stant5") == k2);
        System.out.println((v + "stant5").intern() == k2);
        Object thrower = new Object() { @Override public String toString() { throw new UnsupportedOperationException("in toString"); } };
        try {
            System.out.println("t" + thrower);
        } catch (UnsupportedOperationException e) {
            System.out.println(e.getMessage());
        }
        Object nuller = new Object() { @Override public String toString() { return null; } };
        System.out.println("t" + nuller + nuller);
        char[] cs = {'a'};
        cs[0] += 1;
        String latin = "caf\u00e9", wide = "\u4e2d";
        System.out.println(latin + wide + latin.length() + (latin + wide).length() + cs[0] + (char) (cs[0] + 1));
        System.out.println("\u00ff" + '\u0100' + "\u00ff" + (char) 0);
    }
}
