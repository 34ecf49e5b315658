public class Objects {
    static class Point {
        int x;
        int y;
        static int made;

        Point(int x, int y) {
            this.x = x;
            this.y = y;
            made++;
        }

        Point plus(Point o) { return new Point(x + o.x, y + o.y); }
        int dot(Point o) { return x * o.x + y * o.y; }
    }

    static class Fields {
        byte b = -1;
        short s = -2;
        char c = 'c';
        int i = -4;
        long l = -5;
        float f = 6.5f;
        double d = 7.25;
        boolean z = true;
        Object o = "eight";
    }

    public static void main(String[] args) {
        Point p = new Point(3, 4);
        Point q = p.plus(p).plus(new Point(-1, -1));
        System.out.println(q.x);
        System.out.println(q.y);
        System.out.println(p.dot(q));
        System.out.println(Point.made);
        Fields f = new Fields();
        f.b += 3;
        f.s *= 5;
        f.c++;
        f.i <<= 3;
        f.l -= 1L << 40;
        f.f /= 4;
        f.d *= 3;
        f.z &= false;
        System.out.println(f.b);
        System.out.println(f.s);
        System.out.println(f.c);
        System.out.println(f.i);
        System.out.println(f.l);
        System.out.println(f.f);
        System.out.println(f.d);
        System.out.println(f.z);
        System.out.println(f.o);
        System.out.println(p == q);
        System.out.println(p.equals(p));
        System.out.println(p instanceof Object);
        System.out.println((Object) p instanceof String);
    }
}
