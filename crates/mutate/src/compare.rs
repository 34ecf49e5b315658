//! What two virtual machines made of a class file, compared stage by stage.

/// How two outcomes relate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Same,
    /// The same errors with other words.
    OtherMessage,
    /// Equal until one of them took too long.
    TimedOut,
    /// Equal until one ran out of stack or heap where the other did not.
    Exhausted,
    /// A difference, with what it consists in.
    Different(String),
}

fn stages(outcome: &str) -> Vec<(&str, &str)> {
    outcome.split('\t').map(|part| part.split_once('=').unwrap_or((part, ""))).collect()
}

/// An error's classes, or any other result, without the message.
fn class(result: &str) -> &str {
    if result.starts_with('!') { result.split(':').next().unwrap_or(result) } else { result }
}

fn is_exhaustion(result: &str) -> bool {
    result.contains("java.lang.StackOverflowError") || result.contains("java.lang.OutOfMemoryError")
}

fn kind(result: &str) -> &str {
    if result.starts_with('#') { "#" } else { class(result) }
}

/// Compares two outcomes.
pub fn compare(ours: &str, theirs: &str) -> Verdict {
    let (ours, theirs) = (stages(ours), stages(theirs));
    let (mut message, mut exhausted) = (false, false);
    let mut pairs = ours.iter().zip(&theirs);
    for (ours, theirs) in pairs.by_ref() {
        if ours.0 == "timeout" || theirs.0 == "timeout" {
            return Verdict::TimedOut;
        }
        if ours.0 == theirs.0 && class(ours.1) == class(theirs.1) {
            message |= ours.1 != theirs.1;
            exhausted |= is_exhaustion(ours.1);
            continue;
        }
        // What happened before the exhaustion, and so what is left behind, depends on sizes.
        if exhausted || is_exhaustion(ours.1) || is_exhaustion(theirs.1) {
            return Verdict::Exhausted;
        }
        let what = if ours.0 == theirs.0 {
            format!("{}: ours {}, theirs {}", stage(ours.0), kind(ours.1), kind(theirs.1))
        } else {
            format!("ours {} {}, theirs {} {}", stage(ours.0), kind(ours.1), stage(theirs.0), kind(theirs.1))
        };
        return Verdict::Different(what);
    }
    match ours.len().cmp(&theirs.len()) {
        std::cmp::Ordering::Equal if message => Verdict::OtherMessage,
        std::cmp::Ordering::Equal => Verdict::Same,
        _ if exhausted => Verdict::Exhausted,
        longer => {
            let more = if longer.is_gt() { &ours[theirs.len()] } else { &theirs[ours.len()] };
            if more.0 == "timeout" {
                return Verdict::TimedOut;
            }
            let who = if longer.is_gt() { "ours" } else { "theirs" };
            Verdict::Different(format!("only {who}: {} {}", stage(more.0), kind(more.1)))
        }
    }
}

/// The stages of life by name, all methods as one.
fn stage(name: &str) -> &str {
    match name {
        "define" | "link" | "members" | "init" | "main" | "new" | "output" | "crash" | "hang" | "timeout"
        | "driver" => name,
        _ => "call",
    }
}

/// How far a class file came: the first stage that failed, or none.
pub fn reached(outcome: &str) -> String {
    let all = stages(outcome);
    let failed = all.iter().find(|(_, result)| result.starts_with('!'));
    match failed {
        Some((name @ ("define" | "link" | "init"), result)) => {
            format!("{name} {}", class(result).trim_start_matches('!'))
        }
        _ => "accepted".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        assert_eq!(compare("define=ok\tinit=ok", "define=ok\tinit=ok"), Verdict::Same);
        assert_eq!(compare("define=!E:1", "define=!E:2"), Verdict::OtherMessage);
        assert_eq!(compare("define=ok\tlink=ok", "define=ok\ttimeout"), Verdict::TimedOut);
        assert_eq!(compare("define=ok\ttimeout", "define=ok"), Verdict::TimedOut);
        assert!(matches!(compare("define=ok\tlink=ok", "define=!E:1"), Verdict::Different(_)));
        assert!(matches!(compare("crash=signal 11", "define=ok"), Verdict::Different(_)));
        let exhausted =
            compare("m=!java.lang.StackOverflowError\tn=1", "m=!java.lang.StackOverflowError\tn=2");
        assert_eq!(exhausted, Verdict::Exhausted);
    }

    #[test]
    fn stages_reached() {
        assert_eq!(reached("define=ok\tlink=!java.lang.VerifyError:12"), "link java.lang.VerifyError");
        assert_eq!(reached("define=ok\tm=!java.lang.Error"), "accepted");
    }
}
