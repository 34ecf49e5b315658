//@ vm: -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote
//@ stderr: ignore
//@ substitute: VerifyRemoteOffBranch.class 537461636b4d61705461626c65 537461636b4d61705461626c58
/** The code of applications is trusted. The other class has lost its stack map frames. */
public class VerifyRemoteOff {
    public static void main(String[] args) {
        try {
            System.out.println(VerifyRemoteOffBranch.larger(3, 4));
        } catch (VerifyError e) {
            System.out.println(e);
        }
    }
}

class VerifyRemoteOffBranch {
    static int larger(int a, int b) { return a > b ? a : b; }
}
