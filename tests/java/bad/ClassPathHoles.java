//@ java: -cp nothere:classes:nothere.jar:classes/../classes ClassPathHoles
public class ClassPathHoles { public static void main(String[] args) { System.out.println("missing entries are skipped"); } }
