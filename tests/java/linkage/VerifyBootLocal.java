//@ vm: -Xbootclasspath/a:classes -XX:+UnlockDiagnosticVMOptions -XX:+BytecodeVerificationLocal
//@ stderr: ignore
//@ substitute: VerifyBootLocalBranch.class 537461636b4d61705461626c65 537461636b4d61705461626c58
/** The code of the boot loader is verified. The other class has lost its stack map frames. */
public class VerifyBootLocal {
    public static void main(String[] args) {
        try {
            System.out.println(VerifyBootLocalBranch.larger(3, 4));
        } catch (VerifyError e) {
            System.out.println(e);
        }
    }
}

class VerifyBootLocalBranch {
    static int larger(int a, int b) { return a > b ? a : b; }
}
