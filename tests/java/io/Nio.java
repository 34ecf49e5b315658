import java.io.*;
import java.nio.*;
import java.nio.channels.*;
import java.nio.charset.*;
import java.nio.file.*;
import java.util.*;

public class Nio {
    interface Body { Object run() throws Exception; }
    static void t(Body b) { try { System.out.println(b.run()); } catch (Exception e) { System.out.println(e.getClass().getSimpleName() + " " + e.getMessage()); } }

    public static void main(String[] args) throws Exception {
        for (ByteBuffer b : new ByteBuffer[] {ByteBuffer.allocate(64), ByteBuffer.allocateDirect(64)}) {
            b.putInt(0x01020304).putLong(-5).putDouble(2.5).putChar('q').put((byte) 7).putShort((short) -2).putFloat(1.25f);
            b.flip();
            System.out.println(b.isDirect() + " " + b.remaining() + " " + b.getInt() + b.getLong() + b.getDouble() + b.getChar() + b.get() + b.getShort() + b.getFloat() + b.hasRemaining());
            b.rewind().order(ByteOrder.LITTLE_ENDIAN);
            System.out.println(b.getInt(0) + " " + b.asIntBuffer().get(1) + " " + b.slice(4, 8).getLong(0) + " " + b.duplicate().position(2).get() + " " + b.asReadOnlyBuffer().isReadOnly() + b.order());
            t(() -> b.get(100));
            t(() -> b.asReadOnlyBuffer().put((byte) 1));
            t(() -> b.position(99));
            b.clear();
            b.put("hello world".getBytes()).flip().position(6);
            b.compact();
            System.out.println(b.position() + " " + (char) b.get(0) + " " + b);
            byte[] into = new byte[5];
            b.get(0, into);
            System.out.println(new String(into) + b.equals(b.duplicate()) + b.compareTo(b.duplicate()) + b.hasArray());
        }
        Path p = Files.createTempFile(Path.of("."), "nio", ".bin");
        try (FileChannel c = FileChannel.open(p, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            System.out.println(c.write(ByteBuffer.wrap("0123456789".getBytes())) + " " + c.position() + " " + c.size());
            ByteBuffer r = ByteBuffer.allocate(4);
            System.out.println(c.read(r, 3) + new String(r.array()));
            MappedByteBuffer m = c.map(FileChannel.MapMode.READ_WRITE, 0, 20);
            m.put(15, (byte) 'M');
            m.force();
            System.out.println(c.size() + " " + m.get(5) + m.isDirect() + m.position());
        } catch (Throwable e) {
            System.out.println(e);
        }
        System.out.println(Files.readAllBytes(p)[15]);
        try (FileChannel c = FileChannel.open(p, StandardOpenOption.WRITE); FileLock l = c.tryLock()) {
            System.out.println(l.isValid() + " " + l.isShared());
            t(() -> c.tryLock());
            c.truncate(5);
            System.out.println(c.size() + " " + c.transferFrom(Channels.newChannel(new ByteArrayInputStream(new byte[10])), 5, 10));
            t(() -> c.read(ByteBuffer.allocate(1)));
        }
        Files.delete(p);
        CharsetEncoder e = StandardCharsets.US_ASCII.newEncoder();
        t(() -> e.encode(CharBuffer.wrap("caf\u00e9")));
        t(() -> new String(e.onUnmappableCharacter(CodingErrorAction.REPLACE).encode(CharBuffer.wrap("caf\u00e9")).array()));
        t(() -> StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(new byte[] {'a', (byte) 0xff})));
        t(() -> Charset.forName("no-such-charset"));
        for (String cs : new String[] {"UTF-8", "ISO-8859-1", "windows-1252", "UTF-32", "Shift_JIS", "GB18030", "EUC-KR", "IBM037", "KOI8-R"}) System.out.println(cs + " " + Arrays.toString("a\u00e9\u4e2d".getBytes(cs)) + Charset.forName(cs).aliases().size());
        Pipe pipe = Pipe.open();
        Thread w = new Thread(() -> { try (var s = pipe.sink()) { s.write(ByteBuffer.wrap("through pipe".getBytes())); } catch (IOException x) { throw new UncheckedIOException(x); } });
        w.start();
        ByteBuffer in = ByteBuffer.allocate(100);
        while (pipe.source().read(in) >= 0) {}
        System.out.println(new String(in.array(), 0, in.position()));
        CharBuffer cb = CharBuffer.allocate(10);
        cb.put("chars").flip();
        System.out.println(cb + " " + cb.subSequence(1, 3) + cb.length() + IntBuffer.wrap(new int[] {1, 2, 3}, 1, 2).get() + LongBuffer.allocate(2).put(5).position() + DoubleBuffer.wrap(new double[2]).capacity());
    }
}
