import java.util.concurrent.atomic.AtomicLong;

public class ManyThreads {
    public static void main(String[] args) throws Exception {
        AtomicLong sum = new AtomicLong();
        for (int round = 0; round < 20; round++) {
            Thread[] ts = new Thread[100];
            for (int i = 0; i < ts.length; i++) {
                int n = i;
                ts[i] = new Thread(null, () -> sum.addAndGet(n), "t", 128 * 1024);
                ts[i].start();
            }
            for (Thread t : ts) t.join();
        }
        System.out.println(sum);
        Object gate = new Object();
        int[] inside = new int[1];
        Thread[] all = new Thread[300];
        for (int i = 0; i < all.length; i++) {
            all[i] = new Thread(() -> {
                synchronized (gate) {
                    inside[0]++;
                    gate.notifyAll();
                    while (inside[0] < all.length) {
                        try {
                            gate.wait();
                        } catch (InterruptedException e) {
                            return;
                        }
                    }
                }
            });
            all[i].start();
        }
        for (Thread t : all) t.join();
        System.out.println(inside[0]);
    }
}
