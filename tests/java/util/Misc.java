import java.util.*;
import java.util.zip.*;

public class Misc {
    public static void main(String[] args) throws Exception {
        Properties p = new Properties();
        p.load(new java.io.StringReader("a=1\n# c\nb : two words \\\n  more\n\\u4e2d=x\nempty\n"));
        System.out.println(new TreeMap<>(p));
        Base64.Encoder e = Base64.getEncoder();
        System.out.println(e.encodeToString("any carnal pleas".getBytes()) + " " + new String(Base64.getDecoder().decode("YW55")) + " " + Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[] {-1, -2, -3, -4}) + " " + Base64.getMimeEncoder().encodeToString(new byte[100]).length());
        CRC32 c = new CRC32();
        c.update("123456789".getBytes());
        Adler32 a = new Adler32();
        a.update("123456789".getBytes());
        CRC32C cc = new CRC32C();
        cc.update("123456789".getBytes());
        System.out.println(Long.toHexString(c.getValue()) + " " + Long.toHexString(a.getValue()) + " " + Long.toHexString(cc.getValue()));
        for (String alg : new String[] {"MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256"}) System.out.println(alg + " " + HexFormat.of().formatHex(java.security.MessageDigest.getInstance(alg).digest("abc".getBytes())));
        javax.crypto.Cipher ci = javax.crypto.Cipher.getInstance("AES/CBC/PKCS5Padding");
        ci.init(1, new javax.crypto.spec.SecretKeySpec("0123456789abcdef".getBytes(), "AES"), new javax.crypto.spec.IvParameterSpec(new byte[16]));
        System.out.println(HexFormat.of().formatHex(ci.doFinal("hello aes".getBytes())));
        javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
        mac.init(new javax.crypto.spec.SecretKeySpec("key".getBytes(), "HmacSHA256"));
        System.out.println(HexFormat.of().formatHex(mac.doFinal("msg".getBytes())));
        System.out.println(new java.security.SecureRandom().nextInt() == new java.security.SecureRandom().nextInt());
        try {
            java.security.MessageDigest.getInstance("NOPE");
        } catch (java.security.NoSuchAlgorithmException x) {
            System.out.println(x.getMessage());
        }
        System.out.println(HexFormat.ofDelimiter(":").withUpperCase().formatHex(new byte[] {1, -1}) + Arrays.toString(HexFormat.of().parseHex("0aff")));
        java.util.logging.Logger l = java.util.logging.Logger.getLogger("test");
        l.setUseParentHandlers(false);
        l.addHandler(new java.util.logging.Handler() { public void publish(java.util.logging.LogRecord r) { System.out.println(r.getLevel() + " " + r.getMessage()); } public void flush() {} public void close() {} });
        l.info("logged");
        l.fine("not logged");
        l.log(java.util.logging.Level.WARNING, "warn", new Exception());
        Observable1 o = new Observable1();
        o.on(x -> System.out.println("event " + x));
        o.fire(5);
        System.out.println(Objects.requireNonNullElse(null, "else") + Objects.toString(null, "def") + Objects.equals(null, null) + Objects.hashCode(null) + Objects.compare("a", "b", Comparator.naturalOrder()));
        StringBuilder sb = new StringBuilder();
        new Formatter(sb, Locale.ROOT).format("%s-%5.1f", "f", 2.25);
        System.out.println(sb);
        ServiceLoader<Runnable> sl = ServiceLoader.load(Runnable.class);
        System.out.println(sl.findFirst().isPresent());
        System.out.println(javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new java.io.ByteArrayInputStream("<a x='1'><b>t</b><!-- c --></a>".getBytes())).getDocumentElement().getFirstChild().getTextContent());
    }

    static class Observable1 {
        private final List<java.util.function.IntConsumer> ls = new ArrayList<>();
        void on(java.util.function.IntConsumer c) { ls.add(c); }
        void fire(int v) { ls.forEach(c -> c.accept(v)); }
    }
}
