public class NativeMissing {
    static native int nothing(int a, String b);
    native long[] instance();

    public static void main(String[] args) {
        for (int i = 0; i < 2; i++) {
            try {
                nothing(1, "x");
            } catch (UnsatisfiedLinkError e) {
                System.out.println(e.getMessage());
                System.out.println(e.getStackTrace()[0] + " " + e.getStackTrace()[0].isNativeMethod());
            }
        }
        try {
            new NativeMissing().instance();
        } catch (UnsatisfiedLinkError e) {
            System.out.println(e.getMessage());
        }
        try {
            System.loadLibrary("surely_not_there");
        } catch (UnsatisfiedLinkError e) {
            System.out.println(e.getMessage().replaceAll("java.library.path: .*", "java.library.path: ..."));
        }
        try {
            System.load("/no/such/lib.so");
        } catch (UnsatisfiedLinkError e) {
            System.out.println(e.getMessage());
        }
        try {
            System.load("relative.so");
        } catch (UnsatisfiedLinkError e) {
            System.out.println(e.getMessage());
        }
        System.out.println(System.mapLibraryName("abc"));
    }
}
