import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/** A small ray tracer (spheres, planes, boxes, reflection, refraction, shadows, textures) rendered to characters, serially and in parallel. */
public class RayTracer {
    record Vec(double x, double y, double z) {
        static final Vec ZERO = new Vec(0, 0, 0);
        Vec plus(Vec o) { return new Vec(x + o.x, y + o.y, z + o.z); }
        Vec minus(Vec o) { return new Vec(x - o.x, y - o.y, z - o.z); }
        Vec times(double k) { return new Vec(x * k, y * k, z * k); }
        Vec times(Vec o) { return new Vec(x * o.x, y * o.y, z * o.z); }
        double dot(Vec o) { return x * o.x + y * o.y + z * o.z; }
        Vec cross(Vec o) { return new Vec(y * o.z - z * o.y, z * o.x - x * o.z, x * o.y - y * o.x); }
        double length() { return Math.sqrt(dot(this)); }
        Vec unit() { return times(1 / length()); }
        Vec reflect(Vec n) { return minus(n.times(2 * dot(n))); }
    }

    record Ray(Vec origin, Vec direction) {
        Vec at(double t) { return origin.plus(direction.times(t)); }
    }

    interface Texture { Vec at(Vec p); }

    record Material(Texture colour, double reflect, double refract, double shine) {
        static Material plain(double r, double g, double b) { return new Material(p -> new Vec(r, g, b), 0, 0, 10); }
        Material mirror(double k) { return new Material(colour, k, refract, shine); }
        Material glass(double index) { return new Material(colour, reflect, index, 50); }
    }

    record Hit(double t, Vec point, Vec normal, Material material) {}

    static final double EPS = 1e-6;
    static final double FAR = Double.POSITIVE_INFINITY;

    static abstract class Shape {
        final Material material;
        Shape(Material m) { material = m; }
        abstract double intersect(Ray r);
        abstract Vec normal(Vec p);

        Hit hit(Ray r) {
            double t = intersect(r);
            if (t == FAR) return null;
            Vec p = r.at(t);
            return new Hit(t, p, normal(p), material);
        }
    }

    static final class Sphere extends Shape {
        final Vec centre;
        final double radius;

        Sphere(Vec c, double r, Material m) {
            super(m);
            centre = c;
            radius = r;
        }

        @Override double intersect(Ray r) {
            Vec oc = r.origin().minus(centre);
            double b = oc.dot(r.direction()), c = oc.dot(oc) - radius * radius, d = b * b - c;
            if (d < 0) return FAR;
            double s = Math.sqrt(d);
            return -b - s > EPS ? -b - s : -b + s > EPS ? -b + s : FAR;
        }

        @Override Vec normal(Vec p) { return p.minus(centre).times(1 / radius); }
    }

    static final class Plane extends Shape {
        final Vec n;
        final double d;

        Plane(Vec n, double d, Material m) {
            super(m);
            this.n = n.unit();
            this.d = d;
        }

        @Override double intersect(Ray r) {
            double k = n.dot(r.direction());
            if (Math.abs(k) < EPS) return FAR;
            double t = (d - n.dot(r.origin())) / k;
            return t > EPS ? t : FAR;
        }

        @Override Vec normal(Vec p) { return n; }
    }

    static final class Box extends Shape {
        final Vec lo, hi;

        Box(Vec lo, Vec hi, Material m) {
            super(m);
            this.lo = lo;
            this.hi = hi;
        }

        @Override double intersect(Ray r) {
            double near = Double.NEGATIVE_INFINITY, far = FAR;
            double[][] axes = {{r.origin().x(), r.direction().x(), lo.x(), hi.x()}, {r.origin().y(), r.direction().y(), lo.y(), hi.y()}, {r.origin().z(), r.direction().z(), lo.z(), hi.z()}};
            for (double[] a : axes) {
                double t1 = (a[2] - a[0]) / a[1], t2 = (a[3] - a[0]) / a[1];
                near = Math.max(near, Math.min(t1, t2));
                far = Math.min(far, Math.max(t1, t2));
            }
            if (!(near <= far)) return FAR;
            return near > EPS ? near : far > EPS ? far : FAR;
        }

        @Override Vec normal(Vec p) {
            double best = Double.MAX_VALUE;
            Vec n = Vec.ZERO;
            double[] d = {p.x() - lo.x(), hi.x() - p.x(), p.y() - lo.y(), hi.y() - p.y(), p.z() - lo.z(), hi.z() - p.z()};
            Vec[] ns = {new Vec(-1, 0, 0), new Vec(1, 0, 0), new Vec(0, -1, 0), new Vec(0, 1, 0), new Vec(0, 0, -1), new Vec(0, 0, 1)};
            for (int i = 0; i < 6; i++) {
                if (Math.abs(d[i]) < best) {
                    best = Math.abs(d[i]);
                    n = ns[i];
                }
            }
            return n;
        }
    }

    record Light(Vec position, double power) {}

    static final class Scene {
        final List<Shape> shapes = new ArrayList<>();
        final List<Light> lights = new ArrayList<>();
        final Vec sky = new Vec(0.4, 0.5, 0.7);

        Hit nearest(Ray r) {
            Hit best = null;
            for (Shape s : shapes) {
                Hit h = s.hit(r);
                if (h != null && (best == null || h.t() < best.t())) best = h;
            }
            return best;
        }

        boolean shadowed(Vec p, Vec to) {
            Vec d = to.minus(p);
            double dist = d.length();
            Ray r = new Ray(p, d.times(1 / dist));
            for (Shape s : shapes) if (s.material.refract() == 0 && s.intersect(r) < dist) return true;
            return false;
        }

