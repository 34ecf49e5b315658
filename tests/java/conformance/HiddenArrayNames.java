import java.lang.invoke.MethodHandles;
import java.lang.reflect.Array;

/** Names of arrays whose elements are of a hidden class. */
public class HiddenArrayNames {
    static void print(Object text) {
        System.out.println(String.valueOf(text).replaceAll("0x[0-9a-f]+", "SUFFIX"));
    }

    public static void main(String[] args) throws Throwable {
        byte[] bytes = HiddenArrayNames.class.getResourceAsStream("Plain.class").readAllBytes();
        Class<?> type = MethodHandles.lookup().defineHiddenClass(bytes, false).lookupClass();
        for (int i = 0; i < 3; i++) {
            print(type + " " + type.getName() + " " + type.descriptorString() + " " + type.getTypeName() + " " + type.isHidden());
            try {
                type.cast("");
            } catch (ClassCastException e) {
                print(e.getMessage());
            }
            type = Array.newInstance(type, 1).getClass();
        }
    }
}

class Plain { }
