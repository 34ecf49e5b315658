import java.util.List;

/** Pattern instanceof, switch expressions, sealed hierarchies, text blocks, enhanced enums. */
public class PatternMatching {
    sealed interface Expr permits Num, Add, Mul, Neg {}
    record Num(int v) implements Expr {}
    record Add(Expr l, Expr r) implements Expr {}
    record Mul(Expr l, Expr r) implements Expr {}
    record Neg(Expr e) implements Expr {}

    static int eval(Expr e) {
        if (e instanceof Num n) return n.v();
        if (e instanceof Add a) return eval(a.l()) + eval(a.r());
        if (e instanceof Mul m && m.l() instanceof Num z && z.v() == 0) return 0;
        if (e instanceof Mul m) return eval(m.l()) * eval(m.r());
        if (!(e instanceof Neg g)) throw new AssertionError(e);
        return -eval(g.e());
    }

    enum Planet {
        MERCURY(3.303e+23, 2.4397e6), EARTH(5.976e+24, 6.37814e6) { @Override String home() { return "yes"; } };
        final double mass, radius;
        Planet(double mass, double radius) { this.mass = mass; this.radius = radius; }
        double gravity() { return 6.67300E-11 * mass / (radius * radius); }
        String home() { return "no"; }
    }

    static String kind(Object o) {
        return o instanceof String s && !s.isEmpty() ? "string " + s.length()
                : o instanceof Integer i && i > 10 ? "big " + (i + 1)
                : o instanceof int[] a ? "ints " + a.length
                : o instanceof List<?> l ? "list " + l.size() : "other";
    }

    public static void main(String[] args) {
        System.out.println(eval(new Add(new Num(2), new Mul(new Num(3), new Neg(new Num(4))))) + eval(new Mul(new Num(0), null)));
        for (Object o : new Object[] {"abc", "", 5, 50, new int[3], List.of(1, 2), null}) System.out.println(kind(o));
        for (Planet p : Planet.values()) System.out.println(p + " " + p.ordinal() + " " + p.gravity() + " " + p.home() + " " + p.getDeclaringClass().getSimpleName() + " " + (p.getClass() == Planet.class));
        System.out.println("""
                A text block
                  with "quotes", \
                a joined line,
                trailing space\s
                and \t tab""");
        var list = List.of(1, 2, 3);
        var total = 0;
        for (var x : list) total += x;
        System.out.println(total);
        int day = 3;
        System.out.println(switch (day) { case 1, 7 -> "weekend"; case 2, 3, 4, 5, 6 -> { var t = day * 2; yield "weekday " + t; } default -> throw new IllegalStateException(); });
        System.out.println(Planet.valueOf("EARTH").compareTo(Planet.MERCURY) + " " + java.util.EnumSet.allOf(Planet.class) + new java.util.EnumMap<>(java.util.Map.of(Planet.EARTH, 1)));
        try {
            Planet.valueOf("PLUTO");
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
    }
}
