//@ jar: --create -f t.jar -e TruncatedJar -C {classes} TruncatedJar.class
//@ truncate: t.jar -40
//@ java: -jar classes/t.jar
public class TruncatedJar { public static void main(String[] a) { System.out.println("not reached"); } }
