public class Lib extends LibSuper {
    public static final int CONSTANT = 1;
    public Lib() {}
    public Lib(int i) {}
    public int gone() { return 1; }
    public static int goneStatic(int i) { return 1; }
    public static int changed(int i) { return 1; }
    public static int returns() { return 1; }
    public int fieldGone = 1;
    public static int staticGone = 1;
    public int fieldType = 1;
    public int nowPrivate() { return 1; }
    public int privateField = 1;
    public int nowStatic() { return 1; }
    public static int nowInstance() { return 1; }
    public int fieldNowStatic = 1;
    public static int fieldNowInstance = 1;
    public int fieldNowFinal = 1;
    public static int staticNowFinal = 1;
    public int moved() { return 1; }
    public static NowClass nowClass() { return null; }
    public static Object callNew(Iface i) { return 1; }
    public static Object callDefault(Iface i) { return 1; }
    public static Object object() { return "text"; }
}
