import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Chess move generation counted by depth (perft, with the known totals), make and unmake, hashing, FEN, a small search. */
public class ChessMoves {
    static final int EMPTY = 0, PAWN = 1, KNIGHT = 2, BISHOP = 3, ROOK = 4, QUEEN = 5, KING = 6, OFF = 99;
    static final int[][] STEPS = {{}, {}, {-21, -19, -12, -8, 8, 12, 19, 21}, {-11, -9, 9, 11}, {-10, -1, 1, 10}, {-11, -10, -9, -1, 1, 9, 10, 11}, {-11, -10, -9, -1, 1, 9, 10, 11}};
    static final String LETTERS = ".PNBRQK";
    static final long[][] ZOBRIST = new long[13][120];

    static {
        long x = 0x9E3779B97F4A7C15L;
        for (long[] row : ZOBRIST) {
            for (int i = 0; i < row.length; i++) {
                x ^= x << 13;
                x ^= x >>> 7;
                x ^= x << 17;
                row[i] = x;
            }
        }
    }

    record Move(int from, int to, int captured, int promotion, int flag) {
        static final int NORMAL = 0, DOUBLE = 1, PASSANT = 2, CASTLE = 3;
        @Override public String toString() { return name(from) + name(to) + (promotion == 0 ? "" : Character.toLowerCase(LETTERS.charAt(promotion))); }
        static String name(int sq) { return "" + (char) ('a' + sq % 10 - 1) + (char) ('0' + (10 - sq / 10)); }
    }

    static final class Board {
        final int[] sq = new int[120];
        int side = 1, castling, passant, kings[] = new int[2];
        long hash;
        final List<int[]> undo = new ArrayList<>();
        final List<Long> hashes = new ArrayList<>();

        static Board fen(String fen) {
            String[] p = fen.split(" ");
            Board b = new Board();
            java.util.Arrays.fill(b.sq, OFF);
            String[] rows = p[0].split("/");
            if (rows.length != 8) throw new IllegalArgumentException("eight rows, not " + rows.length);
            for (int r = 0; r < 8; r++) {
                int c = 0;
                for (char ch : rows[r].toCharArray()) {
                    if (Character.isDigit(ch)) {
                        for (int k = ch - '0'; k > 0; k--) b.sq[(r + 2) * 10 + 1 + c++] = EMPTY;
                    } else {
                        int piece = LETTERS.indexOf(Character.toUpperCase(ch));
                        if (piece < 1) throw new IllegalArgumentException("piece " + ch);
                        int at = (r + 2) * 10 + 1 + c++;
                        b.put(at, Character.isUpperCase(ch) ? piece : -piece);
                        if (piece == KING) b.kings[Character.isUpperCase(ch) ? 1 : 0] = at;
                    }
                }
                if (c != 8) throw new IllegalArgumentException("row " + (r + 1) + " has " + c + " squares");
            }
            b.side = p[1].equals("w") ? 1 : -1;
            for (char ch : p[2].toCharArray()) b.castling |= "KQkq".indexOf(ch) >= 0 ? 1 << "KQkq".indexOf(ch) : 0;
            b.passant = p[3].equals("-") ? 0 : (10 - (p[3].charAt(1) - '0')) * 10 + p[3].charAt(0) - 'a' + 1;
            return b;
        }

        void put(int at, int piece) {
            if (sq[at] != OFF && sq[at] != EMPTY) hash ^= ZOBRIST[sq[at] + 6][at];
            sq[at] = piece;
            if (piece != EMPTY) hash ^= ZOBRIST[piece + 6][at];
        }

        boolean attacked(int at, int by) {
            for (int d : STEPS[KNIGHT]) if (sq[at + d] == by * KNIGHT) return true;
            for (int d : STEPS[KING]) {
                if (sq[at + d] == by * KING) return true;
                int t = at + d;
                while (sq[t] == EMPTY) t += d;
                if (sq[t] == by * QUEEN || sq[t] == by * (d == -10 || d == -1 || d == 1 || d == 10 ? ROOK : BISHOP)) return true;
            }
            return sq[at + by * 9] == by * PAWN || sq[at + by * 11] == by * PAWN;
        }

        boolean check(int side) { return attacked(kings[side > 0 ? 1 : 0], -side); }

