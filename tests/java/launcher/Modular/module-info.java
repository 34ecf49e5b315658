module test.app {
    requires java.logging;
    exports app;
    uses Runnable;
    provides Runnable with app.Service;
}
