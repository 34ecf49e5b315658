public class QQ {}
