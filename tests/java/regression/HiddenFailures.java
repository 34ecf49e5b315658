//@ vm: -Xmx64m -XX:MaxMetaspaceSize=24m
import java.lang.invoke.MethodHandles;

/** Definitions of hidden classes that fail leave nothing behind: thousands of them fit into little metaspace. */
public class HiddenFailures {
    static class Template {
        static final String TEXT = "x".repeat(10);
    }

    public static void main(String[] args) throws Exception {
        byte[] good;
        try (var in = HiddenFailures.class.getResourceAsStream("HiddenFailures$Template.class")) {
            good = in.readAllBytes();
        }
        byte[] padded = java.util.Arrays.copyOf(good, good.length + 4000);
        int failed = 0, defined = 0;
        for (int i = 0; i < 20_000; i++) {
            try {
                MethodHandles.lookup().defineHiddenClass(padded, false);
            } catch (ClassFormatError e) {
                failed++;
            }
            if (i % 1000 == 0) {
                defined += MethodHandles.lookup().defineHiddenClass(good, true).lookupClass().isHidden() ? 1 : 0;
            }
        }
        System.out.println(failed + " failed, " + defined + " defined");
    }
}
