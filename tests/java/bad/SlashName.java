//@ java: -cp classes pkg/None
public class SlashName {}
