/** Methods that the optimiser's tests build, optimise and evaluate. Each takes an int and returns one. */
class Subject {
    static int calls;
    static int[] shared = new int[40];

    static class Point {
        int x;
        int y;
        Point next;

        Point(int x, int y) {
            this.x = x;
            this.y = y;
        }

        int sum() {
            return x + y;
        }

        synchronized int locked() {
            return x * 3 + y;
        }
    }

    interface Shape {
        int area(int scale);
    }

    static class Square implements Shape {
        final int side;

        Square(int side) {
            this.side = side;
        }

        public int area(int scale) {
            return side * side * scale;
        }
    }

    static class Oblong extends Square {
        final int other;

        Oblong(int side, int other) {
            super(side);
            this.other = other;
        }

        public int area(int scale) {
            return side * other * scale;
        }
    }

    static int sum(int n) {
        int s = 0;
        for (int i = 0; i < n; i++) {
            s += i * 3;
        }
        return s;
    }

    static int fill(int n) {
        int[] a = new int[n & 31];
        for (int i = 0; i < a.length; i++) {
            a[i] = i * n;
        }
        int s = 0;
        for (int i = a.length - 1; i >= 0; i--) {
            s = s * 31 + a[i];
        }
        return s;
    }

    static int bounded(int n) {
        int[] a = shared;
        int s = 0;
        for (int i = 0; i < n; i++) {
            a[i] = s;
            s += a[i] ^ i;
        }
        return s;
    }

    static int offsets(int n) {
        int[] a = shared;
        int s = 0;
        for (int i = 1; i < n - 1; i++) {
            s += a[i - 1] + 2 * a[i] + a[i + 1];
            a[i] = s;
        }
        return s;
    }

    static int lanes(int n) {
        int size = n & 63;
        int[] a = new int[size];
        double[] b = new double[size], c = new double[size];
        long[] d = new long[size];
        for (int i = 0; i < size; i++) {
            a[i] = i * n;
            b[i] = a[i] / 8.0;
        }
        int[] same = n % 3 == 0 ? a : new int[size];
        for (int i = 0; i < size; i++) {
            same[i] = a[i] * 3 + n ^ same[i];
        }
        for (int i = 0; i < c.length; i++) {
            c[i] -= n * b[i] + 0.5;
        }
        for (int i = 1; i <= size - 2; i++) {
            c[i] = b[i - 1] + c[i];
        }
        for (int i = 0; i < size; i++) {
            d[i] = n;
        }
        for (int i = 0; i < size - 1; i++) {
            a[i + 1] = a[i] + same[i];
        }
        int h = 0;
        for (int i = 0; i < size; i++) {
            h = h * 31 + a[i] + same[i] + (int) c[i] + (int) d[i];
        }
        return h;
    }

    static int counts(int n) {
        int h = 1;
        for (int i = n; i > n - 21; i -= 2) {
            h = h * 7 + (i & 1 << h);
            if (h == 5) {
                return n;
            }
        }
        for (int i = Integer.MAX_VALUE - (n & 15); i < Integer.MAX_VALUE; i++) {
            h ^= i;
        }
        for (int i = Integer.MIN_VALUE + (n & 15); i > Integer.MIN_VALUE; i--) {
            h = h * 3 + i;
        }
        for (int i = Integer.MIN_VALUE; i <= Integer.MIN_VALUE + (n & 3); i++) {
            h = h * 5 + i;
        }
        int k = 0;
        for (int i = 3; i <= (n & 127); i += 3) {
            k += i % 5 == 0 ? h : i;
        }
        return h + k;
    }

    static int lockedTwice(int n) {
        Point p = new Point(n, 3);
        int[] a = shared;
        int h = 0;
        for (int i = 0; i < (n & 15); i++) {
            synchronized (a) {
                synchronized (a) {
                    h = h * 31 + p.x + a[i];
                }
                synchronized (a) {
                    a[i] = h;
                }
            }
            synchronized (a) {
                h++;
            }
        }
        return h;
    }

    static int backwards(int n) {
        int[] a = shared;
        int s = 1;
        for (int i = n; i > 0; i--) {
            s = s * 7 + a[i - 1];
            a[i - 1] = s;
        }
        return s;
    }

    static int strided(int n) {
        int[] a = shared;
        int s = 0;
        for (int i = 0; i < n; i += 3) {
            s += a[i];
            a[i] += n;
        }
        return s;
    }

