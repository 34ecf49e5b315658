//@ java: -XX:+NoSuchOptionAtAll -cp classes UnknownXX
/** HotSpot refuses unknown -XX options; Caturra lets existing scripts run (issue 2, point 3). */
public class UnknownXX { public static void main(String[] args) { System.out.println("runs"); } }
