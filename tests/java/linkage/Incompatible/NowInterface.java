public class NowInterface { public static int call() { return 1; } }
