public class StringBasics {
    public static void main(String[] args) {
        String s = "Hello, World";
        System.out.println(s.length());
        System.out.println(s.charAt(7));
        System.out.println(s.substring(7));
        System.out.println(s.substring(0, 5).concat("!"));
        System.out.println(s.indexOf("World"));
        System.out.println(s.indexOf('o', 5));
        System.out.println(s.lastIndexOf('o'));
        System.out.println(s.toUpperCase());
        System.out.println(s.replace('l', 'L'));
        System.out.println(s.contains("lo, W"));
        System.out.println(s.startsWith("Hell"));
        System.out.println(s.endsWith("d"));
        System.out.println(s.equals("Hello, ".concat("World")));
        System.out.println(s == "Hello, World");
        System.out.println("Hello, ".concat("World").intern() == s);
        System.out.println(s.hashCode());
        System.out.println("abc".compareTo("abd"));
        System.out.println("  trim me ".trim());
        System.out.println(String.valueOf(3.0f));
        System.out.println(Integer.parseInt("-123") + 1);
        System.out.println(Integer.toHexString(-1));
        System.out.println(Long.toString(Long.MIN_VALUE, 36));
        System.out.println(Integer.toBinaryString(10));
    }
}
