import java.util.ArrayList;
import java.util.List;

/** Rays against spheres and planes, with shadows and reflection: short-lived vectors, interface calls, doubles. */
public class RayTracer extends Harness {
    record Vec(double x, double y, double z) {
        Vec plus(Vec o) {
            return new Vec(x + o.x, y + o.y, z + o.z);
        }

        Vec minus(Vec o) {
            return new Vec(x - o.x, y - o.y, z - o.z);
        }

        Vec times(double f) {
            return new Vec(x * f, y * f, z * f);
        }

        double dot(Vec o) {
            return x * o.x + y * o.y + z * o.z;
        }

        Vec unit() {
            return times(1 / Math.sqrt(dot(this)));
        }
    }

    record Ray(Vec origin, Vec direction) {
        Vec at(double t) {
            return origin.plus(direction.times(t));
        }
    }

    record Material(Vec colour, double mirror) {}

    interface Shape {
        /** Distance along the ray, or a negative number. */
        double hit(Ray ray);

        Vec normal(Vec at);

        Material material(Vec at);
    }

    record Sphere(Vec centre, double radius, Material material) implements Shape {
        public double hit(Ray ray) {
            Vec o = ray.origin().minus(centre);
            double b = o.dot(ray.direction()), c = o.dot(o) - radius * radius, d = b * b - c;
            if (d < 0) {
                return -1;
            }
            double root = Math.sqrt(d);
            return -b - root > 1e-6 ? -b - root : -b + root;
        }

        public Vec normal(Vec at) {
            return at.minus(centre).times(1 / radius);
        }

        public Material material(Vec at) {
            return material;
        }
    }

    record Floor(double height, Material light, Material dark) implements Shape {
        public double hit(Ray ray) {
            return (height - ray.origin().y()) / ray.direction().y();
        }

        public Vec normal(Vec at) {
            return new Vec(0, 1, 0);
        }

        public Material material(Vec at) {
            return ((int) Math.floor(at.x()) + (int) Math.floor(at.z()) & 1) == 0 ? light : dark;
        }
    }

    private final List<Shape> scene = new ArrayList<>();
    private final Vec light = new Vec(5, 9, -6);

    private RayTracer() {
        scene.add(new Floor(-1, new Material(new Vec(0.9, 0.9, 0.9), 0.1), new Material(new Vec(0.1, 0.1, 0.1), 0.3)));
        for (int i = 0; i < 6; i++) {
            scene.add(new Sphere(new Vec(i * 1.3 - 3, i % 2 * 0.8 - 0.4, 4 + i % 3), 0.7,
                    new Material(new Vec(0.3 + 0.1 * i, 0.9 - 0.1 * i, 0.5), 0.1 * i)));
        }
    }

    private Shape nearest(Ray ray, double[] distance) {
        Shape found = null;
        double best = Double.MAX_VALUE;
        for (Shape s : scene) {
            double t = s.hit(ray);
            if (t > 1e-6 && t < best) {
                best = t;
                found = s;
            }
        }
        distance[0] = best;
        return found;
    }

    private Vec trace(Ray ray, int depth) {
        double[] distance = new double[1];
        Shape s = nearest(ray, distance);
        if (s == null) {
            return new Vec(0.2, 0.3, 0.5).times(1 + ray.direction().y());
        }
        Vec at = ray.at(distance[0]), normal = s.normal(at), toLight = light.minus(at).unit();
        Material m = s.material(at);
        double brightness = 0.1;
        if (nearest(new Ray(at.plus(normal.times(1e-4)), toLight), distance) == null) {
            brightness += 0.9 * Math.max(0, normal.dot(toLight));
        }
        Vec colour = m.colour().times(brightness);
        if (depth > 0 && m.mirror() > 0) {
            Vec d = ray.direction();
            Ray reflected = new Ray(at, d.minus(normal.times(2 * normal.dot(d))));
            colour = colour.times(1 - m.mirror()).plus(trace(reflected, depth - 1).times(m.mirror()));
        }
        return colour;
    }

    @Override
    protected long iterate() {
        int size = 160;
        long hash = 0;
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                Vec c = trace(new Ray(new Vec(0, 0, -3), new Vec((x - 80) / 106.0, (80 - y) / 106.0, 1).unit()), 3);
                hash = hash * 31 + ((int) (c.x() * 255) << 16 | (int) (c.y() * 255) << 8 | (int) (c.z() * 255));
            }
        }
        return hash;
    }

    public static void main(String[] args) {
        new RayTracer().start(args);
    }
}
