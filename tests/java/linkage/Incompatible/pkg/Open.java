package pkg;
public class Open { public String get() { return "open"; } }
