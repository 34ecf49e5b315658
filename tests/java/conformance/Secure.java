//@ stderr: ignore
import java.io.*;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.*;
import java.security.*;
import java.security.spec.*;
import java.util.*;
import javax.crypto.*;
import javax.crypto.spec.*;
import javax.net.ssl.*;

/** Digests, ciphers, signatures, key agreement; a TLS handshake with both ends here and a generated certificate. */
public class Secure {
    static String hex(byte[] b) { return new BigInteger(1, b).toString(16); }

    public static void main(String[] args) throws Exception {
        byte[] data = new byte[100_000];
        for (int i = 0; i < data.length; i++) data[i] = (byte) (i * 31 + i / 7);
        for (String name : new String[] {"MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "SHA-512/256"}) {
            System.out.println(name + " " + hex(MessageDigest.getInstance(name).digest(data)));
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(new byte[] {1, 2, 3}, "raw"));
        System.out.println(hex(mac.doFinal(data)));
        SecretKey key = new SecretKeySpec(SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
            .generateSecret(new PBEKeySpec("secret".toCharArray(), new byte[16], 500, 256)).getEncoded(), "AES");
        for (String mode : new String[] {"AES/CBC/PKCS5Padding", "AES/CTR/NoPadding", "AES/GCM/NoPadding", "ChaCha20-Poly1305"}) {
            AlgorithmParameterSpec iv = mode.contains("GCM") ? new GCMParameterSpec(128, new byte[12])
                : new IvParameterSpec(new byte[mode.startsWith("AES") ? 16 : 12]);
            Cipher cipher = Cipher.getInstance(mode);
            cipher.init(Cipher.ENCRYPT_MODE, mode.startsWith("AES") ? key : new SecretKeySpec(key.getEncoded(), "ChaCha20"), iv);
            byte[] sealed = cipher.doFinal(data);
            Cipher back = Cipher.getInstance(mode);
            back.init(Cipher.DECRYPT_MODE, mode.startsWith("AES") ? key : new SecretKeySpec(key.getEncoded(), "ChaCha20"), iv);
            System.out.println(mode + " " + hex(MessageDigest.getInstance("SHA-256").digest(sealed)) + " "
                + Arrays.equals(data, back.doFinal(sealed)));
        }
        for (String[] kind : new String[][] {{"RSA", "SHA256withRSA", "1024"}, {"EC", "SHA256withECDSA", "256"}, {"Ed25519", "Ed25519", "255"}}) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(kind[0]);
            generator.initialize(Integer.parseInt(kind[2]));
            KeyPair pair = generator.generateKeyPair();
            Signature signer = Signature.getInstance(kind[1]);
            signer.initSign(pair.getPrivate());
            signer.update(data, 0, 1000);
            byte[] signature = signer.sign();
            Signature verifier = Signature.getInstance(kind[1]);
            verifier.initVerify(pair.getPublic());
            verifier.update(data, 0, 1000);
            boolean good = verifier.verify(signature);
            verifier.update(data, 1, 1000);
            System.out.println(kind[0] + " " + good + " " + verifier.verify(signature));
        }
        KeyPairGenerator x = KeyPairGenerator.getInstance("X25519");
        KeyPair a = x.generateKeyPair(), b = x.generateKeyPair();
        KeyAgreement one = KeyAgreement.getInstance("X25519"), two = KeyAgreement.getInstance("X25519");
        one.init(a.getPrivate());
        one.doPhase(b.getPublic(), true);
        two.init(b.getPrivate());
        two.doPhase(a.getPublic(), true);
        System.out.println(Arrays.equals(one.generateSecret(), two.generateSecret()));

        Path store = Path.of("keys.p12");
        Process keytool = new ProcessBuilder(System.getProperty("java.home") + "/bin/keytool", "-genkeypair", "-keyalg", "EC",
            "-alias", "me", "-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1", "-storepass", "password", "-keystore",
            store.toString()).redirectErrorStream(true).start();
        keytool.getInputStream().readAllBytes();
        System.out.println("keytool " + keytool.waitFor());
        KeyStore keys = KeyStore.getInstance(store.toFile(), "password".toCharArray());
        KeyManagerFactory kmf = KeyManagerFactory.getInstance("PKIX");
        kmf.init(keys, "password".toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("me", keys.getCertificate("me"));
        TrustManagerFactory tmf = TrustManagerFactory.getInstance("PKIX");
        tmf.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(kmf.getKeyManagers(), tmf.getTrustManagers(), null);
        for (String protocol : new String[] {"TLSv1.3", "TLSv1.2"}) {
            try (SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory()
                    .createServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
                server.setEnabledProtocols(new String[] {protocol});
                Thread echo = new Thread(() -> {
                    try (SSLSocket s = (SSLSocket) server.accept()) {
                        s.getInputStream().transferTo(s.getOutputStream());
                    } catch (IOException e) {
                        System.out.println(e);
                    }
                });
                echo.start();
                try (SSLSocket client = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.getLocalPort())) {
                    SSLParameters parameters = client.getSSLParameters();
                    parameters.setEndpointIdentificationAlgorithm("HTTPS");
                    client.setSSLParameters(parameters);
                    client.startHandshake();
                    client.getOutputStream().write(data, 0, 10_000);
                    byte[] in = client.getInputStream().readNBytes(10_000);
                    System.out.println(client.getSession().getProtocol() + " " + client.getSession().getCipherSuite() + " "
                        + Arrays.equals(in, Arrays.copyOf(data, 10_000)));
                    client.shutdownOutput();
                }
                echo.join();
            }
        }
    }
}
