//@ vm: -Xcomp -XX:TieredStopAtLevel=4 -XX:-TieredCompilation
/** Objects made by optimised constructors are registered for finalization, also where Object.<init> is called for itself. */
public class FinalizersAtOnce {
    static int finalized;

    static class Plain {
        final boolean flag;

        Plain(boolean flag) {
            this.flag = flag;
        }

        @Override
        @SuppressWarnings({"deprecation", "removal"})
        protected void finalize() {
            finalized++;
        }
    }

    static class Sub extends Plain {
        Sub() {
            super(true);
        }
    }

    static void make(int n) {
        for (int i = 0; i < n; i++) {
            new Plain(false);
            new Sub();
        }
    }

    public static void main(String[] args) throws Exception {
        make(100);
        for (int i = 0; i < 200 && finalized < 190; i++) {
            System.gc();
            System.runFinalization();
            Thread.sleep(5);
        }
        System.out.println(finalized >= 190);
    }
}
