public class PrivateMain { private static void main(String[] args) { System.out.println("not reached"); } }
