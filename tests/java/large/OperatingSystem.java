import java.util.ArrayList;
import java.util.List;

/** A scheduler simulation in the manner of the Richards benchmark: tasks with state machines exchange packets under priorities. */
public class OperatingSystem {
    enum Kind { IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B }
    static final int DEVICE = 1, WORK = 2;

    static final class Packet {
        Packet link;
        Kind target;
        final int kind;
        int datum;
        final int[] data = new int[4];

        Packet(Packet link, Kind target, int kind) {
            this.link = link;
            this.target = target;
            this.kind = kind;
        }

        Packet appendTo(Packet queue) {
            link = null;
            if (queue == null) return this;
            Packet p = queue;
            while (p.link != null) p = p.link;
            p.link = this;
            return queue;
        }
    }

    static abstract class Task {
        final Kind id;
        final int priority;
        final Scheduler os;
        Task next;
        Packet queue;
        boolean held, suspended, ready;
        int runs;

        Task(Scheduler os, Kind id, int priority, Packet queue) {
            this.os = os;
            this.id = id;
            this.priority = priority;
            this.queue = queue;
            this.suspended = queue == null;
            this.ready = queue != null;
            os.add(this);
        }

        abstract Task run(Packet p);

        boolean blocked() { return held || suspended && !ready; }

        Task dispatch() {
            Packet p = null;
            if (suspended && ready || queue != null && ready) {
                p = queue;
                if (p != null) queue = p.link;
                suspended = false;
                ready = queue != null;
            }
            runs++;
            return run(p);
        }

        Task accept(Packet p, Task current) {
            if (queue == null) {
                queue = p;
                p.link = null;
                ready = true;
                if (priority > current.priority) return this;
            } else {
                queue = p.appendTo(queue);
            }
            return current;
        }

        Task suspend() {
            suspended = true;
            return this;
        }

        Task hold() {
            os.holds++;
            held = true;
            return next;
        }
    }

    static final class Scheduler {
        final Task[] table = new Task[Kind.values().length];
        Task list, current;
        int queued, holds;
        long trace = 17;

        void add(Task t) {
            t.next = list;
            list = t;
            table[t.id.ordinal()] = t;
        }

        void run() {
            current = list;
            while (current != null) {
                if (current.blocked()) {
                    current = current.next;
                } else {
                    trace = trace * 31 + current.id.ordinal();
                    current = current.dispatch();
                }
            }
        }

        Task release(Kind id) {
            Task t = table[id.ordinal()];
            t.held = false;
            return t.priority > current.priority ? t : current;
        }

        Task queue(Packet p) {
            queued++;
            Kind to = p.target;
            p.target = current.id;
            return table[to.ordinal()].accept(p, current);
        }
    }

    static final class Idle extends Task {
        int seed = 1, count;

        Idle(Scheduler os, int count) {
            super(os, Kind.IDLE, 0, null);
            this.count = count;
            suspended = false;
        }

        @Override Task run(Packet p) {
            if (--count == 0) return hold();
            boolean odd = (seed & 1) != 0;
            seed = odd ? seed >> 1 ^ 0xD008 : seed >> 1;
            return os.release(odd ? Kind.DEVICE_B : Kind.DEVICE_A);
        }
    }

    static final class Worker extends Task {
        Kind destination = Kind.HANDLER_A;
        int count;

        Worker(Scheduler os, Packet q) { super(os, Kind.WORKER, 1000, q); }

        @Override Task run(Packet p) {
            if (p == null) return suspend();
            destination = destination == Kind.HANDLER_A ? Kind.HANDLER_B : Kind.HANDLER_A;
            p.target = destination;
            p.datum = 0;
            for (int i = 0; i < p.data.length; i++) {
                if (++count > 26) count = 1;
                p.data[i] = 'A' + count - 1;
            }
            return os.queue(p);
        }
    }

    static final class Handler extends Task {
        Packet work, devices;
        final Kind device;
        final StringBuilder seen = new StringBuilder();

        Handler(Scheduler os, Kind id, int priority, Kind device, Packet q) {
            super(os, id, priority, q);
            this.device = device;
        }

        @Override Task run(Packet p) {
            if (p != null) {
                if (p.kind == WORK) work = p.appendTo(work);
                else devices = p.appendTo(devices);
            }
            if (work != null) {
                Packet w = work;
                if (w.datum >= w.data.length) {
                    work = w.link;
                    return os.queue(w);
                }
                if (devices != null) {
                    Packet d = devices;
                    devices = d.link;
                    d.datum = w.data[w.datum++];
                    d.target = device;
                    return os.queue(d);
                }
            }
            return suspend();
        }
    }

    static final class Device extends Task {
        Packet pending;
        final StringBuilder printed = new StringBuilder();

        Device(Scheduler os, Kind id, int priority) { super(os, id, priority, null); }

        @Override Task run(Packet p) {
            if (p == null) {
                if (pending == null) return suspend();
                Packet v = pending;
                pending = null;
                return os.queue(v);
            }
            pending = p;
            if (printed.length() < 40) printed.append((char) p.datum);
            return hold();
        }
    }

    static Packet chain(Kind from, int n, int kind) {
        Packet p = null;
        for (int i = 0; i < n; i++) p = new Packet(p, from, kind);
        return p;
    }

    static String simulate(int count) {
        Scheduler os = new Scheduler();
        new Idle(os, count);
        new Worker(os, chain(Kind.WORKER, 2, WORK));
        new Handler(os, Kind.HANDLER_A, 2000, Kind.DEVICE_A, chain(Kind.DEVICE_A, 3, DEVICE));
        new Handler(os, Kind.HANDLER_B, 3000, Kind.DEVICE_B, chain(Kind.DEVICE_B, 3, DEVICE));
        Device a = new Device(os, Kind.DEVICE_A, 4000), b = new Device(os, Kind.DEVICE_B, 5000);
        for (Task t : os.table) if (t.queue != null) { t.suspended = true; t.ready = true; }
        os.run();
        List<String> runs = new ArrayList<>();
        for (Task t : os.table) runs.add(t.id + ":" + t.runs);
        return "queued " + os.queued + " held " + os.holds + " trace " + os.trace + " " + runs + " A=" + a.printed + " B=" + b.printed;
    }

    public static void main(String[] args) {
        for (int n : new int[] {1, 2, 10, 100, 1000, 10000}) System.out.println(n + " " + simulate(n));
        String first = simulate(2000);
        boolean same = true;
        for (int i = 0; i < 20; i++) same &= simulate(2000).equals(first);
        System.out.println(same);
    }
}
