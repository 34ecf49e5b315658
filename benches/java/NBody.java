/** Gravitation between five bodies: double arithmetic on fields of objects. */
public class NBody extends Harness {
    static final class Body {
        double x, y, z, vx, vy, vz;
        final double mass;

        Body(double x, double y, double z, double vx, double vy, double vz, double mass) {
            this.x = x;
            this.y = y;
            this.z = z;
            this.vx = vx;
            this.vy = vy;
            this.vz = vz;
            this.mass = mass;
        }
    }

    /** A star and four planets on nearly circular orbits, at rest as a whole. */
    private static Body[] system() {
        Body[] bodies = new Body[5];
        double px = 0, py = 0, pz = 0;
        for (int i = 1; i < bodies.length; i++) {
            double r = 1.0 + 1.7 * i, angle = i * 1.1, tilt = 0.02 * i;
            double speed = Math.sqrt(40.0 / r), mass = 0.004 / i;
            double c = 1 - angle * angle / 2 + angle * angle * angle * angle / 24;
            double s = Math.sqrt(Math.max(0, 1 - c * c));
            bodies[i] = new Body(r * c, r * s, r * tilt, -speed * s, speed * c, speed * tilt, mass);
            px += bodies[i].vx * mass;
            py += bodies[i].vy * mass;
            pz += bodies[i].vz * mass;
        }
        bodies[0] = new Body(0, 0, 0, -px / 40, -py / 40, -pz / 40, 40);
        return bodies;
    }

    private static void advance(Body[] bodies, double dt) {
        for (int i = 0; i < bodies.length; i++) {
            Body a = bodies[i];
            for (int j = i + 1; j < bodies.length; j++) {
                Body b = bodies[j];
                double dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
                double squared = dx * dx + dy * dy + dz * dz;
                double force = dt / (squared * Math.sqrt(squared));
                a.vx -= dx * b.mass * force;
                a.vy -= dy * b.mass * force;
                a.vz -= dz * b.mass * force;
                b.vx += dx * a.mass * force;
                b.vy += dy * a.mass * force;
                b.vz += dz * a.mass * force;
            }
        }
        for (Body b : bodies) {
            b.x += dt * b.vx;
            b.y += dt * b.vy;
            b.z += dt * b.vz;
        }
    }

    private static double energy(Body[] bodies) {
        double e = 0;
        for (int i = 0; i < bodies.length; i++) {
            Body a = bodies[i];
            e += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz);
            for (int j = i + 1; j < bodies.length; j++) {
                Body b = bodies[j];
                double dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
                e -= a.mass * b.mass / Math.sqrt(dx * dx + dy * dy + dz * dz);
            }
        }
        return e;
    }

    @Override
    protected long iterate() {
        Body[] bodies = system();
        for (int i = 0; i < 100_000; i++) {
            advance(bodies, 0.001);
        }
        return Double.doubleToLongBits(energy(bodies));
    }

    public static void main(String[] args) {
        new NBody().start(args);
    }
}
