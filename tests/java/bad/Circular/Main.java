//@ substitute: BB.class QQ AA
/** Main extends AA extends BB, whose superclass is AA in the patched file. */
public class Main extends AA { public static void main(String[] args) { System.out.println("not reached"); } }
