import java.lang.module.ModuleDescriptor;
import java.util.stream.Collectors;

public class Modules {
    public static void main(String[] args) throws Exception {
        Module base = Object.class.getModule(), mine = Modules.class.getModule(), sql = java.sql.Driver.class.getModule();
        System.out.println(base + " " + mine.isNamed() + " " + sql.getName() + " " + mine.getName() + " " + (mine == Modules.class.getClassLoader().getUnnamedModule()));
        System.out.println(base.isExported("java.lang") + " " + base.isExported("jdk.internal.misc") + " " + base.isExported("jdk.internal.misc", sql)
                + " " + base.isOpen("java.lang", mine) + " " + mine.canRead(sql) + " " + sql.canRead(base) + " " + base.canRead(sql));
        ModuleDescriptor d = sql.getDescriptor();
        System.out.println(d.requires().stream().map(Object::toString).sorted().collect(Collectors.toList()));
        System.out.println(d.exports().stream().map(Object::toString).sorted().toList());
        System.out.println(d.uses());
        System.out.println(sql.getPackages().contains("javax.sql") + " " + ModuleLayer.boot().findModule("no.such").isPresent() + " " + (sql.getLayer() == ModuleLayer.boot()));
        System.out.println(ModuleLayer.boot().modules().stream().filter(m -> m.getName().startsWith("java.")).count() > 10);
        try {
            Class<?> c = Class.forName("jdk.internal.misc.Unsafe");
            System.out.println(c.getName());
            c.getMethod("getUnsafe").invoke(null);
        } catch (IllegalAccessException e) {
            System.out.println(e.getMessage().replaceAll("@[0-9a-f]+", "@h"));
        }
        try {
            String.class.getDeclaredField("value").setAccessible(true);
        } catch (java.lang.reflect.InaccessibleObjectException e) {
            System.out.println(e.getMessage().replaceAll("@[0-9a-f]+", "@h"));
        }
        System.out.println(Class.forName(base, "java.lang.Thread") + " " + Class.forName(base, "no.Such"));
        System.out.println(ModuleLayer.boot().findLoader("java.base") + " " + ModuleLayer.boot().findLoader("java.sql").getName());
    }
}
