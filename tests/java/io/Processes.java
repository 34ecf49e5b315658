import java.io.*;
import java.util.*;
import java.util.concurrent.TimeUnit;

public class Processes {
    static String run(String... cmd) throws Exception {
        Process p = new ProcessBuilder(cmd).redirectErrorStream(true).start();
        p.getOutputStream().close();
        String s = new String(p.getInputStream().readAllBytes());
        return s.trim() + "=" + p.waitFor();
    }

    public static void main(String[] args) throws Exception {
        System.out.println(run("echo", "hello  world", "*") + run("sh", "-c", "echo out; echo err >&2; exit 3") + run("true") + run("false"));
        Process cat = new ProcessBuilder("cat").start();
        try (Writer w = new OutputStreamWriter(cat.getOutputStream())) { for (int i = 0; i < 1000; i++) w.write("line " + i + "\n"); }
        System.out.println(new String(cat.getInputStream().readAllBytes()).length() + " " + cat.waitFor() + cat.isAlive());
        ProcessBuilder b = new ProcessBuilder("sh", "-c", "echo $VAR; pwd | sed 's,.*/,,'");
        b.environment().put("VAR", "from java");
        new File("sub").mkdir();
        b.directory(new File("sub"));
        Process p = b.start();
        System.out.println(new String(p.getInputStream().readAllBytes()).replace("\n", "|") + p.waitFor());
        b = new ProcessBuilder("sh", "-c", "cat; echo err >&2");
        try (Writer w = new FileWriter("in.txt")) { w.write("redirected"); }
        b.redirectInput(new File("in.txt")).redirectOutput(new File("out.txt")).redirectError(ProcessBuilder.Redirect.appendTo(new File("err.txt")));
        System.out.println(b.start().waitFor() + new String(new FileInputStream("out.txt").readAllBytes()) + new String(new FileInputStream("err.txt").readAllBytes()).trim());
        new ProcessBuilder("echo", "inherited").inheritIO().start().waitFor();
        try {
            new ProcessBuilder("/no/such/program").start();
        } catch (IOException e) {
            System.out.println(e.getMessage());
        }
        Process sleep = new ProcessBuilder("sleep", "100").start();
        try {
            sleep.exitValue();
        } catch (IllegalThreadStateException e) {
            System.out.println(e.getMessage());
        }
        System.out.println(sleep.waitFor(10, TimeUnit.MILLISECONDS) + " " + sleep.isAlive() + (sleep.pid() > 0) + sleep.toHandle().isAlive());
        sleep.destroy();
        System.out.println(sleep.waitFor() + " " + sleep.onExit().get().isAlive());
        Process kill = new ProcessBuilder("sleep", "100").start();
        kill.destroyForcibly();
        System.out.println(kill.waitFor());
        System.out.println(ProcessHandle.current().isAlive() + " " + ProcessHandle.current().info().command().isPresent() + " " + ProcessHandle.of(1L).isPresent());
        List<Process> pl = ProcessBuilder.startPipeline(List.of(new ProcessBuilder("echo", "a b c"), new ProcessBuilder("tr", " ", "-")));
        System.out.println(new String(pl.get(1).getInputStream().readAllBytes()).trim());
        System.out.println(Runtime.getRuntime().exec(new String[] {"sh", "-c", "exit 5"}).waitFor());
        String java = System.getProperty("java.home") + "/bin/java";
        System.out.println(run(java, "-Xmx32m", "-cp", System.getProperty("java.class.path"), "Processes$Child", "arg with space"));
        System.out.println(System.getenv("PATH") != null ? System.getenv("NO_SUCH_VARIABLE") : "no PATH");
        for (String f : new String[] {"in.txt", "out.txt", "err.txt", "sub"}) new File(f).delete();
    }

    static class Child {
        public static void main(String[] a) { System.out.println("child " + a[0]); System.exit(9); }
    }
}
