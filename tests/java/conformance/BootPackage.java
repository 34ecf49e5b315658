//@ vm: -Xbootclasspath/a:classes
package some.name;

/** A package of the appended boot class path has a location, so there is a Package for it. */
public class BootPackage {
    public static void main(String[] args) {
        Class<?> c = BootPackage.class;
        System.out.println(c.getClassLoader() + " " + c.getPackage() + " " + c.getModule().isNamed());
        System.out.println(java.util.Arrays.stream(Package.getPackages()).anyMatch(p -> p.getName().equals("some.name")));
    }
}
