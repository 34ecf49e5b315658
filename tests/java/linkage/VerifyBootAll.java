//@ vm: -Xbootclasspath/a:classes -Xverify:all
//@ stderr: ignore
//@ substitute: VerifyBootAllBranch.class 537461636b4d61705461626c65 537461636b4d61705461626c58
/** The code of the boot loader is verified. The other class has lost its stack map frames. */
public class VerifyBootAll {
    public static void main(String[] args) {
        try {
            System.out.println(VerifyBootAllBranch.larger(3, 4));
        } catch (VerifyError e) {
            System.out.println(e);
        }
    }
}

class VerifyBootAllBranch {
    static int larger(int a, int b) { return a > b ? a : b; }
}
