//@ java: -jar nothere.jar
public class NoSuchJar {}
