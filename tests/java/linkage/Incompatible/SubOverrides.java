public class SubOverrides extends FinalMethod { @Override public int m() { return 2; } }
