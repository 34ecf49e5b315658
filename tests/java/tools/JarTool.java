//@ tool: jar --list --file classes/x.jar
//@ write: r/a.txt text
//@ jar: --create -f x.jar -C {classes} JarTool.class -C {classes} r
public class JarTool {}
