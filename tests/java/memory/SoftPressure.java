//@ vm: -Xmx32m
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.List;

/** Soft references give way before OutOfMemoryError. */
public class SoftPressure {
    public static void main(String[] args) {
        List<SoftReference<byte[]>> soft = new ArrayList<>();
        for (int i = 0; i < 200; i++) soft.add(new SoftReference<>(new byte[1 << 20]));
        long left = soft.stream().filter(r -> r.get() != null).count();
        System.out.println(left < 40);
        System.out.println(soft.get(199).get() != null);
    }
}
