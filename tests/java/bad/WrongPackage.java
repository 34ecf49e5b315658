//@ copy: WrongPackage.class pkg/WrongPackage.class
//@ java: -cp classes pkg.WrongPackage
public class WrongPackage { public static void main(String[] a) { System.out.println("not reached"); } }
