public class Stopped implements Runner { public String go() { return "gone"; } }
