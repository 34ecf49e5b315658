package other;

/** A superclass in another package, for protected access. */
public class Base {
    protected int value;
    protected long wide;
    protected static int shared;
    protected Base() { }
    protected Base(int value) { this.value = value; }
    protected int read() { return value; }
    protected void set(Object o) { }
    public int open() { return value; }
}
