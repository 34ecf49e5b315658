public class LibSuper {}
