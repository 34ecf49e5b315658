//@ poke: PreviewVersion.class 4 ffff
public class PreviewVersion { public static void main(String[] a) { System.out.println("not reached"); } }
