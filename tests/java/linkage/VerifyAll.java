//@ vm: -Xverify:all
//@ stderr: ignore
//@ substitute: VerifyAllBranch.class 537461636b4d61705461626c65 537461636b4d61705461626c58
/** Everything is verified. The other class has lost its stack map frames. */
public class VerifyAll {
    public static void main(String[] args) {
        try {
            System.out.println(VerifyAllBranch.larger(3, 4));
        } catch (VerifyError e) {
            System.out.println(e);
        }
    }
}

class VerifyAllBranch {
    static int larger(int a, int b) { return a > b ? a : b; }
}
