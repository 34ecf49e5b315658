public class NowFinal {}
