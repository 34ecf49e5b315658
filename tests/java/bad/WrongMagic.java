//@ poke: WrongMagic.class 0 cafebabf
public class WrongMagic { public static void main(String[] a) { System.out.println("not reached"); } }
