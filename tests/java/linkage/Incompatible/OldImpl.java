public class OldImpl implements Iface {}
