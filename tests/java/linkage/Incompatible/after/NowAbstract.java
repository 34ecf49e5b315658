public abstract class NowAbstract {}
