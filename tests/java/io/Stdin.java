//@ stdin: first line\n42 3.5 word\n\u4e2d\nlast without newline
import java.io.BufferedReader;
import java.io.InputStreamReader;

public class Stdin {
    public static void main(String[] args) throws Exception {
        System.out.println((char) System.in.read() + " " + (System.in.available() > 0));
        BufferedReader r = new BufferedReader(new InputStreamReader(System.in));
        System.out.println(r.readLine());
        java.util.Scanner s = new java.util.Scanner(r);
        System.out.println(s.nextInt() + s.nextDouble() + s.next());
        s.nextLine();
        System.out.println(s.nextLine().length());
        System.out.println(s.nextLine() + s.hasNextLine());
        System.out.println(r.readLine());
        System.out.println(System.in.read() + " " + (System.console() == null));
    }
}
