//@ vm: -Xbootclasspath/a:classes
//@ stderr: ignore
//@ substitute: VerifyBootBranch.class 537461636b4d61705461626c65 537461636b4d61705461626c58
/** By default the code of the boot loader is trusted. The other class has lost its stack map frames. */
public class VerifyBoot {
    public static void main(String[] args) {
        try {
            System.out.println(VerifyBootBranch.larger(3, 4));
        } catch (VerifyError e) {
            System.out.println(e);
        }
    }
}

class VerifyBootBranch {
    static int larger(int a, int b) { return a > b ? a : b; }
}
