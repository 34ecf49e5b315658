public interface II extends QQ {}
