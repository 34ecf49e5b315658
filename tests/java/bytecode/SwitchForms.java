/** tableswitch and lookupswitch with default first, sparse keys, nested switches, char and byte selectors. */
public class SwitchForms {
    enum Color { RED, GREEN, BLUE, }

    static int big(int x) {
        switch (x) {
            case 100: return 1; case 101: return 2; case 102: return 3; case 103: return 4; case 105: return 6;
            case 106: return 7; case 110: return 8; default: return -1;
        }
    }

    static String sparse(int x) {
        return switch (x) {
            case -2000000000 -> "low";
            case -1 -> "minus";
            case 7 -> "seven";
            case 2000000000 -> "high";
            default -> "other";
        };
    }

    static int yielding(Color c, int n) {
        return switch (c) {
            case RED -> 1;
            case GREEN -> {
                int t = 0;
                for (int i = 0; i < n; i++) t += i;
                yield t;
            }
            case BLUE -> switch (n) {
                case 0, 1, 2 -> 10;
                default -> n > 5 ? 20 : 30;
            };
        };
    }

    static String text(String s) {
        switch (s) {
            case "Aa": return "first";
            case "BB": return "same hash";
            case "": return "empty";
            case "C#": return "third with that hash? " + "C#".hashCode();
            default: return "none of them";
        }
    }

    public static void main(String[] args) {
        for (int i = 98; i < 112; i++) System.out.print(big(i) + " ");
        System.out.println();
        for (int i : new int[] {-2000000001, -2000000000, -1, 0, 7, 8, 2000000000}) System.out.println(sparse(i));
        for (Color c : Color.values()) for (int n = 0; n < 8; n += 3) System.out.println(yielding(c, n));
        for (String s : new String[] {"Aa", "BB", "", "C#", "Bb", "AaBB"}) System.out.println(text(s));
        System.out.println("Aa".hashCode() == "BB".hashCode());
        byte b = 3;
        switch (b) { case 3: System.out.println("byte"); }
        Character ch = 'q';
        switch (ch) { case 'q': System.out.println("boxed"); }
        try {
            String none = null;
            switch (none) { default: System.out.println("no"); }
        } catch (NullPointerException e) {
            System.out.println("NPE on null selector");
        }
        try {
            Color none = null;
            switch (none) { default: System.out.println("no"); }
        } catch (NullPointerException e) {
            System.out.println("NPE on null enum");
        }
    }
}
