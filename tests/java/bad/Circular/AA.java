public class AA extends BB {}
