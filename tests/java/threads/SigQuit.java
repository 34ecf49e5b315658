//@ signal: QUIT after ready
//@ stdout: only ^(ready|still running)$|^\s+at SigQuit.main
/** SIGQUIT prints a thread dump (its text is each VM's own) and the program goes on. */
public class SigQuit {
    public static void main(String[] args) throws Exception {
        // One line: the signal may come while the first call has not returned yet.
        System.out.println("ready"); Thread.sleep(500);
        System.out.println("still running");
    }
}
