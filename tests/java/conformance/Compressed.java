import java.io.*;
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.util.*;
import java.util.jar.*;
import java.util.zip.*;

/** Compression at size: deflate at every level, gzip, zip and jar files, the zip file system, checksums. */
public class Compressed {
    public static void main(String[] args) throws Exception {
        byte[] data = new byte[3 << 20];
        int state = 1;
        for (int i = 0; i < data.length; i++) {
            state = state * 1103515245 + 12345;
            data[i] = (byte) ((state >>> 16) % 5 == 0 ? state >>> 24 : "the quick brown fox ".charAt(i % 20));
        }
        CRC32 crc = new CRC32();
        crc.update(data);
        CRC32C crc32c = new CRC32C();
        crc32c.update(ByteBuffer.wrap(data));
        Adler32 adler = new Adler32();
        adler.update(data, 1, data.length - 1);
        System.out.println(crc.getValue() + " " + crc32c.getValue() + " " + adler.getValue());
        for (int level : new int[] {0, 1, 6, 9}) {
            Deflater deflater = new Deflater(level, true);
            deflater.setInput(data);
            deflater.finish();
            byte[] packed = new byte[4 << 20];
            int size = deflater.deflate(packed);
            deflater.end();
            Inflater inflater = new Inflater(true);
            inflater.setInput(packed, 0, size);
            byte[] back = new byte[data.length];
            int n = inflater.inflate(back);
            inflater.end();
            System.out.println(level + " " + n + " " + Arrays.equals(data, back));
        }
        Path gz = Path.of("data.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
            out.write(data);
        }
        try (InputStream in = new GZIPInputStream(Files.newInputStream(gz))) {
            System.out.println(Arrays.equals(data, in.readAllBytes()));
        }
        Path zip = Path.of("many.zip");
        try (ZipOutputStream out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(zip)))) {
            for (int i = 0; i < 3000; i++) {
                ZipEntry e = new ZipEntry("dir" + i % 10 + "/entry\u00e9" + i);
                e.setTime(1_000_000_000_000L);
                out.putNextEntry(e);
                out.write(data, i * 100, i % 700);
                out.closeEntry();
            }
        }
        try (ZipFile file = new ZipFile(zip.toFile())) {
            long sum = file.stream().mapToLong(e -> e.getSize() * 3 + e.getCrc() % 1000).sum();
            System.out.println(file.size() + " " + sum + " " + file.getEntry("dir5/entry\u00e915").getSize());
        }
        try (FileSystem fs = FileSystems.newFileSystem(zip)) {
            Files.writeString(fs.getPath("/added.txt"), "added");
            Files.delete(fs.getPath("/dir0/entry\u00e90"));
            try (var paths = Files.walk(fs.getPath("/"))) {
                System.out.println(paths.filter(Files::isRegularFile).count());
            }
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(new Attributes.Name("X-Long"), "v".repeat(200));
        ByteArrayOutputStream jar = new ByteArrayOutputStream();
        try (JarOutputStream out = new JarOutputStream(jar, manifest)) {
            out.putNextEntry(new JarEntry("a"));
            out.write(1);
        }
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(jar.toByteArray()))) {
            System.out.println(in.getManifest().getMainAttributes().getValue("X-Long").length() + " " + in.getNextJarEntry());
        }
        try {
            new ZipFile("data.gz").close();
        } catch (ZipException e) {
            System.out.println(e.getMessage());
        }
        try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(data))) {
            in.read();
        } catch (ZipException e) {
            System.out.println(e.getMessage());
        }
    }
}
