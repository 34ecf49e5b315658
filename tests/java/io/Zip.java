import java.io.*;
import java.net.URI;
import java.nio.file.*;
import java.util.*;
import java.util.jar.*;
import java.util.zip.*;

public class Zip {
    public static void main(String[] args) throws Exception {
        byte[] data = new byte[200_000];
        Random r = new Random(5);
        for (int i = 0; i < data.length; i++) data[i] = (byte) (r.nextInt(4) + (i >> 12));
        for (int level : new int[] {0, 1, 6, 9}) {
            Deflater d = new Deflater(level);
            d.setInput(data);
            d.finish();
            byte[] out = new byte[data.length + 1000];
            int n = d.deflate(out);
            Inflater f = new Inflater();
            f.setInput(out, 0, n);
            byte[] back = new byte[data.length];
            System.out.println(level + " " + (n < data.length / 2) + " " + f.inflate(back) + " " + f.finished() + Arrays.equals(data, back) + d.getAdler() % 7 + f.getTotalIn() % 1);
        }
        ByteArrayOutputStream b = new ByteArrayOutputStream();
        try (GZIPOutputStream g = new GZIPOutputStream(b)) { g.write(data); }
        System.out.println(Arrays.equals(data, new GZIPInputStream(new ByteArrayInputStream(b.toByteArray())).readAllBytes()));
        try {
            new GZIPInputStream(new ByteArrayInputStream(new byte[20]));
        } catch (ZipException e) {
            System.out.println(e.getMessage());
        }
        File zip = new File("t.zip");
        try (ZipOutputStream z = new ZipOutputStream(new FileOutputStream(zip))) {
            z.setComment("comment");
            for (int i = 0; i < 5; i++) {
                ZipEntry e = new ZipEntry("dir/e" + i + ".txt");
                e.setTime(1_000_000_000_000L);
                z.putNextEntry(e);
                z.write(("content " + i).getBytes());
                z.closeEntry();
            }
            ZipEntry st = new ZipEntry("stored");
            st.setMethod(ZipEntry.STORED);
            st.setSize(3);
            CRC32 c = new CRC32();
            c.update("abc".getBytes());
            st.setCrc(c.getValue());
            z.putNextEntry(st);
            z.write("abc".getBytes());
            z.closeEntry();
            try {
                z.putNextEntry(new ZipEntry("stored"));
            } catch (ZipException e) {
                System.out.println(e.getMessage());
            }
        }
        try (ZipFile z = new ZipFile(zip)) {
            z.stream().forEach(e -> System.out.println(e.getName() + " " + e.getSize() + " " + Long.toHexString(e.getCrc()) + " " + e.isDirectory() + e.getMethod()));
            System.out.println(z.getComment() + z.size() + new String(z.getInputStream(z.getEntry("dir/e3.txt")).readAllBytes()) + z.getEntry("none"));
        }
        try (ZipInputStream z = new ZipInputStream(new FileInputStream(zip))) {
            int n = 0;
            while (z.getNextEntry() != null) n += z.readAllBytes().length;
            System.out.println(n);
        }
        try (FileSystem fs = FileSystems.newFileSystem(zip.toPath())) {
            Files.writeString(fs.getPath("new.txt"), "via zipfs");
            System.out.println(Files.readString(fs.getPath("/dir/e1.txt")) + Files.exists(fs.getPath("x")));
        }
        Manifest m = new Manifest();
        m.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        m.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "x.Y");
        try (JarOutputStream j = new JarOutputStream(new FileOutputStream("t.jar"), m)) {
            j.putNextEntry(new JarEntry("a.txt"));
            j.write(65);
        }
        try (JarFile j = new JarFile("t.jar")) {
            System.out.println(j.getManifest().getMainAttributes().getValue("Main-Class") + j.getJarEntry("a.txt").getSize() + j.isMultiRelease());
            System.out.println(new String(new URI("jar:" + new File("t.jar").toURI() + "!/a.txt").toURL().openStream().readAllBytes()));
        }
        try (java.net.URLClassLoader cl = new java.net.URLClassLoader(new java.net.URL[] {new File("t.jar").toURI().toURL()})) {
            System.out.println(cl.getResourceAsStream("a.txt").read() + " " + cl.getResource("none"));
        }
        Files.write(Path.of("bad.zip"), new byte[] {'P', 'K', 3, 4, 5});
        try {
            new ZipFile("bad.zip");
        } catch (ZipException e) {
            System.out.println(e.getMessage());
        }
        zip.delete();
        new File("t.jar").delete();
        new File("bad.zip").delete();
    }
}
