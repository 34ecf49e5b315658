import java.io.FileInputStream;
import java.io.IOException;

/**
 * Runs one benchmark: the same work again and again, timed one by one. Every iteration must give the same
 * checksum. Figures are printed at the end, so that printing disturbs no measurement: for each iteration its
 * elapsed nanoseconds, and the processor time used since the start of the first one, by this thread (nanoseconds)
 * and by the whole process (milliseconds).
 *
 * <p>Arguments: {@code [iterations [seconds]]}. It stops after so many iterations, or at the first end of an
 * iteration after so many seconds, whichever is first; one iteration at least is run.
 */
public abstract class Harness {
    /** One iteration of the work. Returns a checksum, the same at every call. */
    protected abstract long iterate();

    private final byte[] buffer = new byte[1024];

    protected final void start(String[] args) {
        int most = args.length > 0 ? Integer.parseInt(args[0]) : 20;
        double seconds = args.length > 1 ? Double.parseDouble(args[1]) : 3600;
        long[] times = new long[most], thread = new long[most], process = new long[most];
        long threadStart = threadTime(), processStart = processTime();
        long end = System.nanoTime() + (long) (seconds * 1e9);
        long expected = 0;
        int done = 0;
        while (done < most) {
            long begin = System.nanoTime();
            long checksum = iterate();
            long now = System.nanoTime();
            times[done] = now - begin;
            thread[done] = threadTime() - threadStart;
            process[done] = processTime() - processStart;
            done++;
            if (done == 1) {
                expected = checksum;
            } else if (checksum != expected) {
                System.out.println("iteration " + done + " gave " + checksum + " after " + expected);
                System.exit(1);
            }
            if (now >= end) {
                break;
            }
        }
        StringBuilder text = new StringBuilder("checksum ").append(expected).append('\n');
        for (int i = 0; i < done; i++) {
            text.append("time ").append(times[i]).append(' ').append(thread[i]).append(' ').append(process[i]).append('\n');
        }
        System.out.print(text);
    }

    /** Nanoseconds on a processor; the kernel brings the figure up to date at its timer ticks. */
    private long threadTime() {
        return number(read("/proc/thread-self/schedstat"), 0);
    }

    /** Milliseconds on a processor, in user and system mode. */
    private long processTime() {
        int length = read("/proc/self/stat");
        int at = length;
        // The second field is the command's name in parentheses; the 14th and 15th are the times.
        while (at > 0 && buffer[at - 1] != ')') {
            at--;
        }
        long ticks = 0;
        for (int field = 3; field <= 15 && at < length; field++) {
            while (at < length && buffer[at] == ' ') {
                at++;
            }
            if (field >= 14) {
                ticks += number(length, at);
            }
            while (at < length && buffer[at] != ' ') {
                at++;
            }
        }
        return ticks * 10;
    }

    private int read(String file) {
        try (FileInputStream in = new FileInputStream(file)) {
            return Math.max(in.read(buffer), 0);
        } catch (IOException e) {
            return 0;
        }
    }

    private long number(int length, int at) {
        long n = 0;
        for (; at < length && buffer[at] >= '0' && buffer[at] <= '9'; at++) {
            n = n * 10 + buffer[at] - '0';
        }
        return n;
    }
}
