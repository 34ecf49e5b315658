//@ tool: javap -v -cp classes JavapVerbose
//@ stdout: filter ^Classfile|Last modified|MD5|SHA-256
public class JavapVerbose implements java.io.Serializable {
    static final long L = 1L << 40;
    enum E { A }
    record R(int x, String... y) {}
    @FunctionalInterface interface F { int f(int x); }
    F f = x -> x + (int) L;
}
