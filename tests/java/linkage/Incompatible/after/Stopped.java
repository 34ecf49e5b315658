public class Stopped { public String go() { return "still"; } }
