public interface Iface { int added(); default int withDefault() { return 2; } }
