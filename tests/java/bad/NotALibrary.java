//@ write: libtext.so this is text, and enough of it that it could hold the header of an ELF file, were it one
//@ stderr: only ^Exception
public class NotALibrary {
    public static void main(String[] args) {
        try {
            System.load(System.getProperty("user.dir") + "/classes/libtext.so");
        } catch (UnsatisfiedLinkError e) {
            System.out.println(e.getMessage().replaceAll("/\\S*/", ""));
        }
    }
}
