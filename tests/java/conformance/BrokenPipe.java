import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;

/** Writing to what nobody reads any more is an exception, not the end of the process. */
public class BrokenPipe {
    interface Write {
        void write() throws IOException;
    }

    static void untilItFails(String what, Write write) {
        try {
            for (int i = 0; i < 100_000; i++) write.write();
            System.out.println(what + ": no failure");
        } catch (IOException e) {
            System.out.println(what + ": " + (e instanceof IOException));
        }
    }

    public static void main(String[] args) throws Exception {
        Pipe pipe = Pipe.open();
        pipe.source().close();
        untilItFails("pipe", () -> pipe.sink().write(ByteBuffer.allocate(100)));

        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
             Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
            server.accept().close();
            OutputStream out = client.getOutputStream();
            untilItFails("socket", () -> out.write(new byte[1000]));
        }

        Process child = new ProcessBuilder("true").start();
        child.waitFor();
        OutputStream toChild = child.getOutputStream();
        untilItFails("process", () -> {
            toChild.write(new byte[10_000]);
            toChild.flush();
        });

        // A child has the signal's default action.
        Process yes = new ProcessBuilder("sh", "-c", "yes | head -n 1; echo done").start();
        System.out.print(new String(yes.getInputStream().readAllBytes()));
    }
}