    static int matrix(int n) {
        int m = n & 7;
        int[][] a = new int[m][m];
        int[][] b = new int[m][m];
        int[][] c = new int[m][m];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < m; j++) {
                a[i][j] = i * n + j;
                b[i][j] = i - j * n;
            }
        }
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < m; j++) {
                int s = 0;
                for (int k = 0; k < m; k++) {
                    s += a[i][k] * b[k][j];
                }
                c[i][j] = s;
            }
        }
        int h = 0;
        for (int[] row : c) {
            for (int v : row) {
                h = h * 31 + v;
            }
        }
        return h;
    }

    static int sieve(int n) {
        boolean[] composite = new boolean[(n & 127) + 2];
        int count = 0;
        for (int i = 2; i < composite.length; i++) {
            if (!composite[i]) {
                count++;
                for (int j = i * i; j < composite.length; j += i) {
                    composite[j] = true;
                }
            }
        }
        return count;
    }

    static int points(int n) {
        int s = 0;
        for (int i = 0; i < (n & 15); i++) {
            Point p = new Point(i, n);
            p.x += p.y;
            if ((i & 1) == 0) {
                p.y = s;
            }
            s += p.sum();
        }
        return s;
    }

    static int list(int n) {
        Point head = null;
        for (int i = 0; i < (n & 15); i++) {
            Point p = new Point(i, i * n);
            p.next = head;
            head = p;
        }
        int s = 0;
        for (Point p = head; p != null; p = p.next) {
            s = s * 17 + p.x - p.y;
        }
        return s;
    }

    static int nested(int n) {
        Point inner = new Point(n, 1);
        Point outer = new Point(2, n);
        outer.next = inner;
        inner.next = outer;
        outer.next.x++;
        return outer.next.sum() + inner.next.sum() + (outer.next.next == outer ? 1000 : 0);
    }

    static int escapes(int n) {
        Point p = new Point(n, 2);
        Point q = new Point(3, n);
        if (n > 5) {
            keep(p);
        }
        p.x += q.x;
        return p.sum() + q.sum();
    }

    static Point kept;

    static void keep(Point p) {
        kept = p;
        calls++;
        p.y = 100;
    }

    static int locks(int n) {
        Point p = new Point(n, 4);
        int s = 0;
        synchronized (p) {
            s += p.locked();
        }
        synchronized (shared) {
            s += shared[0];
        }
        return s;
    }

    static int virtual(int n) {
        Shape[] shapes = {new Square(2), new Oblong(3, n), new Square(n)};
        int s = 0;
        for (int i = 0; i < 12; i++) {
            s += shapes[i % 3].area(i);
        }
        return s;
    }

    static int casts(int n) {
        Object o = n > 3 ? (Object) new Square(n) : new Point(n, n);
        int s = 0;
        if (o instanceof Square) {
            s += ((Square) o).side;
        }
        if (o instanceof Point) {
            s += ((Point) o).x * 2;
        }
        return s + (o instanceof Oblong ? 1 : 0);
    }

    static int aliases(int n) {
        Point p = new Point(n, 1);
        Point q = n > 4 ? p : new Point(1, n);
        keep2(p, q);
        p.x = 5;
        int before = q.x;
        q.x = n;
        return before * 100 + p.x;
    }

    static void keep2(Point p, Point q) {
        calls += p == q ? 1 : 2;
    }

    static int fields(int n) {
        Point p = new Point(n, 0);
        keep(p);
        int s = 0;
        for (int i = 0; i < (n & 31); i++) {
            p.y += p.x;
            s += p.y + calls;
            if (i == 7) {
                keep(p);
            }
        }
        return s;
    }

    static int longs(int n) {
        long a = n;
        long b = 0x123456789abcdefL;
        for (int i = 0; i < (n & 63); i++) {
            a = a * 31 + (b >>> (i & 63));
            b ^= a << 3;
            if (a > b) {
                b -= i;
            }
        }
        return (int) (a ^ b ^ (a >> 32));
    }

    static int doubles(int n) {
        double x = n;
        double s = 0;
        float f = n;
        for (int i = 1; i < (n & 31); i++) {
            s += x / i;
            f = f * 1.5f - i;
            if (!(s < x * 3)) {
                s -= f;
            }
            x = x > 1e6 ? 1 : x * 1.25;
        }
        return (int) (s * 100) + (int) f + (s > f ? 1 : 0);
    }

    static int divisions(int n) {
        int s = 0;
        for (int d = 1; d < 20; d++) {
            s += n / d + n % d;
            if (n != 0) {
                s += 1000 / n;
            }
        }
        return s;
    }

    static int divideByArgument(int n) {
        int s = 0;
        for (int i = 0; i < 5; i++) {
            s += 100 / (n - 3);
        }
        return s;
    }

    static int switches(int n) {
        int s = 0;
        for (int i = 0; i < (n & 31); i++) {
            switch (i) {
                case 0: s += 3; break;
                case 1:
                case 2: s ^= i; // falls through
                case 5: s += 7; break;
                case 1000: s = 0; break;
                default: s--;
            }
        }
        return s;
    }

    static int bytes(int n) {
        byte[] b = new byte[20];
        char[] c = new char[20];
        short[] h = new short[20];
        long[] l = new long[20];
        for (int i = 0; i < 20; i++) {
            b[i] = (byte) (i * n);
            c[i] = (char) (i * n - 5);
            h[i] = (short) (b[i] * c[i]);
            l[i] = (long) h[i] << i;
        }
        int s = 0;
        for (int i = 0; i < 20; i++) {
            s = s * 13 + b[i] + c[i] + h[i] + (int) l[i];
        }
        return s;
    }

    static int whiles(int n) {
        int i = n & 255;
        int steps = 0;
        while (i != 1 && steps < 100) {
            i = (i & 1) == 0 ? i >> 1 : i * 3 + 1;
            steps++;
            if (i == 0) {
                break;
            }
        }
        return steps * 1000 + i;
    }

    static int invariant(int n) {
        int[] a = shared;
        int s = 0;
        for (int i = 0; i < n; i++) {
            s += a[5] * n + a.length;
            if (s == 77) {
                a[5] = i;
            }
        }
        return s;
    }

    static int maybeNull(int n) {
        int[] a = n > 10 ? null : shared;
        int s = 0;
        for (int i = 0; i < (n & 3); i++) {
            s += a[i];
        }
        return s;
    }

    static int doWhile(int n) {
        int i = 0;
        int s = 0;
        do {
            s += shared[i];
            i++;
        } while (i < n);
        return s;
    }

    static int triangle(int n) {
        int[] a = shared;
        int s = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i; j < n; j++) {
                s += a[j] * i + a[i];
            }
        }
        return s;
    }

    static int affine(int n) {
        int w = 5;
        int[] a = shared;
        int s = 0;
        for (int y = 0; y < (n & 7); y++) {
            for (int x = 0; x < w; x++) {
                s = s * 3 + a[y * w + x];
                a[y * w + x] = s;
            }
        }
        return s;
    }

    static boolean isOdd(int n) {
        return (n & 1) != 0;
    }

    static boolean isOddOrSmall(int n) {
        return isOdd(n) || n < 10;
    }

    static int tests(int n) {
        int s = 0;
        for (int i = 0; i < (n & 31); i++) {
            if (isOddOrSmall(i + n)) {
                s += i;
            }
            s ^= isOdd(s) && !isOddOrSmall(s) ? 5 : 3;
        }
        return s;
    }

    static int first(int n) {
        return (n ^ 3) + (n >>> 1);
    }

    static int second(int n) {
        return (n ^ 5) + (n >>> 2);
    }

    static int calls(int n) {
        return first(n) + second(n);
    }

    static int neighbours(int n) {
        int s = 0;
        for (int dy = -1; dy <= 1; dy++) {
            for (int dx = -1; dx <= 1; dx++) {
                if ((dx != 0 || dy != 0) && (shared[(n + dy) & 7] + dx & 3) != 2) {
                    s = s * 5 + shared[(n + dx) & 7];
                }
            }
        }
        return s;
    }

    static int seenOutside(int n) {
        int i, s = n;
        for (i = 10; i > 3; i -= 2) {
            s = s * 3 + i;
            shared[i & 3] = s;
        }
        return s + i;
    }

    static int leftEarly(int n) {
        int s = 1;
        for (int i = 0; i != 6; i++) {
            if ((n & 1 << i) == 0) {
                continue;
            }
            if (s > 40) {
                s -= i;
                break;
            }
            if (i == 5 && n < 0) {
                return s + 100;
            }
            s = s * 4 + i;
        }
        return s;
    }

    static int smallArray(int n) {
        int[] a = new int[4];
        for (int i = 0; i < a.length; i++) {
            a[i] = n + i * i;
        }
        int s = 0;
        for (int x : a) {
            s = s * 9 + x;
        }
        return s;
    }

    static int leftWithCounter(int n) {
        int i, s = n;
        for (i = 0; i < 7; i++) {
            shared[i] += s;
            if ((n >> i & 1) != 0) {
                s += 5;
                break;
            }
        }
        return s * 10 + i;
    }
}
