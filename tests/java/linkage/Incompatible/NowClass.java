public interface NowClass { int call(); }