        List<Move> pseudo() {
            List<Move> out = new ArrayList<>();
            for (int at = 21; at < 99; at++) {
                int p = sq[at] == OFF ? 0 : sq[at] * side;
                if (p <= 0 || sq[at] == OFF) continue;
                if (p == PAWN) {
                    int f = -10 * side;
                    boolean last = sq[at + 2 * f] == OFF;
                    if (sq[at + f] == EMPTY) {
                        add(out, at, at + f, last, 0, Move.NORMAL);
                        int home = side > 0 ? 8 : 3;
                        if (at / 10 == home && sq[at + 2 * f] == EMPTY) out.add(new Move(at, at + 2 * f, 0, 0, Move.DOUBLE));
                    }
                    for (int d : new int[] {f - 1, f + 1}) {
                        int t = at + d;
                        if (sq[t] != OFF && sq[t] * side < 0) add(out, at, t, last, sq[t], Move.NORMAL);
                        else if (t == passant && t != 0) out.add(new Move(at, t, -side * PAWN, 0, Move.PASSANT));
                    }
                    continue;
                }
                for (int d : STEPS[p]) {
                    for (int t = at + d; sq[t] != OFF; t += d) {
                        if (sq[t] * side > 0) break;
                        out.add(new Move(at, t, sq[t], 0, Move.NORMAL));
                        if (sq[t] != EMPTY || p == KNIGHT || p == KING) break;
                    }
                }
            }
            int k = side > 0 ? 95 : 25, right = side > 0 ? 1 : 4, left = right << 1;
            if ((castling & right) != 0 && sq[k + 1] == EMPTY && sq[k + 2] == EMPTY && !attacked(k, -side) && !attacked(k + 1, -side)) out.add(new Move(k, k + 2, 0, 0, Move.CASTLE));
            if ((castling & left) != 0 && sq[k - 1] == EMPTY && sq[k - 2] == EMPTY && sq[k - 3] == EMPTY && !attacked(k, -side) && !attacked(k - 1, -side)) out.add(new Move(k, k - 2, 0, 0, Move.CASTLE));
            return out;
        }

        private void add(List<Move> out, int from, int to, boolean promote, int captured, int flag) {
            if (!promote) out.add(new Move(from, to, captured, 0, flag));
            else for (int p = QUEEN; p >= KNIGHT; p--) out.add(new Move(from, to, captured, p, flag));
        }

        void make(Move m) {
            undo.add(new int[] {castling, passant});
            hashes.add(hash);
            int p = sq[m.from()];
            put(m.from(), EMPTY);
            if (m.flag() == Move.PASSANT) put(m.to() + 10 * side, EMPTY);
            put(m.to(), m.promotion() == 0 ? p : side * m.promotion());
            if (m.flag() == Move.CASTLE) {
                boolean r = m.to() > m.from();
                put(r ? m.to() + 1 : m.to() - 2, EMPTY);
                put(r ? m.to() - 1 : m.to() + 1, side * ROOK);
            }
            if (p * side == KING) kings[side > 0 ? 1 : 0] = m.to();
            passant = m.flag() == Move.DOUBLE ? m.to() + 10 * side : 0;
            for (int s : new int[] {m.from(), m.to()}) castling &= switch (s) { case 95 -> ~3; case 25 -> ~12; case 98 -> ~1; case 91 -> ~2; case 28 -> ~4; case 21 -> ~8; default -> ~0; };
            side = -side;
        }

        void unmake(Move m) {
            side = -side;
            int p = m.promotion() == 0 ? sq[m.to()] : side * PAWN;
            put(m.from(), p);
            put(m.to(), m.flag() == Move.PASSANT ? EMPTY : m.captured());
            if (m.flag() == Move.PASSANT) put(m.to() + 10 * side, m.captured());
            if (m.flag() == Move.CASTLE) {
                boolean r = m.to() > m.from();
                put(r ? m.to() - 1 : m.to() + 1, EMPTY);
                put(r ? m.to() + 1 : m.to() - 2, side * ROOK);
            }
            if (p * side == KING) kings[side > 0 ? 1 : 0] = m.from();
            int[] u = undo.remove(undo.size() - 1);
            castling = u[0];
            passant = u[1];
            if (hashes.remove(hashes.size() - 1) != hash) throw new IllegalStateException("hash after " + m);
        }

