import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A small language compiled to bytecode for a stack machine, with an optimiser, a disassembler and an interpreter. */
public class StackVm {
    enum Op { PUSH, POP, ADD, SUB, MUL, DIV, MOD, NEG, EQ, NE, LT, LE, GT, GE, NOT, LOAD, STORE, GLOAD, GSTORE, JMP, JZ, CALL, RET, PRINT, NEWARR, ALOAD, ASTORE, LEN, HALT }

    record Ins(Op op, int arg) {
        @Override public String toString() { return op + (switch (op) { case PUSH, LOAD, STORE, GLOAD, GSTORE, JMP, JZ, CALL, RET -> " " + arg; default -> ""; }); }
    }

    enum T { NUM, ID, OP, END }
    record Token(T type, String text, int line) {}

    static class CompileError extends RuntimeException {
        CompileError(String m, int line) { super("line " + line + ": " + m); }
    }

    static List<Token> lex(String s) {
        List<Token> out = new ArrayList<>();
        int line = 1;
        for (int i = 0; i < s.length(); ) {
            char c = s.charAt(i);
            int start = i;
            if (c == '\n') { line++; i++; continue; }
            if (Character.isWhitespace(c)) { i++; continue; }
            if (c == '#') { while (i < s.length() && s.charAt(i) != '\n') i++; continue; }
            if (Character.isDigit(c)) {
                while (i < s.length() && Character.isDigit(s.charAt(i))) i++;
                out.add(new Token(T.NUM, s.substring(start, i), line));
            } else if (Character.isLetter(c) || c == '_') {
                while (i < s.length() && (Character.isLetterOrDigit(s.charAt(i)) || s.charAt(i) == '_')) i++;
                out.add(new Token(T.ID, s.substring(start, i), line));
            } else {
                String two = i + 1 < s.length() ? s.substring(i, i + 2) : "";
                String op = List.of("==", "!=", "<=", ">=", "&&", "||").contains(two) ? two : String.valueOf(c);
                if ("+-*/%<>=!(){}[];,&|".indexOf(op.charAt(0)) < 0) throw new CompileError("bad character " + c, line);
                i += op.length();
                out.add(new Token(T.OP, op, line));
            }
        }
        out.add(new Token(T.END, "<end>", line));
        return out;
    }

    static final class Function {
        final String name;
        final int arity;
        int entry;
        int locals;
        Function(String name, int arity) { this.name = name; this.arity = arity; }
    }

    static final class Compiler {
        final List<Token> tokens;
        int at;
        final List<Ins> code = new ArrayList<>();
        final Map<String, Integer> globals = new HashMap<>();
        final Map<String, Function> functions = new HashMap<>();
        final List<Function> byIndex = new ArrayList<>();
        List<Map<String, Integer>> scopes;
        int nextLocal, maxLocal;
        List<List<Integer>> breaks = new ArrayList<>(), continues = new ArrayList<>();

        Compiler(String s) { tokens = lex(s); }
        Token peek() { return tokens.get(at); }
        boolean is(String s) { return peek().text().equals(s) && peek().type() != T.NUM; }
        boolean accept(String s) { if (!is(s)) return false; at++; return true; }
        void expect(String s) { if (!accept(s)) throw new CompileError("expected " + s + " but found " + peek().text(), peek().line()); }
        String ident() { if (peek().type() != T.ID) throw new CompileError("expected a name but found " + peek().text(), peek().line()); return tokens.get(at++).text(); }
        int emit(Op op, int arg) { code.add(new Ins(op, arg)); return code.size() - 1; }
        int emit(Op op) { return emit(op, 0); }
        void patch(int where, int to) { code.set(where, new Ins(code.get(where).op(), to)); }

        List<Ins> compile() {
            int jump = emit(Op.JMP, -1);
            // Signatures first, so that functions may call those that follow.
            for (int i = 0; i + 2 < tokens.size(); i++) {
                if (tokens.get(i).text().equals("fn") && tokens.get(i + 1).type() == T.ID) {
                    int n = 0;
                    for (int k = i + 3; !tokens.get(k).text().equals(")") && k < tokens.size() - 1; k++) if (tokens.get(k).type() == T.ID) n++;
                    Function f = new Function(tokens.get(i + 1).text(), n);
                    if (functions.put(f.name, f) != null) throw new CompileError("function twice: " + f.name, tokens.get(i).line());
                    byIndex.add(f);
                }
            }
            while (peek().type() != T.END) {
                if (accept("fn")) function();
                else if (accept("var")) { globals.put(ident(), globals.size()); expect(";"); }
                else throw new CompileError("expected fn or var", peek().line());
            }
            Function main = functions.get("main");
            if (main == null) throw new CompileError("no main", 0);
            patch(jump, code.size());
            emit(Op.CALL, byIndex.indexOf(main));
            emit(Op.HALT);
            return code;
        }

