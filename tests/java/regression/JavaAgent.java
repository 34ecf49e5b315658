//@ write: META-INF/MANIFEST.MF Premain-Class: JavaAgent$Agent\nCan-Redefine-Classes: true\nCan-Retransform-Classes: true\n
//@ jar: --create --no-manifest -f agent.jar -C {classes} META-INF/MANIFEST.MF -C {classes} JavaAgent$Agent.class -C {classes} JavaAgent$Agent$Replace.class
//@ vm: -javaagent:classes/agent.jar=options

import java.io.InputStream;
import java.lang.instrument.ClassDefinition;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.charset.StandardCharsets;
import java.security.ProtectionDomain;
import java.util.Arrays;

/** A Java agent transforms classes when they are loaded and again later; activations of old code go on with it. */
public class JavaAgent {
    public static class Agent {
        static volatile Instrumentation instrumentation;
        static volatile String replacement = "HELLO";

        public static void premain(String options, Instrumentation i) {
            System.out.println("premain " + options + " " + i.isRedefineClassesSupported() + " " + i.isRetransformClassesSupported());
            instrumentation = i;
            i.addTransformer(new Replace(), true);
        }

        static class Replace implements ClassFileTransformer {
            @Override
            public byte[] transform(ClassLoader loader, String name, Class<?> c, ProtectionDomain d, byte[] file) {
                if (!"JavaAgent$Target".equals(name)) return null;
                System.out.println("transform " + name + ", loaded: " + (c != null));
                String text = new String(file, StandardCharsets.ISO_8859_1);
                return text.replace("hello", replacement).getBytes(StandardCharsets.ISO_8859_1);
            }
        }
    }

    static class Target {
        static String greet() {
            return "hello";
        }

        static String around(Runnable r) {
            try {
                r.run();
                return "hello before, now " + greet();
            } catch (IllegalStateException e) {
                return "hello caught, now " + greet();
            }
        }
    }

    static void again(String replacement) {
        try {
            Agent.replacement = replacement;
            Agent.instrumentation.retransformClasses(Target.class);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    public static void main(String[] args) throws Exception {
        System.out.println(Target.greet());
        System.out.println(Target.around(() -> again("jelly")));
        System.out.println(Target.around(() -> {
            again("cello");
            throw new IllegalStateException();
        }));
        System.out.println(Target.class.getDeclaredMethod("greet").invoke(null));
        Instrumentation i = Agent.instrumentation;
        System.out.println(Arrays.asList(i.getAllLoadedClasses()).contains(Target.class));
        System.out.println(Arrays.asList(i.getInitiatedClasses(JavaAgent.class.getClassLoader())).contains(Target.class));
        System.out.println(i.getObjectSize(new int[1000]) > 4000);
        System.out.println(i.isModifiableClass(String.class) + " " + i.isModifiableClass(int[].class));
        try (InputStream other = JavaAgent.class.getResourceAsStream("/JavaAgent$Agent.class")) {
            i.redefineClasses(new ClassDefinition(Target.class, other.readAllBytes()));
        } catch (NoClassDefFoundError e) {
            System.out.println(e);
        }
        try {
            i.redefineClasses(new ClassDefinition(Target.class, new byte[10]));
        } catch (ClassFormatError e) {
            System.out.println(e);
        }
        for (int k = 0; k < 5; k++) {
            again("mode" + k);
            System.out.println(Target.greet());
        }
    }
}
