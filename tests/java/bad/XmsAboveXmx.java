//@ java: -Xms200m -Xmx100m -cp classes XmsAboveXmx
public class XmsAboveXmx {}
