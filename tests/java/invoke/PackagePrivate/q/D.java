package q;

public class D extends B {
    public String viaProtected() {
        counter++;
        return super.guarded() + counter + new Object() { String g() { return guarded() + counter; } }.g();
    }
}
