public class ThrowInToString {
    static class Evil extends RuntimeException {
        @Override public String toString() { throw new IllegalStateException("in toString"); }
    }
    public static void main(String[] args) { throw new Evil(); }
}
