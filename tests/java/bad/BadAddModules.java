//@ java: --add-modules no.such -cp classes BadAddModules
public class BadAddModules {}
