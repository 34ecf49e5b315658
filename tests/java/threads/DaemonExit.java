/** The VM ends when the last user thread ends, whatever daemons do. */
public class DaemonExit {
    public static void main(String[] args) throws Exception {
        Thread d = new Thread(() -> {
            while (true) {
                try {
                    Thread.sleep(1000);
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
        d.setDaemon(true);
        d.start();
        Thread busy = new Thread(() -> { for (long i = 0; ; i++) if (i < 0) System.out.println("never"); });
        busy.setDaemon(true);
        busy.start();
        Thread last = new Thread(() -> {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                return;
            }
            System.out.println("last user thread");
        });
        last.start();
        System.out.println("main ends");
    }
}
