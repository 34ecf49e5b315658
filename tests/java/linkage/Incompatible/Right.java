public interface Right {}