        void function() {
            Function f = functions.get(ident());
            scopes = new ArrayList<>();
            scopes.add(new HashMap<>());
            nextLocal = maxLocal = 0;
            expect("(");
            while (!accept(")")) { declare(ident()); accept(","); }
            f.entry = code.size();
            block();
            emit(Op.PUSH, 0);
            emit(Op.RET, f.arity);
            f.locals = maxLocal;
        }

        int declare(String n) {
            Map<String, Integer> top = scopes.get(scopes.size() - 1);
            if (top.put(n, nextLocal) != null) throw new CompileError("declared twice: " + n, peek().line());
            maxLocal = Math.max(maxLocal, nextLocal + 1);
            return nextLocal++;
        }

        Integer lookup(String n) {
            for (int i = scopes.size() - 1; i >= 0; i--) if (scopes.get(i).containsKey(n)) return scopes.get(i).get(n);
            return null;
        }

        void block() {
            expect("{");
            scopes.add(new HashMap<>());
            int saved = nextLocal;
            while (!accept("}")) statement();
            nextLocal = saved;
            scopes.remove(scopes.size() - 1);
        }

        void statement() {
            if (is("{")) { block(); return; }
            if (accept("var")) {
                String n = ident();
                expect("=");
                expr(0);
                expect(";");
                emit(Op.STORE, declare(n));
            } else if (accept("if")) {
                expect("("); expr(0); expect(")");
                int no = emit(Op.JZ, -1);
                statement();
                if (accept("else")) {
                    int end = emit(Op.JMP, -1);
                    patch(no, code.size());
                    statement();
                    patch(end, code.size());
                } else patch(no, code.size());
            } else if (accept("while")) {
                int top = code.size();
                expect("("); expr(0); expect(")");
                int out = emit(Op.JZ, -1);
                breaks.add(new ArrayList<>()); continues.add(new ArrayList<>());
                statement();
                emit(Op.JMP, top);
                patch(out, code.size());
                for (int b : breaks.remove(breaks.size() - 1)) patch(b, code.size());
                for (int c : continues.remove(continues.size() - 1)) patch(c, top);
            } else if (is("break") || is("continue")) {
                boolean b = accept("break");
                if (!b) accept("continue");
                if (breaks.isEmpty()) throw new CompileError("outside a loop", peek().line());
                (b ? breaks : continues).get(breaks.size() - 1).add(emit(Op.JMP, -1));
                expect(";");
            } else if (accept("return")) {
                expr(0); expect(";"); emit(Op.RET, 0);
            } else if (accept("print")) {
                expr(0); expect(";"); emit(Op.PRINT);
            } else {
                String n = peek().type() == T.ID ? peek().text() : null;
                if (n != null && tokens.get(at + 1).text().equals("=")) {
                    at += 2;
                    expr(0);
                    Integer l = lookup(n);
                    if (l != null) emit(Op.STORE, l);
                    else if (globals.containsKey(n)) emit(Op.GSTORE, globals.get(n));
                    else throw new CompileError("unknown variable " + n, peek().line());
                } else {
                    expr(0);
                    if (accept("=")) {
                        Ins last = code.remove(code.size() - 1);
                        if (last.op() != Op.ALOAD) throw new CompileError("cannot assign", peek().line());
                        expr(0);
                        emit(Op.ASTORE);
                    } else emit(Op.POP);
                }
                expect(";");
            }
        }

        static final String[][] LEVELS = {{"||"}, {"&&"}, {"==", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "/", "%"}};
        static final Map<String, Op> OPS = Map.ofEntries(Map.entry("==", Op.EQ), Map.entry("!=", Op.NE), Map.entry("<", Op.LT), Map.entry("<=", Op.LE), Map.entry(">", Op.GT), Map.entry(">=", Op.GE), Map.entry("+", Op.ADD), Map.entry("-", Op.SUB), Map.entry("*", Op.MUL), Map.entry("/", Op.DIV), Map.entry("%", Op.MOD));

