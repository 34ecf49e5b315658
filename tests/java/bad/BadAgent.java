//@ java: -javaagent:nothere.jar -cp classes BadAgent
public class BadAgent { public static void main(String[] args) { System.out.println("not reached"); } }
