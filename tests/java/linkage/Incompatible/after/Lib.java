public class Lib extends LibSuper {
    public static final int CONSTANT = 2;
    public Lib() {}
    public static int changed(long i) { return 2; }
    public static long returns() { return 2; }
    public long fieldType = 2;
    private int nowPrivate() { return 2; }
    private int privateField = 2;
    public static int nowStatic() { return 2; }
    public int nowInstance() { return 2; }
    public static int fieldNowStatic = 2;
    public int fieldNowInstance = 2;
    public final int fieldNowFinal = 2;
    public static final int staticNowFinal = new Object().hashCode() * 0 + 2;
    public static NowClass nowClass() { return new NowClass(); }
    public static Object callNew(Iface i) { return i.added(); }
    public static Object callDefault(Iface i) { return i.withDefault(); }
    public static Object object() { return "text"; }
}
