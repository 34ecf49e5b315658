//@ tool: javac -d out -Xlint:all source/Javac.java
import java.util.*;

/** javac's warnings are printed as on the reference JDK. */
public class Javac {
    List raw = new ArrayList();
    @Deprecated void old() {}
    int f(Object o) { List<String> l = (List<String>) o; switch (l.size()) { case 1: f(o); case 2: return 1; } return (int) 5; }
}
