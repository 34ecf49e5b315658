import java.io.*;
import java.net.*;
import java.nio.*;
import java.nio.channels.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;

/** A selector server and its clients, asynchronous channels, datagrams, mapped files, locks, watches, HTTP both ends. */
public class Channels {
    static void echo(ServerSocketChannel server, int clients) throws IOException {
        Selector selector = Selector.open();
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        ByteBuffer buffer = ByteBuffer.allocateDirect(1000);
        int closed = 0;
        while (closed < clients) {
            selector.select();
            for (Iterator<SelectionKey> i = selector.selectedKeys().iterator(); i.hasNext();) {
                SelectionKey key = i.next();
                i.remove();
                if (key.isAcceptable()) {
                    SocketChannel c = server.accept();
                    c.configureBlocking(false);
                    c.register(selector, SelectionKey.OP_READ);
                } else {
                    SocketChannel c = (SocketChannel) key.channel();
                    buffer.clear();
                    if (c.read(buffer) < 0) {
                        c.close();
                        closed++;
                        continue;
                    }
                    buffer.flip();
                    while (buffer.hasRemaining()) c.write(buffer);
                }
            }
        }
        selector.close();
    }

    public static void main(String[] args) throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0))) {
            int clients = 20;
            Thread echo = new Thread(() -> {
                try {
                    echo(server, clients);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            echo.start();
            ExecutorService pool = Executors.newFixedThreadPool(clients);
            List<Future<Long>> results = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                int n = i;
                results.add(pool.submit(() -> {
                    long sum = 0;
                    try (Socket s = new Socket(loopback, server.socket().getLocalPort())) {
                        for (int k = 0; k < 50; k++) {
                            byte[] out = new byte[100 + 7 * n];
                            Arrays.fill(out, (byte) (k + n));
                            s.getOutputStream().write(out);
                            byte[] in = s.getInputStream().readNBytes(out.length);
                            if (!Arrays.equals(in, out)) throw new IOException("differs");
                            sum += in[0] * in.length;
                        }
                    }
                    return sum;
                }));
            }
            long total = 0;
            for (Future<Long> r : results) total += r.get();
            pool.shutdown();
            echo.join();
            System.out.println("echo " + total);
        }

        try (AsynchronousServerSocketChannel server = AsynchronousServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
             AsynchronousSocketChannel client = AsynchronousSocketChannel.open()) {
            Future<AsynchronousSocketChannel> accepted = server.accept();
            client.connect(server.getLocalAddress()).get();
            client.write(ByteBuffer.wrap("async".getBytes())).get();
            ByteBuffer in = ByteBuffer.allocate(5);
            accepted.get().read(in).get();
            System.out.println(new String(in.array()));
            accepted.get().close();
        }

        try (DatagramChannel a = DatagramChannel.open().bind(new InetSocketAddress(loopback, 0));
             DatagramSocket b = new DatagramSocket(0, loopback)) {
            a.send(ByteBuffer.wrap("packet".getBytes()), b.getLocalSocketAddress());
            DatagramPacket p = new DatagramPacket(new byte[20], 20);
            b.receive(p);
            System.out.println(new String(p.getData(), 0, p.getLength()));
        }

        Path file = Files.createTempFile(Path.of("."), "mapped", ".bin");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, 1 << 20);
            for (int i = 0; i < map.capacity(); i += 8) map.putLong(i, i * 31L);
            map.force();
            LongBuffer longs = channel.map(FileChannel.MapMode.READ_ONLY, 0, 1 << 20).asLongBuffer();
            long sum = 0;
            while (longs.hasRemaining()) sum += longs.get();
            System.out.println("mapped " + sum);
            try (FileLock lock = channel.lock(0, 10, false)) {
                System.out.println(lock.isValid() + " " + lock.isShared());
                try {
                    channel.tryLock(5, 10, false);
                } catch (OverlappingFileLockException e) {
                    System.out.println(e);
                }
            }
            ByteBuffer[] parts = {ByteBuffer.wrap("gather ".getBytes()), ByteBuffer.wrap("ed".getBytes())};
            channel.truncate(0).write(parts);
        }
        System.out.println(Files.readString(file));
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            Path dir = Files.createTempDirectory(Path.of("."), "watched");
            dir.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            Files.writeString(dir.resolve("new"), "x");
            WatchKey key = watch.poll(30, TimeUnit.SECONDS);
            for (WatchEvent<?> event : key.pollEvents()) System.out.println(event.kind() + " " + event.context());
        }

        var http = com.sun.net.httpserver.HttpServer.create(new InetSocketAddress(loopback, 0), 0);
        http.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            byte[] answer = (exchange.getRequestMethod() + " " + exchange.getRequestURI().getQuery() + " " + body.length).getBytes();
            exchange.getResponseHeaders().add("X-Kind", "test");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        http.setExecutor(Executors.newFixedThreadPool(4, r -> {
            Thread t = new Thread(r);
            t.setDaemon(true);
            return t;
        }));
        http.start();
        var client = java.net.http.HttpClient.newHttpClient();
        URI base = URI.create("http://" + loopback.getHostAddress() + ":" + http.getAddress().getPort() + "/?a=b");
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            var request = java.net.http.HttpRequest.newBuilder(base)
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString("x".repeat(i * 100))).build();
            answers.add(client.sendAsync(request, java.net.http.HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
                .thenApply(r -> r.statusCode() + " " + r.body() + " " + r.headers().firstValue("x-kind").get()));
        }
        for (var a : answers) System.out.println(a.get(60, TimeUnit.SECONDS));
        http.stop(0);
        Process cat = new ProcessBuilder("cat").redirectErrorStream(true).start();
        try (Writer w = new OutputStreamWriter(cat.getOutputStream())) {
            for (int i = 0; i < 1000; i++) w.write("line " + i + "\n");
        }
        System.out.println(new BufferedReader(new InputStreamReader(cat.getInputStream())).lines().count() + " " + cat.waitFor());
    }
}
