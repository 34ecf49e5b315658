public class NoMainMethod { public void run() {} }
