public class Switches {
    static int table(int i) {
        switch (i) {
            case -1: return 10;
            case 0: return 20;
            case 1: return 30;
            case 2:
            case 3: return 40;
            default: return 50;
        }
    }

    static int lookup(int i) {
        switch (i) {
            case Integer.MIN_VALUE: return 1;
            case -1000: return 2;
            case 0: return 3;
            case 1000: return 4;
            case Integer.MAX_VALUE: return 5;
        }
        return 6;
    }

    static String fall(char c) {
        String s = "";
        switch (c) {
            case 'a': s = s.concat("a");
            case 'b': s = s.concat("b"); break;
            default: s = s.concat("d");
            case 'c': s = s.concat("c");
        }
        return s;
    }

    public static void main(String[] args) {
        for (int i = -3; i < 6; i++) System.out.println(table(i));
        System.out.println(table(Integer.MIN_VALUE));
        System.out.println(table(Integer.MAX_VALUE));
        for (int i : new int[] {Integer.MIN_VALUE, -1000, -1, 0, 1, 1000, Integer.MAX_VALUE}) System.out.println(lookup(i));
        for (char c = 'a'; c < 'f'; c++) System.out.println(fall(c));
    }
}
