public class SubOfFinal extends NowFinal {}
