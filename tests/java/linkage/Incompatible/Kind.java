public enum Kind { A, B, C }
