//@ java: -m no.such.module
public class BadModule {}
