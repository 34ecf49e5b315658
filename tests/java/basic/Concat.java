//@ javac: -XDstringConcat=inline
/** StringBuilder chains, no invokedynamic. */
public class Concat {
    public static void main(String[] args) {
        int i = 42;
        long l = 1L << 40;
        double d = 2.5;
        float f = 0.1f;
        char c = 'x';
        boolean z = true;
        Object o = null;
        String s = "s";
        s += i;
        s += c;
        System.out.println(s + i + l + d + f + c + z + o);
        System.out.println("" + (char) (c + 1) + (c + 1));
        System.out.println("\u00e9\u4e2d\ud83d\ude00".length());
        System.out.println("caf\u00e9 \u4e2d\u6587 \ud83d\ude00");
        StringBuilder b = new StringBuilder();
        for (int n = 0; n < 20; n++) b.append(n).append(',');
        b.setLength(b.length() - 1);
        System.out.println(b.reverse());
    }
}
