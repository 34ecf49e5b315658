public interface Left { default String m() { return "left"; } }
