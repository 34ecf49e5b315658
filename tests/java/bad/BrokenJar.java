//@ write: broken.jar this is not a zip file at all
//@ java: -jar classes/broken.jar
public class BrokenJar {}
