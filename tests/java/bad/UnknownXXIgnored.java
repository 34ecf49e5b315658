//@ java: -XX:+IgnoreUnrecognizedVMOptions -XX:+NoSuchOptionAtAll -XX:NoValue=5 -cp classes UnknownXXIgnored
public class UnknownXXIgnored { public static void main(String[] args) { System.out.println("runs"); } }
