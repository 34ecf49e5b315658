//@ append: ExtraBytes.class 00
public class ExtraBytes { public static void main(String[] a) { System.out.println("not reached"); } }
