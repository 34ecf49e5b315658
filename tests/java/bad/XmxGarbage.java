//@ java: -Xmx12q -cp classes XmxGarbage
public class XmxGarbage {}
