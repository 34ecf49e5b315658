//@ java: @no/such/file Main
public class BadArgFile {}
