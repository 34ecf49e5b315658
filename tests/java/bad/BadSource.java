//@ write: Bad.java public class Bad { public static void main(String[] a) { int x = "text"; } }
//@ java: classes/Bad.java
public class BadSource {}
