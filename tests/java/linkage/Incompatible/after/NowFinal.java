public final class NowFinal {}
