//@ vm: -XX:CompileCommand=exclude,java.lang.Nothing::atAll -XX:CompileCommand=print,*Nothing*.some*()V -XX:CompileCommand=inline,No/Such,method,false -XX:CompileCommand=option,No.Such::method,intx,RepeatCompilation,3 -XX:CompileCommand=CompileThresholdScaling,No/Such.method,0.5 -XX:CompileCommand=option,No/Such.method,DontInline -XX:CompileCommand=nonsense,A::b -XX:CompileCommand=exclude,a.b.c -XX:CompileCommand=exclude,A*B::c -XX:CompileCommand=quiet -XX:CompileCommand=exclude,Not::shown

/** Commands to the compilers are repeated on standard output until {@code quiet}; bad ones are reported. */
public class CompileCommands {
    public static void main(String[] args) {
        System.out.println("runs");
    }
}
