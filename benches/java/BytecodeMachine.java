import java.util.HashMap;
import java.util.Map;

/** A stack machine that interprets small programs: a big switch in a loop over an int array. */
public class BytecodeMachine extends Harness {
    private static final int HALT = 0, PUSH = 1, ADD = 2, SUB = 3, MUL = 4, LOAD = 5, STORE = 6, JUMP = 7, JUMP_IF = 8, LESS = 9, MOD = 10,
            CALL = 11, RETURN = 12, DUP = 13, DROP = 14, GET = 15, PUT = 16, EQUAL = 17;

    private final long[] stack = new long[1024];
    private final int[] returns = new int[256], frames = new int[256];
    private final long[] memory = new long[4096];

    private long run(int[] code) {
        int pc = 0, sp = 0, rp = 0, base = 900;
        long[] stack = this.stack;
        while (true) {
            switch (code[pc++]) {
                case HALT:
                    return stack[sp - 1];
                case PUSH:
                    stack[sp++] = code[pc++];
                    break;
                case ADD:
                    sp--;
                    stack[sp - 1] += stack[sp];
                    break;
                case SUB:
                    sp--;
                    stack[sp - 1] -= stack[sp];
                    break;
                case MUL:
                    sp--;
                    stack[sp - 1] *= stack[sp];
                    break;
                case MOD:
                    sp--;
                    stack[sp - 1] %= stack[sp];
                    break;
                case LESS:
                    sp--;
                    stack[sp - 1] = stack[sp - 1] < stack[sp] ? 1 : 0;
                    break;
                case EQUAL:
                    sp--;
                    stack[sp - 1] = stack[sp - 1] == stack[sp] ? 1 : 0;
                    break;
                case LOAD:
                    stack[sp++] = stack[base + code[pc++]];
                    break;
                case STORE:
                    stack[base + code[pc++]] = stack[--sp];
                    break;
                case JUMP:
                    pc = code[pc];
                    break;
                case JUMP_IF:
                    pc = stack[--sp] != 0 ? code[pc] : pc + 1;
                    break;
                case CALL:
                    returns[rp] = pc + 1;
                    frames[rp++] = base;
                    base -= 4;
                    stack[base] = stack[--sp];
                    pc = code[pc];
                    break;
                case RETURN:
                    pc = returns[--rp];
                    base = frames[rp];
                    break;
                case DUP:
                    stack[sp] = stack[sp - 1];
                    sp++;
                    break;
                case DROP:
                    sp--;
                    break;
                case GET:
                    stack[sp - 1] = memory[(int) stack[sp - 1]];
                    break;
                case PUT:
                    sp -= 2;
                    memory[(int) stack[sp]] = stack[sp + 1];
                    break;
                default:
                    throw new IllegalStateException("bad code at " + pc);
            }
        }
    }

    private static final Map<String, Integer> OPCODES = new HashMap<>();

    static {
        String[] names = {"halt", "push", "add", "sub", "mul", "load", "store", "jump", "if", "less", "mod", "call", "return", "dup", "drop", "get",
            "put", "equal"};
        for (int i = 0; i < names.length; i++) {
            OPCODES.put(names[i], i);
        }
    }

    /** Words are opcodes, numbers, {@code label:} and {@code @label}. */
    private static int[] assemble(String text) {
        String[] words = text.trim().split("\\s+");
        Map<String, Integer> labels = new HashMap<>();
        int n = 0;
        for (String w : words) {
            if (w.endsWith(":")) {
                labels.put("@" + w.substring(0, w.length() - 1), n);
            } else {
                n++;
            }
        }
        int[] code = new int[n];
        n = 0;
        for (String w : words) {
            if (!w.endsWith(":")) {
                Integer opcode = OPCODES.get(w);
                code[n++] = opcode != null ? opcode : w.startsWith("@") ? labels.get(w) : Integer.parseInt(w);
            }
        }
        return code;
    }

    private static final int[] FIBONACCI = assemble("""
            push 22 call @fib halt
            fib: load 0 push 2 less if @leaf
            load 0 push 1 sub call @fib
            load 0 push 2 sub call @fib
            add return
            leaf: load 0 return""");

    /** Counts primes. Local variables: 0 number, 1 multiple, 2 count. */
    private static final int[] SIEVE = assemble("""
            push 2 store 0 push 0 store 2
            next: load 0 push 4000 less if @test load 2 halt
            test: load 0 get if @advance
            load 2 push 1 add store 2
            load 0 dup add store 1
            mark: load 1 push 4000 less push 0 equal if @advance
            load 1 push 1 put
            load 1 load 0 add store 1 jump @mark
            advance: load 0 push 1 add store 0 jump @next""");

    /** Iterated linear congruences. Local variables: 0 count, 1 value. */
    private static final int[] CONGRUENCES = assemble("""
            push 0 store 0 push 1 store 1
            again: load 1 push 48271 mul push 2147483647 mod store 1
            load 0 push 1 add dup store 0 push 100000 less if @again
            load 1 halt""");

    @Override
    protected long iterate() {
        java.util.Arrays.fill(memory, 0);
        return run(FIBONACCI) + 31 * run(SIEVE) + 961 * run(CONGRUENCES);
    }

    public static void main(String[] args) {
        new BytecodeMachine().start(args);
    }
}
