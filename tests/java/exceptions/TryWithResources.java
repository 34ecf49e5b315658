public class TryWithResources {
    static class R implements AutoCloseable {
        final String name;
        final boolean bad;

        R(String name, boolean bad) {
            this.name = name;
            this.bad = bad;
            System.out.println("open " + name);
        }

        @Override
        public void close() throws Exception {
            System.out.println("close " + name);
            if (bad) throw new java.io.IOException("closing " + name);
        }
    }

    public static void main(String[] args) throws Exception {
        try (R a = new R("a", false); R b = new R("b", false)) {
            System.out.println("body " + a.name + b.name);
        }
        try (R a = new R("a", true); R b = new R("b", true)) {
            throw new IllegalStateException("body");
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
            for (Throwable t : e.getSuppressed()) System.out.println("  suppressed " + t);
        }
        try (R a = new R("a", true)) {
            System.out.println("fine until the end");
        } catch (java.io.IOException e) {
            System.out.println(e);
        }
        try (R none = null) {
            System.out.println("null resource: " + none);
        }
        final R outer = new R("outer", false);
        try (outer) {
            System.out.println("effectively final");
        } finally {
            System.out.println("after close");
        }
        try {
            Throwable t = new Exception("self");
            t.addSuppressed(t);
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
    }
}