        void expr(int level) {
            if (level == LEVELS.length) { unary(); return; }
            expr(level + 1);
            while (peek().type() == T.OP && Arrays.asList(LEVELS[level]).contains(peek().text())) {
                String op = tokens.get(at++).text();
                if (op.equals("&&") || op.equals("||")) {
                    if (op.equals("||")) emit(Op.NOT);
                    int shortcut = emit(Op.JZ, -1);
                    expr(level + 1);
                    emit(Op.NOT); emit(Op.NOT);
                    int end = emit(Op.JMP, -1);
                    patch(shortcut, code.size());
                    emit(Op.PUSH, op.equals("||") ? 1 : 0);
                    patch(end, code.size());
                } else {
                    expr(level + 1);
                    emit(OPS.get(op));
                }
            }
        }

        void unary() {
            if (accept("-")) { unary(); emit(Op.NEG); return; }
            if (accept("!")) { unary(); emit(Op.NOT); return; }
            Token t = tokens.get(at++);
            if (t.type() == T.NUM) emit(Op.PUSH, Integer.parseInt(t.text()));
            else if (t.text().equals("(")) { expr(0); expect(")"); }
            else if (t.text().equals("array")) { expect("("); expr(0); expect(")"); emit(Op.NEWARR); }
            else if (t.text().equals("len")) { expect("("); expr(0); expect(")"); emit(Op.LEN); }
            else if (t.type() == T.ID && accept("(")) {
                int n = 0;
                while (!accept(")")) { expr(0); n++; accept(","); }
                Function f = functions.get(t.text());
                if (f == null) throw new CompileError("unknown function " + t.text(), t.line());
                if (f.arity != n) throw new CompileError(t.text() + " takes " + f.arity + " arguments, not " + n, t.line());
                emit(Op.CALL, byIndex.indexOf(f));
            } else if (t.type() == T.ID) {
                Integer l = lookup(t.text());
                if (l != null) emit(Op.LOAD, l);
                else if (globals.containsKey(t.text())) emit(Op.GLOAD, globals.get(t.text()));
                else throw new CompileError("unknown variable " + t.text(), t.line());
            } else throw new CompileError("unexpected " + t.text(), t.line());
            while (accept("[")) { expr(0); expect("]"); emit(Op.ALOAD); }
        }
    }

    static final class Machine {
        final Ins[] code;
        final List<Function> functions;
        final int[] stack = new int[4000];
        final int[] globals = new int[16];
        final List<int[]> heap = new ArrayList<>();
        final StringBuilder out = new StringBuilder();
        long executed;

        Machine(Compiler c) { code = c.code.toArray(new Ins[0]); functions = c.byIndex; heap.add(null); }

        int run() {
            int sp = 0, pc = 0, fp = 0;
            while (true) {
                Ins i = code[pc++];
                executed++;
                switch (i.op()) {
                    case PUSH -> stack[sp++] = i.arg();
                    case POP -> sp--;
                    case ADD -> { sp--; stack[sp - 1] += stack[sp]; }
                    case SUB -> { sp--; stack[sp - 1] -= stack[sp]; }
                    case MUL -> { sp--; stack[sp - 1] *= stack[sp]; }
                    case DIV -> { sp--; stack[sp - 1] /= stack[sp]; }
                    case MOD -> { sp--; stack[sp - 1] %= stack[sp]; }
                    case NEG -> stack[sp - 1] = -stack[sp - 1];
                    case NOT -> stack[sp - 1] = stack[sp - 1] == 0 ? 1 : 0;
                    case EQ -> { sp--; stack[sp - 1] = stack[sp - 1] == stack[sp] ? 1 : 0; }
                    case NE -> { sp--; stack[sp - 1] = stack[sp - 1] != stack[sp] ? 1 : 0; }
                    case LT -> { sp--; stack[sp - 1] = stack[sp - 1] < stack[sp] ? 1 : 0; }
                    case LE -> { sp--; stack[sp - 1] = stack[sp - 1] <= stack[sp] ? 1 : 0; }
                    case GT -> { sp--; stack[sp - 1] = stack[sp - 1] > stack[sp] ? 1 : 0; }
                    case GE -> { sp--; stack[sp - 1] = stack[sp - 1] >= stack[sp] ? 1 : 0; }
                    case LOAD -> stack[sp++] = stack[fp + i.arg()];
                    case STORE -> stack[fp + i.arg()] = stack[--sp];
                    case GLOAD -> stack[sp++] = globals[i.arg()];
                    case GSTORE -> globals[i.arg()] = stack[--sp];
                    case JMP -> pc = i.arg();
                    case JZ -> { if (stack[--sp] == 0) pc = i.arg(); }
                    case CALL -> {
                        Function f = functions.get(i.arg());
                        int base = sp - f.arity;
                        Arrays.fill(stack, sp, base + f.locals, 0);
                        sp = base + f.locals;
                        stack[sp++] = pc;
                        stack[sp++] = fp;
                        stack[sp++] = base;
                        fp = base;
                        pc = f.entry;
                        frames.add(sp);
                    }
                    case RET -> {
                        int v = stack[sp - 1];
                        int link = frames.remove(frames.size() - 1);
                        pc = stack[link - 3];
                        int base = stack[link - 1];
                        fp = stack[link - 2];
                        sp = base;
                        stack[sp++] = v;
                    }
                    case PRINT -> out.append(stack[--sp]).append(' ');
                    case NEWARR -> { heap.add(new int[stack[sp - 1]]); stack[sp - 1] = heap.size() - 1; }
                    case ALOAD -> { sp--; stack[sp - 1] = heap.get(stack[sp - 1])[stack[sp]]; }
                    case ASTORE -> { sp -= 3; heap.get(stack[sp])[stack[sp + 1]] = stack[sp + 2]; }
                    case LEN -> stack[sp - 1] = heap.get(stack[sp - 1]).length;
                    case HALT -> { return stack[sp - 1]; }
                }
            }
        }

