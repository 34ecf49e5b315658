public class NoLibrary {
    static { System.loadLibrary("does_not_exist_anywhere"); }
    public static void main(String[] args) { System.out.println("not reached"); }
}
