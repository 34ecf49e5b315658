//@ remove: Dep.class
/** The launcher asks for the methods of the main class, and one mentions a missing class. */
public class Main {
    public static void main(String[] args) { System.out.println("reached?"); }
    static Dep other(Dep d) { return d; }
}
