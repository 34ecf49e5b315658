//@ tool: javac -d out classes/Broken.java
//@ write: Broken.java class Broken {\n  int f( { return "x"; }\n  void g() { int y = "s"; undefined(); }\n}\n
public class JavacErrors {}
