//@ stderr: ignore
//@ substitute: VerifyDefaultBranch.class 537461636b4d61705461626c65 537461636b4d61705461626c58
/** By default the code of applications is verified. The other class has lost its stack map frames. */
public class VerifyDefault {
    public static void main(String[] args) {
        try {
            System.out.println(VerifyDefaultBranch.larger(3, 4));
        } catch (VerifyError e) {
            System.out.println(e);
        }
    }
}

class VerifyDefaultBranch {
    static int larger(int a, int b) { return a > b ? a : b; }
}
