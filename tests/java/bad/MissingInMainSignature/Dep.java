public class Dep {}
