//@ truncate: TruncatedClass.class 60
public class TruncatedClass { public static void main(String[] a) { System.out.println("not reached"); } }
