import java.io.*;
import java.net.*;
import java.nio.ByteBuffer;
import java.nio.channels.*;
import java.util.Iterator;

public class Network {
    public static void main(String[] args) throws Exception {
        InetAddress lo = InetAddress.getByName("127.0.0.1");
        try (ServerSocket ss = new ServerSocket(0, 10, lo)) {
            Thread server = new Thread(() -> {
                try {
                    for (int n = 0; n < 3; n++) {
                        try (Socket s = ss.accept(); BufferedReader r = new BufferedReader(new InputStreamReader(s.getInputStream())); PrintWriter w = new PrintWriter(s.getOutputStream(), true)) {
                            for (String l; (l = r.readLine()) != null; ) w.println("echo " + l);
                        }
                    }
                } catch (IOException e) {
                    e.printStackTrace();
                }
            });
            server.start();
            for (int n = 0; n < 3; n++) {
                try (Socket s = new Socket(lo, ss.getLocalPort()); BufferedReader r = new BufferedReader(new InputStreamReader(s.getInputStream())); PrintWriter w = new PrintWriter(s.getOutputStream(), true)) {
                    w.println("hello " + n);
                    System.out.println(r.readLine() + " " + s.isConnected() + s.getInetAddress());
                    s.shutdownOutput();
                    System.out.println(r.readLine());
                }
            }
            server.join();
            ss.setSoTimeout(20);
            try {
                ss.accept();
            } catch (SocketTimeoutException e) {
                System.out.println(e.getMessage());
            }
        }
        Selector sel = Selector.open();
        ServerSocketChannel ssc = ServerSocketChannel.open().bind(new InetSocketAddress(lo, 0));
        ssc.configureBlocking(false).register(sel, SelectionKey.OP_ACCEPT);
        Thread client = new Thread(() -> {
            try (SocketChannel c = SocketChannel.open(ssc.getLocalAddress())) {
                c.write(ByteBuffer.wrap("nio".getBytes()));
                ByteBuffer b = ByteBuffer.allocate(10);
                while (b.position() < 3 && c.read(b) >= 0) {}
                System.out.println("client got " + new String(b.array(), 0, b.position()));
            } catch (IOException e) {
                e.printStackTrace();
            }
        });
        client.start();
        boolean done = false;
        while (!done) {
            sel.select(1000);
            for (Iterator<SelectionKey> it = sel.selectedKeys().iterator(); it.hasNext(); ) {
                SelectionKey k = it.next();
                it.remove();
                if (k.isAcceptable()) {
                    ssc.accept().configureBlocking(false).register(sel, SelectionKey.OP_READ);
                } else if (k.isReadable()) {
                    ByteBuffer b = ByteBuffer.allocate(10);
                    SocketChannel c = (SocketChannel) k.channel();
                    int n = c.read(b);
                    if (n < 0) { c.close(); done = true; } else { c.write(b.flip()); }
                }
            }
        }
        client.join();
        ssc.close();
        sel.close();
        try (DatagramSocket a = new DatagramSocket(0, lo); DatagramSocket b = new DatagramSocket(0, lo)) {
            a.send(new DatagramPacket("udp".getBytes(), 3, lo, b.getLocalPort()));
            DatagramPacket p = new DatagramPacket(new byte[10], 10);
            b.receive(p);
            System.out.println(new String(p.getData(), 0, p.getLength()));
        }
        int free;
        try (ServerSocket s = new ServerSocket(0, 1, lo)) { free = s.getLocalPort(); }
        try {
            new Socket(lo, free).close();
        } catch (ConnectException e) {
            System.out.println(e.getMessage());
        }
        URI u = new URI("http://user@host:80/p/a?q=1#f");
        System.out.println(u.getHost() + u.getPort() + u.getPath() + u.getQuery() + u.getFragment() + u.resolve("../x") + URLEncoder.encode("a b&c\u4e2d", "UTF-8") + URLDecoder.decode("a+b%26", "UTF-8") + new URL("http://h/p?q").getFile());
        try {
            new URI("a b");
        } catch (URISyntaxException e) {
            System.out.println(e.getMessage());
        }
        System.out.println(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}).isSiteLocalAddress() + " " + InetAddress.getByName("::1") + " " + InetAddress.getLoopbackAddress().isLoopbackAddress());
    }
}
