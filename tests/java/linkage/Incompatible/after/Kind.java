public enum Kind { A, B }
