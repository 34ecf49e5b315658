//@ vm: -Xverify:remote
//@ stderr: ignore
//@ substitute: VerifyRemoteBranch.class 537461636b4d61705461626c65 537461636b4d61705461626c58
/** Applications alone are verified. The other class has lost its stack map frames. */
public class VerifyRemote {
    public static void main(String[] args) {
        try {
            System.out.println(VerifyRemoteBranch.larger(3, 4));
        } catch (VerifyError e) {
            System.out.println(e);
        }
    }
}

class VerifyRemoteBranch {
    static int larger(int a, int b) { return a > b ? a : b; }
}
