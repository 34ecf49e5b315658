//@ java: -cp classes wrongcasename
public class WrongCaseName { public static void main(String[] a) {} }
