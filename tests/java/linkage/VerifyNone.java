//@ vm: -Xverify:none
//@ stderr: ignore
//@ substitute: VerifyNoneBranch.class 537461636b4d61705461626c65 537461636b4d61705461626c58
/** Without verification, code runs that has no frames. The other class has lost its stack map frames. */
public class VerifyNone {
    public static void main(String[] args) {
        try {
            System.out.println(VerifyNoneBranch.larger(3, 4));
        } catch (VerifyError e) {
            System.out.println(e);
        }
    }
}

class VerifyNoneBranch {
    static int larger(int a, int b) { return a > b ? a : b; }
}
