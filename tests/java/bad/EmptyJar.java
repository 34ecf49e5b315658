//@ write: t.jar
//@ truncate: t.jar 0
//@ java: -jar classes/t.jar
public class EmptyJar {}
