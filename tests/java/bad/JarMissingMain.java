//@ jar: --create -f t.jar -e no.such.Main -C {classes} JarMissingMain.class
//@ java: -jar classes/t.jar
public class JarMissingMain {}
