//@ substitute: II.class QQ JJ
public class Main {
    public static void main(String[] args) throws Exception {
        for (String n : new String[] {"II", "JJ", "II"}) {
            try {
                Class.forName(n);
            } catch (ClassCircularityError e) {
                System.out.println(n + " " + e);
            }
        }
        new Impl();
    }
}
class Impl implements JJ {}
