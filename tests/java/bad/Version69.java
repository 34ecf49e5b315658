//@ poke: Version69.class 6 0045
public class Version69 { public static void main(String[] a) { System.out.println("not reached"); } }
