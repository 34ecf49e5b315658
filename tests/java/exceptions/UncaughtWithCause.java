public class UncaughtWithCause {
    static class Custom extends Exception {
        Custom(String m, Throwable cause) { super(m, cause); }
        @Override public String toString() { return "Custom<" + getMessage() + ">"; }
    }

    static void fail(int n) throws Custom {
        try {
            Object[] a = new Integer[n];
            a[n - 1] = "x";
        } catch (ArrayStoreException e) {
            throw new Custom("line one\nline two", e);
        }
    }

    public static void main(String[] args) throws Custom {
        System.out.println("out");
        fail(2);
    }
}
