//@ copy: WrongName.class Other.class
//@ java: -cp classes Other
public class WrongName { public static void main(String[] a) { System.out.println("not reached"); } }
