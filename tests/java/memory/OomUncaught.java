//@ vm: -Xmx24m
public class OomUncaught {
    public static void main(String[] args) {
        System.out.println("start");
        Object[] chain = null;
        while (true) {
            Object[] next = new Object[100_000];
            next[0] = chain;
            chain = next;
        }
    }
}
