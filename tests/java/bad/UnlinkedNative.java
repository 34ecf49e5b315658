public class UnlinkedNative {
    native void call(long a, Object[] b);
    public static void main(String[] args) { new UnlinkedNative().call(1, null); }
}
