//@ poke: OldVersion.class 6 002b
public class OldVersion { public static void main(String[] a) { System.out.println("not reached"); } }
