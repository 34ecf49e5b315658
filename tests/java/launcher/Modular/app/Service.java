package app;

public class Service implements Runnable {
    public void run() { System.out.println("service " + getClass().getModule().getName()); }
}
