//@ java: source/SourceMode.java one two
/** The launcher compiles and runs a source file in memory. */
public class SourceMode {
    record R(int a) {}

    public static void main(String[] args) {
        System.out.println(args.length + args[1] + new R(5));
        System.out.println(SourceMode.class.getClassLoader().getClass().getSimpleName());
        throw new IllegalStateException("trace in source mode");
    }
}
