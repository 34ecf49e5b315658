public class SubOfInterface extends NowInterface {}
