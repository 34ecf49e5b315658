//@ remove: Dep.class
public class Main {
    public static void main(String[] args) {
        System.out.println("before");
        Dep.call();
        System.out.println("not reached");
    }
}
