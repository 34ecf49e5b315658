public class Dep { public static void call() {} }
