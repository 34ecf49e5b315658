import java.util.Arrays;

public class ArrayClasses {
    public static void main(String[] args) throws Exception {
        Object[] all = {new int[0], new boolean[0][0], new String[0], new Object[0][0][0], new Runnable[0], new Thread.State[0], new ArrayClasses[0]};
        for (Object a : all) {
            Class<?> c = a.getClass();
            System.out.println(c.getName() + " " + c.getSimpleName() + " " + c.getTypeName() + " " + c.getComponentType() + " "
                    + c.getSuperclass() + " " + Arrays.toString(c.getInterfaces()) + " " + c.getModifiers() + " " + c.getPackageName()
                    + " " + c.isArray() + " " + (c.getClassLoader() != null) + " " + c.getModule().isNamed() + " " + c.descriptorString());
            System.out.println(Class.forName(c.getName()) == c);
            System.out.println(c.arrayType().getName() + " " + c.getMethods().length + " " + c.getDeclaredMethods().length + " " + c.getFields().length);
        }
        System.out.println(int[].class == Class.forName("[I") && int[][].class.getComponentType() == int[].class);
        System.out.println(Object[].class.isAssignableFrom(String[].class) + " " + Object[].class.isAssignableFrom(int[].class) + " "
                + Object.class.isAssignableFrom(int[].class) + " " + Cloneable[].class.isAssignableFrom(int[][].class) + " "
                + Comparable[].class.isAssignableFrom(Integer[].class) + " " + long[].class.isAssignableFrom(int[].class));
        for (String bad : new String[] {"[", "[X", "I", "int", "[java.lang.String", "[Ljava.lang.String", "[Lno.Such;", "[[[V", "java/lang/String", "[".repeat(256) + "I"}) {
            try {
                System.out.println(Class.forName(bad));
            } catch (ClassNotFoundException e) {
                System.out.println("CNFE " + (e.getMessage().length() < 50 ? e.getMessage() : "long"));
            }
        }
        int[] a = {1, 2, 3};
        int[] b = a.clone();
        b[0] = 9;
        System.out.println(a[0] + " " + b[0] + " " + a.equals(b) + " " + (a.getClass() == b.getClass()));
        int[][] deep = {{1}, {2}};
        int[][] copy = deep.clone();
        System.out.println(copy[0] == deep[0]);
        Object o = deep;
        System.out.println(((Object[]) o).length);
    }
}
