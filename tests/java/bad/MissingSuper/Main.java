//@ remove: Base.class
public class Main extends Base { public static void main(String[] args) { System.out.println("not reached"); } }