        Vec trace(Ray r, int depth) {
            Hit h = nearest(r);
            if (h == null) return sky.times(0.5 + 0.5 * Math.max(0, r.direction().y()));
            Vec n = h.normal().dot(r.direction()) > 0 ? h.normal().times(-1) : h.normal();
            Vec above = h.point().plus(n.times(1e-4));
            Vec base = h.material().colour().at(h.point());
            Vec c = base.times(0.15);
            for (Light l : lights) {
                if (shadowed(above, l.position())) continue;
                Vec to = l.position().minus(h.point()).unit();
                double diffuse = Math.max(0, n.dot(to)) * l.power();
                double spec = h.material().reflect() > 0 ? power(Math.max(0, r.direction().reflect(n).dot(to)), (int) h.material().shine()) : 0;
                c = c.plus(base.times(diffuse)).plus(new Vec(spec, spec, spec));
            }
            if (depth > 0 && h.material().reflect() > 0) c = c.times(1 - h.material().reflect()).plus(trace(new Ray(above, r.direction().reflect(n).unit()), depth - 1).times(h.material().reflect()));
            if (depth > 0 && h.material().refract() > 0) {
                double eta = h.normal().dot(r.direction()) > 0 ? h.material().refract() : 1 / h.material().refract();
                double cos = -n.dot(r.direction()), k = 1 - eta * eta * (1 - cos * cos);
                Vec d = k < 0 ? r.direction().reflect(n) : r.direction().times(eta).plus(n.times(eta * cos - Math.sqrt(k)));
                c = c.times(0.2).plus(trace(new Ray(h.point().minus(n.times(k < 0 ? -1e-4 : 1e-4)), d.unit()), depth - 1).times(0.8));
            }
            return c;
        }

        static double power(double b, int e) {
            double r = 1;
            for (; e > 0; e >>= 1, b *= b) if ((e & 1) == 1) r *= b;
            return r;
        }

        double[] row(int y, int w, int h) {
            double[] out = new double[w];
            Vec eye = new Vec(0, 1.5, -6), ahead = new Vec(0, -0.15, 1).unit(), right = new Vec(0, 1, 0).cross(ahead).unit(), up = ahead.cross(right);
            for (int x = 0; x < w; x++) {
                double sum = 0;
                for (int s = 0; s < 4; s++) {
                    double u = ((x + 0.25 + (s & 1) * 0.5) / w - 0.5) * 2, v = (0.5 - (y + 0.25 + (s >> 1) * 0.5) / h) * 1.2;
                    Vec c = trace(new Ray(eye, ahead.times(1.6).plus(right.times(u)).plus(up.times(v)).unit()), 4);
                    sum += 0.3 * c.x() + 0.59 * c.y() + 0.11 * c.z();
                }
                out[x] = sum / 4;
            }
            return out;
        }
    }

    static Scene scene(int balls) {
        Scene s = new Scene();
        Texture checks = p -> ((int) Math.floor(p.x()) + (int) Math.floor(p.z()) & 1) == 0 ? new Vec(0.9, 0.9, 0.9) : new Vec(0.15, 0.15, 0.15);
        s.shapes.add(new Plane(new Vec(0, 1, 0), -1, new Material(checks, 0.1, 0, 10)));
        s.shapes.add(new Sphere(new Vec(-1.8, 0, 1), 1, Material.plain(0.9, 0.2, 0.2).mirror(0.3)));
        s.shapes.add(new Sphere(new Vec(0.3, -0.2, -1.5), 0.7, Material.plain(1, 1, 1).glass(1.5)));
        s.shapes.add(new Box(new Vec(1, -1, 1), new Vec(2.4, 0.6, 2.4), Material.plain(0.2, 0.6, 0.3)));
        Random r = new Random(6);
        for (int i = 0; i < balls; i++) s.shapes.add(new Sphere(new Vec(r.nextDouble() * 8 - 4, -0.8, r.nextDouble() * 6), 0.2, Material.plain(r.nextDouble(), r.nextDouble(), r.nextDouble()).mirror(0.2)));
        s.lights.add(new Light(new Vec(-4, 6, -4), 0.8));
        s.lights.add(new Light(new Vec(5, 4, -3), 0.4));
        return s;
    }

    public static void main(String[] args) {
        int w = 72, h = 30;
        Scene s = scene(12);
        double[][] image = new double[h][];
        for (int y = 0; y < h; y++) image[y] = s.row(y, w, h);
        String ramp = " .:-=+*#%@";
        double sum = 0;
        long hash = 7;
        for (double[] row : image) {
            StringBuilder b = new StringBuilder();
            for (double v : row) {
                b.append(ramp.charAt(Math.max(0, Math.min(9, (int) (v * 10)))));
                sum += v;
                hash = hash * 31 + Double.doubleToLongBits(v);
            }
            System.out.println(b);
        }
        System.out.println(String.format(Locale.ROOT, "%.6f ", sum) + hash);
        double[][] parallel = IntStream.range(0, h).parallel().mapToObj(y -> s.row(y, w, h)).toArray(double[][]::new);
        System.out.println(java.util.Arrays.deepEquals(image, parallel));
        Ray r = new Ray(Vec.ZERO, new Vec(0, 0, 1));
        System.out.println(new Sphere(new Vec(0, 0, 5), 1, null).intersect(r) + " " + new Sphere(new Vec(0, 3, 5), 1, null).intersect(r) + " " + new Sphere(Vec.ZERO, 2, null).intersect(r) + " "
                + new Box(new Vec(-1, -1, 2), new Vec(1, 1, 3), null).intersect(r) + " " + new Plane(new Vec(0, 1, 0), 5, null).intersect(r) + " " + new Vec(1, 2, 3).cross(new Vec(4, 5, 6)) + " " + new Vec(1, -1, 0).reflect(new Vec(0, 1, 0)));
    }
}
