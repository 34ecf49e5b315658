public class Sieve {
    public static void main(String[] args) {
        boolean[] composite = new boolean[10_000];
        int count = 0, last = 0;
        for (int i = 2; i < composite.length; i++) {
            if (!composite[i]) {
                count++;
                last = i;
                for (int j = i + i; j < composite.length; j += i) composite[j] = true;
            }
        }
        System.out.println(count);
        System.out.println(last);
    }
}
