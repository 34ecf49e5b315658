public interface Right { default String m() { return "right"; } }
