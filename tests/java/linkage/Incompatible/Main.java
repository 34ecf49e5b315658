//@ remove: Gone.class
/** Classes changed after their users were compiled: each failure has its own error. */
public class Main {
    interface Body { Object run(); }

    static void t(String what, Body b) {
        for (int i = 0; i < 2; i++) {
            try {
                System.out.println(what + ": " + b.run());
            } catch (LinkageError e) {
                System.out.println(what + ": " + e.getClass().getName() + ": " + e.getMessage());
            }
        }
    }

    public static void main(String[] args) {
        t("method gone", () -> new Lib().gone());
        t("static method gone", () -> Lib.goneStatic(1));
        t("descriptor changed", () -> Lib.changed(1));
        t("return type changed", () -> Lib.returns());
        t("field gone", () -> new Lib().fieldGone);
        t("static field gone", () -> Lib.staticGone);
        t("field type changed", () -> new Lib().fieldType);
        t("method became private", () -> new Lib().nowPrivate());
        t("field became private", () -> new Lib().privateField);
        t("method became static", () -> new Lib().nowStatic());
        t("method became instance", () -> Lib.nowInstance());
        t("field became static", () -> new Lib().fieldNowStatic);
        t("field became instance", () -> Lib.fieldNowInstance);
        t("field became final", () -> new Lib().fieldNowFinal = 3);
        t("static became final", () -> Lib.staticNowFinal = 3);
        t("class became abstract", () -> new NowAbstract());
        t("class became interface", () -> new NowInterface());
        t("class became interface, call", () -> NowInterface.call());
        t("interface became class", () -> { NowClass c = Lib.nowClass(); return c.call(); });
        t("constructor gone", () -> new Lib(5));
        t("method added to interface", () -> Lib.callNew(new OldImpl()));
        t("default added", () -> Lib.callDefault(new OldImpl()));
        t("class gone", () -> new Gone());
        t("class gone, static", () -> Gone.value());
        t("class gone, instanceof", () -> ((Object) "x") instanceof Gone);
        t("class gone, cast", () -> (Gone) Lib.object());
        t("class gone, array", () -> new Gone[1]);
        t("class gone, literal", () -> Gone.class);
        t("class gone, super", () -> new SubOfGone());
        t("class became final", () -> new SubOfFinal());
        t("method became final", () -> new SubOverrides());
        t("super became interface", () -> new SubOfInterface());
        t("constant is inlined", () -> Lib.CONSTANT);
        t("enum constant gone", () -> Kind.C);
        t("conflicting defaults", () -> new Both().m());
        t("moved to super", () -> new Lib().moved());
        t("no longer implements", () -> ((Runner) (Object) new Stopped()).go());
        t("package class hidden", () -> new pkg.Open().get());
    }
}
