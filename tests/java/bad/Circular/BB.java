public class BB extends QQ {}
