//@ java: -Xnosuchthing -cp classes UnknownX
public class UnknownX {}
