//@ java: -cp
public class MissingCpValue {}
