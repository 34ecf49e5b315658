package pkg;
class Open { String get() { return "closed"; } }
