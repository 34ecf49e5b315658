/** Expressions that make javac use dup_x1, dup_x2, dup2, dup2_x1, dup2_x2, pop2. */
public class StackForms {
    int i = 1;
    long l = 2;
    double d = 3;
    static long sl = 4;
    int[] ia = {5, 6};
    long[] la = {7, 8};
    byte[] ba = {9, 10};
    String s = "x";
    String[] sa = {"a", "b"};

    static int calls;
    StackForms self() {
        calls++;
        return this;
    }

    static long ignored() { return calls++; }

    public static void main(String[] args) {
        StackForms o = new StackForms();
        int a = o.self().i = 10;
        long b = o.self().l = 20;
        int c = o.self().i++;
        long d = ++o.self().l;
        double e = o.self().d *= 2.5;
        int f = o.self().ia[1] = 50;
        long g = o.self().la[1] = 80;
        int h = o.self().ia[0]++;
        long i = o.self().la[0]--;
        int j = o.self().ba[0] += 300;
        long k = sl++;
        long m = sl <<= 2;
        String n = o.self().s += "y" + a;
        String p = o.self().sa[1] += o.s;
        ignored();
        o.self();
        int q = a = c = f;
        long r = b = d = g;
        System.out.println(a + " " + b + " " + c + " " + d + " " + e + " " + f + " " + g + " " + h + " " + i + " " + j + " " + k + " " + m
                + " " + n + " " + p + " " + q + " " + r + " " + calls);
        System.out.println(o.i + " " + o.l + " " + o.d + " " + o.ia[0] + o.ia[1] + " " + o.la[0] + o.la[1] + " " + o.ba[0] + " " + o.s + o.sa[1]);
    }
}
