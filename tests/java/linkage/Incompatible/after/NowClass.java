public class NowClass { public int call() { return 2; } }
