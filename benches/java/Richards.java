/**
 * A simulated operating-system kernel: tasks of several classes pass packets through queues, and a scheduler
 * picks the runnable task of the highest priority. Virtual calls, small objects, linked lists.
 */
public class Richards extends Harness {
    private static final int WORK_PACKETS = 2;
    private static final int BUFFER = 4;

    static final class Packet {
        Packet next;
        Task target;
        final boolean isWork;
        int position;
        final int[] data = new int[BUFFER];

        Packet(Task target, boolean isWork) {
            this.target = target;
            this.isWork = isWork;
        }
    }

    /** A queue of packets through their own links. */
    static final class Queue {
        Packet head, tail;

        boolean isEmpty() {
            return head == null;
        }

        void add(Packet p) {
            p.next = null;
            if (head == null) {
                head = p;
            } else {
                tail.next = p;
            }
            tail = p;
        }

        Packet take() {
            Packet p = head;
            head = p.next;
            p.next = null;
            return p;
        }
    }

    abstract static class Task {
        final Scheduler scheduler;
        final int priority;
        final Queue inbox = new Queue();
        boolean held, suspended;

        Task(Scheduler scheduler, int priority) {
            this.scheduler = scheduler;
            this.priority = priority;
        }

        final boolean runnable() {
            return !held && (!suspended || !inbox.isEmpty());
        }

        /** One step; the packet is null where none waits. */
        abstract void step(Packet packet);

        final void send(Packet packet, Task to) {
            packet.target = this;
            to.inbox.add(packet);
            to.suspended = false;
            scheduler.sent++;
        }

        final void waitForPacket() {
            suspended = inbox.isEmpty();
        }
    }

    static final class Idle extends Task {
        int control = 1, left;
        Task first, second;

        Idle(Scheduler s, int left) {
            super(s, 0);
            this.left = left;
        }

        @Override
        void step(Packet ignored) {
            if (--left == 0) {
                held = true;
                return;
            }
            Task freed;
            if ((control & 1) == 0) {
                control >>= 1;
                freed = first;
            } else {
                control = (control >> 1) ^ 0xd008;
                freed = second;
            }
            freed.held = false;
        }
    }

    static final class Worker extends Task {
        Task partner, other;
        int letter;

        Worker(Scheduler s) {
            super(s, 1000);
        }

        @Override
        void step(Packet packet) {
            if (packet == null) {
                waitForPacket();
                return;
            }
            Task to = partner;
            partner = other;
            other = to;
            packet.position = 0;
            for (int i = 0; i < BUFFER; i++) {
                letter = letter == 26 ? 1 : letter + 1;
                packet.data[i] = 64 + letter;
            }
            send(packet, to);
        }
    }

    static final class Handler extends Task {
        final Queue work = new Queue(), devicePackets = new Queue();
        Task worker, device;

        Handler(Scheduler s, int priority) {
            super(s, priority);
        }

        @Override
        void step(Packet packet) {
            if (packet != null) {
                (packet.isWork ? work : devicePackets).add(packet);
            }
            if (!work.isEmpty()) {
                Packet w = work.head;
                if (w.position >= BUFFER) {
                    send(work.take(), worker);
                    return;
                }
                if (!devicePackets.isEmpty()) {
                    Packet d = devicePackets.take();
                    d.data[0] = w.data[w.position++];
                    send(d, device);
                    return;
                }
            }
            waitForPacket();
        }
    }

    static final class Device extends Task {
        Packet pending;
        Task handler;

        Device(Scheduler s, int priority) {
            super(s, priority);
        }

        @Override
        void step(Packet packet) {
            if (packet == null) {
                if (pending == null) {
                    waitForPacket();
                } else {
                    Packet p = pending;
                    pending = null;
                    send(p, handler);
                }
            } else {
                pending = packet;
                scheduler.output = scheduler.output * 31 + packet.data[0];
                held = true;
                scheduler.holds++;
            }
        }
    }

    static final class Scheduler {
        final Task[] tasks = new Task[6];
        int sent, holds;
        long output;

        long run(int rounds) {
            Idle idle = new Idle(this, rounds);
            Worker worker = new Worker(this);
            Handler a = new Handler(this, 2000), b = new Handler(this, 3000);
            Device c = new Device(this, 4000), d = new Device(this, 5000);
            idle.first = c;
            idle.second = d;
            worker.partner = a;
            worker.other = b;
            a.worker = b.worker = worker;
            a.device = c;
            b.device = d;
            c.handler = a;
            d.handler = b;
            for (int i = 0; i < WORK_PACKETS; i++) {
                worker.inbox.add(new Packet(worker, true));
            }
            for (int i = 0; i < 3; i++) {
                a.inbox.add(new Packet(c, false));
                b.inbox.add(new Packet(d, false));
            }
            tasks[0] = d;
            tasks[1] = c;
            tasks[2] = b;
            tasks[3] = a;
            tasks[4] = worker;
            tasks[5] = idle;
            int steps = 0;
            for (Task t = pick(); t != null; t = pick()) {
                t.step(t.inbox.isEmpty() ? null : t.inbox.take());
                steps++;
            }
            return output * 1_000_003 + sent * 1009L + holds * 31L + steps;
        }

        private Task pick() {
            for (Task t : tasks) {
                if (t.runnable()) {
                    return t;
                }
            }
            return null;
        }
    }

    @Override
    protected long iterate() {
        long sum = 0;
        for (int i = 0; i < 8; i++) {
            sum += new Scheduler().run(10_000 + i);
        }
        return sum;
    }

    public static void main(String[] args) {
        new Richards().start(args);
    }
}
