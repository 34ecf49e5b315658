public class Virtual {
    static abstract class Shape {
        abstract double area();
        String name() { return "shape"; }
    }

    static class Square extends Shape {
        final double side;
        Square(double side) { this.side = side; }
        double area() { return side * side; }
        String name() { return "square"; }
    }

    static class Circle extends Shape {
        final double r;
        Circle(double r) { this.r = r; }
        double area() { return 3 * r * r; }
    }

    static class Cube extends Square {
        Cube(double side) { super(side); }
        double area() { return 6 * super.area(); }
    }

    interface Named { String label(); }

    static class Tag implements Named {
        public String label() { return "tag"; }
    }

    public static void main(String[] args) {
        Shape[] shapes = {new Square(2), new Circle(1.5), new Cube(3)};
        for (int round = 0; round < 3; round++) {
            for (Shape s : shapes) {
                System.out.println(s.name());
                System.out.println(s.area());
            }
        }
        Named n = new Tag();
        System.out.println(n.label());
        Object o = n;
        System.out.println(o instanceof Named);
        System.out.println(((Named) o).label());
    }
}
