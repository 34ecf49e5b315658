package app;

import java.util.ServiceLoader;

public class App {
    public static void main(String[] args) throws Exception {
        Module m = App.class.getModule();
        System.out.println(m + " " + m.isNamed() + args[0] + m.getDescriptor().isAutomatic() + m.canRead(java.util.logging.Logger.class.getModule()));
        ServiceLoader.load(Runnable.class).forEach(Runnable::run);
        try {
            Class.forName("java.sql.Driver");
            System.out.println("java.sql is resolved");
        } catch (ClassNotFoundException e) {
            System.out.println("java.sql is not resolved");
        }
        System.out.println(new Exception().getStackTrace()[0] + " " + ModuleLayer.boot().findModule("java.desktop").isPresent());
        throw new IllegalStateException("module in trace");
    }
}
