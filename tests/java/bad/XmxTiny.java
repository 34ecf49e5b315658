//@ java: -Xmx1k -cp classes XmxTiny
public class XmxTiny {}
