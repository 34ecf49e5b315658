public class FinalMethod { public int m() { return 1; } }
