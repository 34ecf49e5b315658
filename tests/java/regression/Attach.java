//@ timeout: 120

import java.io.IOException;
import java.util.List;

/** The JDK's tools reach a running VM. */
public class Attach {
    static void tool(String expected, String... command) throws Exception {
        String home = System.getProperty("java.home");
        String pid = Long.toString(ProcessHandle.current().pid());
        List<String> words = new java.util.ArrayList<>(List.of(home + "/bin/" + command[0]));
        for (String word : List.of(command).subList(1, command.length)) words.add(word.equals("PID") ? pid : word);
        Process p = new ProcessBuilder(words).redirectErrorStream(true).start();
        p.getOutputStream().close();
        String out = new String(p.getInputStream().readAllBytes());
        System.out.println(String.join(" ", command) + ": " + p.waitFor() + " " + out.contains(expected));
        if (!out.contains(expected)) System.out.println(out);
    }

    public static void main(String[] args) throws Exception {
        tool("\"main\"", "jstack", "PID");
        tool("java.lang.String (java.base", "jmap", "-histo", "PID");
        tool("java_command: Attach", "jcmd", "PID", "VM.command_line");
        tool(" s\n", "jcmd", "PID", "VM.uptime", "-date");
        tool("Command executed successfully", "jcmd", "PID", "GC.run");
        tool("Unknown diagnostic command", "jcmd", "PID", "No.such");
        tool("Unknown argument 'x' in diagnostic command.", "jcmd", "PID", "VM.uptime", "x");
        tool("java.specification.version=", "jinfo", "-sysprops", "PID");
        tool("Attach", "jps");
    }
}
