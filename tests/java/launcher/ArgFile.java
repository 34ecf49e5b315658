//@ write: args.txt -Dfrom.file="a b"\n-cp classes\n# comment\nArgFile 'x y' z
//@ java: @classes/args.txt tail
public class ArgFile {
    public static void main(String[] args) {
        System.out.println(String.join("|", args) + System.getProperty("from.file"));
    }
}
