import java.io.*;
import java.util.Arrays;

public class OldFiles {
    interface Body { Object run() throws Exception; }
    static void t(Body b) { try { System.out.println(b.run()); } catch (Exception e) { System.out.println(e.getClass().getSimpleName() + " " + e.getMessage()); } }

    public static void main(String[] args) throws Exception {
        File d = new File("old"), f = new File(d, "data.bin");
        System.out.println(d.mkdir() + " " + d.mkdir() + " " + f.exists() + f.createNewFile() + f.createNewFile() + f.length() + f.isFile() + d.isDirectory() + " " + f.getName() + f.getParent() + f.isAbsolute() + f.canWrite() + new File("a/../b/./c").getPath());
        try (DataOutputStream o = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(f)))) { o.writeInt(0xcafebabe); o.writeLong(-2); o.writeDouble(Math.PI); o.writeUTF("h\u00e9\u4e2d\0"); o.writeBoolean(true); o.writeChar('x'); o.writeFloat(1.5f); o.writeShort(-3); o.writeByte(200); }
        try (DataInputStream i = new DataInputStream(new FileInputStream(f))) { System.out.println(Integer.toHexString(i.readInt()) + i.readLong() + i.readDouble() + i.readUTF().length() + i.readBoolean() + i.readChar() + i.readFloat() + i.readShort() + i.readUnsignedByte() + i.read()); }
        try (RandomAccessFile r = new RandomAccessFile(f, "rw")) { r.seek(4); r.writeLong(77); r.seek(0); System.out.println(r.readInt() + " " + r.readLong() + " " + r.getFilePointer() + " " + r.length()); r.setLength(6); System.out.println(r.length()); r.seek(100); System.out.println(r.read()); r.write(1); System.out.println(r.length()); t(() -> { r.seek(-1); return 0; }); }
        try (PrintWriter w = new PrintWriter(new FileWriter("old/t.txt"))) { w.printf("%d %s%n", 5, "five"); w.println(2.5); w.print('c'); w.append("d"); System.out.println(w.checkError()); }
        try (BufferedReader r = new BufferedReader(new FileReader("old/t.txt"))) { System.out.println(r.readLine() + "|" + r.readLine() + "|" + r.readLine() + "|" + r.readLine()); }
        try (LineNumberReader r = new LineNumberReader(new StringReader("a\r\nb\rc"))) { while (r.readLine() != null) System.out.print(r.getLineNumber()); System.out.println(); }
        System.out.println(Arrays.toString(sorted(d.list())) + " " + d.listFiles((x, n) -> n.endsWith("txt")).length + f.renameTo(new File("old/moved")) + f.delete() + new File("old/moved").delete() + d.delete());
        t(() -> new FileInputStream("no/such"));
        t(() -> new FileOutputStream("/no/such/dir/f"));
        t(() -> new FileReader("old"));
        t(() -> new RandomAccessFile("nope", "r"));
        t(() -> new RandomAccessFile("nope", "q"));
        t(() -> { FileInputStream i = new FileInputStream("old/t.txt"); i.close(); return i.read(); });
        PipedInputStream pi = new PipedInputStream();
        PipedOutputStream po = new PipedOutputStream(pi);
        Thread w = new Thread(() -> { try (po) { for (int i = 0; i < 3000; i++) po.write(i); } catch (IOException e) { throw new UncheckedIOException(e); } });
        w.start();
        long s = 0;
        for (int c; (c = pi.read()) >= 0; ) s += c;
        System.out.println(s);
        SequenceInputStream q = new SequenceInputStream(new ByteArrayInputStream("ab".getBytes()), new ByteArrayInputStream("cd".getBytes()));
        PushbackInputStream pb = new PushbackInputStream(q, 4);
        int c = pb.read();
        pb.unread('Z');
        System.out.println(new String(pb.readAllBytes()) + (char) c);
        StreamTokenizer st = new StreamTokenizer(new StringReader("x = 3.5 * 'q' // c\n y"));
        st.slashSlashComments(true);
        StringBuilder sb = new StringBuilder();
        while (st.nextToken() != StreamTokenizer.TT_EOF) sb.append(st.ttype).append(':').append(st.sval).append(':').append(st.nval).append(' ');
        System.out.println(sb);
        ByteArrayOutputStream bo = new ByteArrayOutputStream();
        try (OutputStreamWriter ow = new OutputStreamWriter(bo, "UTF-16LE")) { ow.write("h\u4e2d\ud83d\ude00"); }
        System.out.println(bo.size() + new InputStreamReader(new ByteArrayInputStream(bo.toByteArray()), "UTF-16LE").read());
        CharArrayWriter cw = new CharArrayWriter();
        new StringReader("transfer").transferTo(cw);
        System.out.println(cw + " " + new ByteArrayInputStream(new byte[10]).skip(7) + new ByteArrayInputStream("mark".getBytes()).markSupported());
        new File("old/t.txt").delete();
        new File("old").delete();
    }

    static String[] sorted(String[] s) { Arrays.sort(s); return s; }
}
