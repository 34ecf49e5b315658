public class Gone { public static int value() { return 1; } }
