//@ java: -Xmx64m
//@ stderr: filter .
/** `java` without a class: usage and exit code 1. */
public class NoArguments {}
