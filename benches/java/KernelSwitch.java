/** Interpreter kernel: dense and sparse switches, string switches, conditions and loops over locals. */
public class KernelSwitch extends Harness {
    @Override
    protected long iterate() {
        int a = 1, b = 2, c = 3;
        String[] words = {"add", "sub", "shift", "none"};
        for (int i = 0; i < 100_000; i++) {
            switch (i % 9) {
                case 0: a += b; break;
                case 1: b -= c; break;
                case 2: c ^= a; break;
                case 3: a <<= 1; break;
                case 5: b = ~b; break;
                case 7: c += i;
                default: a -= 3;
            }
            switch (a & 0x3030) {
                case 0x10: b++; break;
                case 0x1000: c--; break;
                case 0x3030: b ^= c; break;
                default:
            }
            if (i % 16 == 0) {
                switch (words[i >> 4 & 3]) {
                    case "add": a++; break;
                    case "sub": a--; break;
                    case "shift": a >>= 1; break;
                    default: b = a & b | c;
                }
            }
        }
        return a * 961L + b * 31 + c;
    }

    public static void main(String[] args) {
        new KernelSwitch().start(args);
    }
}
