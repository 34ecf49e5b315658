public class SubOfGone extends Gone {}
