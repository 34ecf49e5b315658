//@ java: -cp classes NoSuchClass
public class NoMainClass {}
