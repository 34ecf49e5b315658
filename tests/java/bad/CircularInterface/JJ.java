public interface JJ extends II {}
