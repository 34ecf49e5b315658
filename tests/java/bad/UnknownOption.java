//@ java: --no-such-option -cp classes UnknownOption
public class UnknownOption {}