        final List<Integer> frames = new ArrayList<>();
    }

    static void program(String name, String source, boolean list) {
        System.out.print(name + ": ");
        try {
            Compiler c = new Compiler(source);
            c.compile();
            if (list) {
                System.out.println();
                for (int i = 0; i < c.code.size(); i++) System.out.println("  " + i + " " + c.code.get(i));
            }
            Machine m = new Machine(c);
            int r = m.run();
            System.out.println(m.out + "-> " + r + " after " + m.executed);
        } catch (CompileError | ArithmeticException | IndexOutOfBoundsException | NegativeArraySizeException | NullPointerException e) {
            System.out.println(e.getClass().getSimpleName() + " " + e.getMessage());
        }
    }

    public static void main(String[] args) {
        program("small", "fn main() { var x = 3; if (x > 2 && x < 10) print x * -2; return !x; }", true);
        program("fib", "fn fib(n) { if (n < 2) return n; return fib(n - 1) + fib(n - 2); } fn main() { return fib(18); }", false);
        program("sieve", "fn main() { var n = 2000; var s = array(n); var i = 2; var c = 0; while (i < n) { if (!s[i]) { c = c + 1; var j = i * i; while (j < n) { s[j] = 1; j = j + i; } } i = i + 1; } return c; }", false);
        program("sort", "var seed; fn rnd() { seed = (seed * 1103 + 12345) % 65536; return seed; } fn part(a, lo, hi) { var p = a[hi]; var i = lo; var j = lo; while (j < hi) { if (a[j] < p) { var t = a[i]; a[i] = a[j]; a[j] = t; i = i + 1; } j = j + 1; } var t = a[i]; a[i] = a[hi]; a[hi] = t; return i; } fn sort(a, lo, hi) { if (lo < hi) { var m = part(a, lo, hi); sort(a, lo, m - 1); sort(a, m + 1, hi); } } fn main() { seed = 42; var a = array(300); var i = 0; while (i < len(a)) { a[i] = rnd(); i = i + 1; } sort(a, 0, len(a) - 1); i = 1; while (i < len(a)) { if (a[i - 1] > a[i]) return 0 - 1; i = i + 1; } print a[0]; print a[299]; return 1; }", false);
        program("loops", "fn main() { var i = 0; var s = 0; while (1) { i = i + 1; if (i % 2 == 0) continue; if (i > 20) break; s = s + i; } return s; }", false);
        program("mutual", "fn even(n) { if (n == 0) return 1; return odd(n - 1); } fn odd(n) { if (n == 0) return 0; return even(n - 1); } fn main() { print even(40); print odd(7); return even(3) || odd(3); }", false);
        for (String bad : new String[] {"fn main() { return x; }", "fn f(a) {} fn main() { f(); }", "fn main() { return 1 / 0; }", "fn main() { var a = array(2); return a[5]; }", "fn main( { }", "fn f() {} fn f() {}", "fn g() {}", "fn main() { 5 = 6; }", "fn main() { break; }", "fn main() { var a = 1; var a = 2; }", "fn main() { @ }", "fn main() { return array(0 - 1); }", "fn r() { return r() + 1; } fn main() { return r(); }"})
            program(bad, bad, false);
    }
}
