public class FinalMethod { public final int m() { return 1; } }
