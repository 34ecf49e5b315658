//! "Did you mean": the known name that is most like a mistyped one.

/// Share of the pairs of neighbouring characters of `a` that `b` has too (Dice's coefficient over bigrams).
fn similarity(a: &str, b: &str) -> f64 {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let hits = a.windows(2).filter(|pair| b.windows(2).any(|other| other == *pair)).count();
    2.0 * hits as f64 / (a.len() + b.len()) as f64
}

/// The name most similar to `typed`, when it is at least as similar as `least`.
pub fn most_similar<'a>(typed: &str, names: impl Iterator<Item = &'a str>, least: f64) -> Option<&'a str> {
    let scored = names.map(|name| (similarity(name, typed), name)).filter(|(score, _)| *score >= least);
    // Of equals the first one.
    scored
        .fold(None, |best: Option<(f64, &str)>, next| match best {
            Some(b) if b.0 >= next.0 => Some(b),
            _ => Some(next),
        })
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised() {
        let names = ["UseSerialGC", "UseG1GC", "MaxHeapSize"];
        assert_eq!(most_similar("UseSerialG", names.into_iter(), 0.7), Some("UseSerialGC"));
        assert_eq!(most_similar("MaxHeapSiz", names.into_iter(), 0.7), Some("MaxHeapSize"));
        assert_eq!(most_similar("Foo", names.into_iter(), 0.7), None);
    }
}
