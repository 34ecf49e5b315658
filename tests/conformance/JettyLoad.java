import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.AbstractHandler;

/**
 * A jetty server and its clients in one VM: SECONDS of four connections at RATE requests a second each. Prints requests,
 * errors and resident memory twice a minute; fails when memory at the end is 10 % above that after a sixth of the time.
 */
public class JettyLoad {
    public static void main(String[] args) throws Exception {
        int seconds = Integer.parseInt(args[0]), rate = Integer.parseInt(args[1]);
        Server server = new Server(0);
        server.setHandler(new AbstractHandler() {
            @Override
            public void handle(String target, Request base, HttpServletRequest request, HttpServletResponse response) throws IOException {
                byte[] body = request.getInputStream().readAllBytes();
                List<String> lines = new ArrayList<>();
                for (int i = 0; i < 50; i++) lines.add(target + i + body.length);
                response.setContentType("text/plain");
                response.getWriter().print(String.join("\n", lines).hashCode());
                base.setHandled(true);
            }
        });
        server.start();
        int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        AtomicLong done = new AtomicLong(), failed = new AtomicLong();
        long start = System.nanoTime(), end = start + seconds * 1_000_000_000L;
        List<Thread> clients = new ArrayList<>();
        for (int c = 0; c < 4; c++) {
            int number = c;
            Thread t = new Thread(() -> {
                HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
                long next = System.nanoTime();
                for (int i = 0; System.nanoTime() < end; i++) {
                    String path = "/" + number + "/" + i % 1000;
                    byte[] body = new byte[i % 997 * 20];
                    List<String> lines = new ArrayList<>();
                    for (int k = 0; k < 50; k++) lines.add(path + k + body.length);
                    try {
                        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
                        String answer = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
                        if (answer.equals("" + String.join("\n", lines).hashCode())) done.incrementAndGet();
                        else failed.incrementAndGet();
                        next += 1_000_000_000L / rate;
                        long wait = next - System.nanoTime();
                        if (wait > 0) Thread.sleep(wait / 1_000_000);
                    } catch (IOException | InterruptedException e) {
                        failed.incrementAndGet();
                    }
                }
            });
            t.start();
            clients.add(t);
        }
        long settled = 0, last = 0;
        for (int second = 30; second <= seconds; second += 30) {
            long wait = start + second * 1_000_000_000L - System.nanoTime();
            Thread.sleep(Math.max(0, wait / 1_000_000 - 500));
            last = residentKiB();
            if (settled == 0 && second * 6 >= seconds) settled = last;
            System.out.println(second + " s: " + done + " requests, " + failed + " errors, " + last / 1024 + " MiB resident");
        }
        for (Thread t : clients) t.join();
        server.stop();
        boolean constant = last <= settled * 1.1;
        System.out.println(failed.get() == 0 && constant ? "passed" : "failed");
        System.exit(failed.get() == 0 && constant ? 0 : 1);
    }

    static long residentKiB() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status")))
            if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("[^0-9]", ""));
        throw new IOException("no VmRSS");
    }
}
