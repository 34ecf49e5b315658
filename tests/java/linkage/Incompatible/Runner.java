public interface Runner { String go(); }
