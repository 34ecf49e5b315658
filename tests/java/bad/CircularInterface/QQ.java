public interface QQ {}
