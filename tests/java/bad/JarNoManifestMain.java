//@ jar: --create -f t.jar -C {classes} JarNoManifestMain.class
//@ java: -jar classes/t.jar
public class JarNoManifestMain {}
