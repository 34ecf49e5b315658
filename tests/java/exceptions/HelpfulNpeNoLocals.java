//@ javac: -g:none
/** Without debug information locals are numbered. Traces say Unknown Source. */
public class HelpfulNpeNoLocals {
    String s;
    int[][] grid;

    static int use(long pad, String a, int[] b) {
        return a == null ? a.length() : b[(int) pad];
    }

    int inst(HelpfulNpeNoLocals o, double d) {
        return o.grid[1][(int) d];
    }

    public static void main(String[] args) {
        HelpfulNpeNoLocals h = new HelpfulNpeNoLocals();
        Runnable[] all = {
            () -> use(1, null, null), () -> use(1, "", null), () -> h.inst(null, 1), () -> h.inst(h, 1), () -> h.s.length(),
            () -> {
                int a = 1;
                long b = 2;
                Object c = null;
                c.equals(a + b);
            },
        };
        for (Runnable r : all) {
            try {
                r.run();
            } catch (NullPointerException e) {
                System.out.println(e.getMessage() + " " + e.getStackTrace()[0]);
            }
        }
        h.inst(h, 2);
    }
}
