//@ truncate: EmptyClass.class 0
public class EmptyClass { public static void main(String[] a) { System.out.println("not reached"); } }
