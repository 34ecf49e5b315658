import java.io.*;

public class StdStreams {
    public static void main(String[] args) throws Exception {
        PrintStream out = System.out, err = System.err;
        ByteArrayOutputStream b = new ByteArrayOutputStream();
        System.setOut(new PrintStream(b, true));
        System.out.println("captured");
        System.setOut(out);
        System.out.print(b);
        System.out.write('w');
        System.out.write(new byte[] {'x', '\n'});
        System.out.printf("%s %d%n", "fmt", 5).append("app").append('c').println();
        System.out.println((Object) null);
        System.out.println((String) null);
        System.out.println(new char[] {'c', 's'});
        for (int i = 0; i < 3; i++) {
            out.println("o" + i);
            err.println("e" + i);
        }
        StringBuilder big = new StringBuilder();
        for (int i = 0; i < 40000; i++) big.append((char) ('a' + i % 26));
        System.out.println(big);
        System.setErr(out);
        new Exception("to out").printStackTrace();
        FileOutputStream raw = new FileOutputStream(FileDescriptor.out);
        out.flush();
        raw.write("raw\n".getBytes());
        System.setIn(new ByteArrayInputStream("in".getBytes()));
        System.out.println(System.in.read());
        out.close();
        System.out.println("lost");
        System.out.println(out.checkError());
        err.println("err still works");
    }
}
