//@ write: Dir.class/file.txt x
//@ java: -cp classes Dir
public class ClassIsDirectory {}
