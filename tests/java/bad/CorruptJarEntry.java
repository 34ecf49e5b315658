//@ jar: --create -f t.jar -e CorruptJarEntry -C {classes} CorruptJarEntry.class
//@ poke: t.jar 700 ffffffffffffffffffffffffffffffff
//@ java: -jar classes/t.jar
//@ stderr: only ^(Error|Exception|Caused)
/** The compressed data of the main class is damaged. */
public class CorruptJarEntry {
    public static void main(String[] a) {
        System.out.println("some text that makes the class file long enough to be damaged in the middle of its compressed data 0123456789");
        for (int i = 0; i < a.length; i++) System.out.println(a[i] + i * 31 + "more and more text in the constant pool of this class, all different: qwertyuiop asdfghjkl zxcvbnm");
    }
}
