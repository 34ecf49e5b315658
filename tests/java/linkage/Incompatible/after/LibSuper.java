public class LibSuper { public int moved() { return 2; } }