        List<Move> legal() {
            List<Move> out = new ArrayList<>();
            for (Move m : pseudo()) {
                make(m);
                if (!check(-side)) out.add(m);
                unmake(m);
            }
            return out;
        }

        long perft(int depth) {
            if (depth == 0) return 1;
            long n = 0;
            for (Move m : pseudo()) {
                make(m);
                if (!check(-side)) n += perft(depth - 1);
                unmake(m);
            }
            return n;
        }

        static final int[] WORTH = {0, 100, 320, 330, 500, 900, 0};
        long nodes;

        int evaluate() {
            int v = 0;
            for (int at = 21; at < 99; at++) {
                if (sq[at] == OFF || sq[at] == EMPTY) continue;
                int p = Math.abs(sq[at]), centre = 4 - Math.max(Math.abs(at % 10 * 2 - 9), Math.abs(at / 10 * 2 - 11)) / 2;
                v += Integer.signum(sq[at]) * (WORTH[p] + (p == KING ? -centre : centre * 5));
            }
            return v * side;
        }

        int search(int depth, int alpha, int beta, List<Move> line) {
            nodes++;
            if (depth == 0) return evaluate();
            List<Move> ms = legal();
            if (ms.isEmpty()) return check(side) ? -30000 - depth : 0;
            ms.sort((a, b) -> Integer.compare(Math.abs(b.captured()) * 10 - Math.abs(sq[b.from()]), Math.abs(a.captured()) * 10 - Math.abs(sq[a.from()])));
            for (Move m : ms) {
                make(m);
                List<Move> sub = new ArrayList<>();
                int v = -search(depth - 1, -beta, -alpha, sub);
                unmake(m);
                if (v > alpha) {
                    alpha = v;
                    line.clear();
                    line.add(m);
                    line.addAll(sub);
                }
                if (alpha >= beta) break;
            }
            return alpha;
        }

        @Override public String toString() {
            StringBuilder b = new StringBuilder();
            for (int r = 2; r < 10; r++) {
                for (int c = 1; c < 9; c++) {
                    int p = sq[r * 10 + c];
                    b.append(p >= 0 ? LETTERS.charAt(p) : Character.toLowerCase(LETTERS.charAt(-p)));
                }
                b.append(r < 9 ? "/" : "");
            }
            return b.toString();
        }
    }

    public static void main(String[] args) {
        String[] fens = {"rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1", "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1",
            "8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1", "r3k2r/Pppp1ppp/1b3nbN/nP6/BBP1P3/q4N2/Pp1P2PP/R2Q1RK1 w kq - 0 1", "rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R w KQ - 1 8"};
        int[] depths = {3, 3, 4, 3, 3};
        for (int i = 0; i < fens.length; i++) {
            Board b = Board.fen(fens[i]);
            StringBuilder line = new StringBuilder(b.toString());
            for (int d = 1; d <= depths[i]; d++) line.append(' ').append(b.perft(d));
            System.out.println(line);
        }
        Board b = Board.fen(fens[1]);
        Map<Long, String> seen = new HashMap<>();
        int clashes = 0;
        for (Move m : b.legal()) {
            b.make(m);
            for (Move n : b.legal()) {
                b.make(n);
                String old = seen.put(b.hash, b.toString());
                if (old != null && !old.equals(b.toString())) clashes++;
                b.unmake(n);
            }
            b.unmake(m);
        }
        System.out.println(seen.size() + " positions, clashes " + clashes + " " + b.legal().subList(0, 8));
        for (String f : new String[] {"6k1/5ppp/8/8/8/8/5PPP/3R2K1 w - - 0 1", "r1bqkbnr/pppp1ppp/2n5/4p2Q/2B1P3/8/PPPP1PPP/RNB1K1NR w KQkq - 0 1", "7k/5K2/8/6Q1/8/8/8/8 b - - 0 1", fens[4]}) {
            Board s = Board.fen(f);
            List<Move> line = new ArrayList<>();
            int v = s.search(3, -40000, 40000, line);
            System.out.println(v + " " + line + " nodes " + s.nodes + " check " + s.check(s.side) + " moves " + s.legal().size());
        }
        for (String bad : new String[] {"8/8 w - - 0 1", "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNX w - - 0 1", "9/8/8/8/8/8/8/8 w - - 0 1"}) {
            try {
                Board.fen(bad);
            } catch (IllegalArgumentException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
