public class NowAbstract {}
