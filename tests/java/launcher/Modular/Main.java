//@ main: Main
//@ jar: --create -f mod.jar -C {classes} app -C {classes} module-info.class
//@ java: -p classes/mod.jar -m test.app/app.App arg
/** Only here to be found by the runner; the program is app.App. */
public class Main {}
