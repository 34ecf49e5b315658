public class ControlFlow {
    static int collatz(int n) {
        int steps = 0;
        while (n != 1) {
            n = (n & 1) == 0 ? n / 2 : 3 * n + 1;
            steps++;
        }
        return steps;
    }

    public static void main(String[] args) {
        int sum = 0;
        for (int i = 0; i < 10; i++) {
            if (i == 3) continue;
            if (i == 8) break;
            sum += i;
        }
        System.out.println(sum);
        outer:
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 5; j++) {
                if (j == 3) continue outer;
                if (i == 3) break outer;
                System.out.println(i * 10 + j);
            }
        }
        int n = 0;
        do {
            n += 7;
        } while (n < 50);
        System.out.println(n);
        for (int i = 1; i < 30; i++) System.out.println(collatz(i));
        System.out.println(sum > 10 && n < 100 || sum == 0);
        block: {
            if (n > 5) break block;
            System.out.println("not reached");
        }
        System.out.println(!(n == 56) ? 'a' : 'b');
    }
}
