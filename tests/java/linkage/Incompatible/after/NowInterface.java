public interface NowInterface { static int call() { return 2; } }
