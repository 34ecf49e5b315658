/** Backtracking: queens on a board by bit masks and by arrays, and a sudoku. */
public class Queens extends Harness {
    private static int bits(int all, int columns, int left, int right) {
        if (columns == all) {
            return 1;
        }
        int count = 0;
        for (int free = all & ~(columns | left | right); free != 0; free &= free - 1) {
            int bit = free & -free;
            count += bits(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
        }
        return count;
    }

    private static int arrays(int n, int row, boolean[] column, boolean[] up, boolean[] down) {
        if (row == n) {
            return 1;
        }
        int count = 0;
        for (int c = 0; c < n; c++) {
            if (!column[c] && !up[row + c] && !down[row - c + n]) {
                column[c] = up[row + c] = down[row - c + n] = true;
                count += arrays(n, row + 1, column, up, down);
                column[c] = up[row + c] = down[row - c + n] = false;
            }
        }
        return count;
    }

    private static boolean sudoku(int[][] grid, long[] steps) {
        steps[0]++;
        int bestRow = -1, bestColumn = -1, bestMask = 0, fewest = 10;
        for (int r = 0; r < 9; r++) {
            for (int c = 0; c < 9; c++) {
                if (grid[r][c] == 0) {
                    int used = 0;
                    for (int i = 0; i < 9; i++) {
                        used |= 1 << grid[r][i] | 1 << grid[i][c] | 1 << grid[r / 3 * 3 + i / 3][c / 3 * 3 + i % 3];
                    }
                    int mask = ~used & 0x3fe, n = Integer.bitCount(mask);
                    if (n < fewest) {
                        fewest = n;
                        bestRow = r;
                        bestColumn = c;
                        bestMask = mask;
                    }
                }
            }
        }
        if (bestRow < 0) {
            return true;
        }
        for (int v = 1; v <= 9; v++) {
            if ((bestMask >> v & 1) != 0) {
                grid[bestRow][bestColumn] = v;
                if (sudoku(grid, steps)) {
                    return true;
                }
            }
        }
        grid[bestRow][bestColumn] = 0;
        return false;
    }

    @Override
    protected long iterate() {
        long sum = bits((1 << 9) - 1, 0, 0, 0);
        sum = sum * 31 + arrays(8, 0, new boolean[8], new boolean[16], new boolean[17]);
        int[][] grid = new int[9][9];
        String clues = "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4..";
        for (int i = 0; i < 81; i++) {
            grid[i / 9][i % 9] = clues.charAt(i) == '.' ? 0 : clues.charAt(i) - '0';
        }
        long[] steps = new long[1];
        sudoku(grid, steps);
        for (int[] row : grid) {
            for (int v : row) {
                sum = sum * 11 + v;
            }
        }
        return sum + steps[0];
    }

    public static void main(String[] args) {
        new Queens().start(args);
    }
}
