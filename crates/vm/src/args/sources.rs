//! Where options come from besides the caller: environment variables and files.

use super::{Argument, invalid};
use crate::CreateError;
use caturra_kernel::runtime::flags::FlagOrigin;

/// Options of one origin.
pub(super) struct Source {
    /// As messages name it.
    pub container: String,
    pub origin: FlagOrigin,
    pub arguments: Vec<Argument>,
}

/// Whether the process runs with another user's rights: its environment is not to be trusted then.
fn has_special_privileges() -> bool {
    // SAFETY: plain system calls.
    unsafe { libc::getuid() != libc::geteuid() || libc::getgid() != libc::getegid() }
}

impl Source {
    /// The options in an environment variable, announced on standard error.
    pub fn environment(name: &str) -> Result<Source, CreateError> {
        let mut arguments = Vec::new();
        if let Some(value) = std::env::var_os(name).filter(|_| !has_special_privileges()) {
            let text = value.to_string_lossy();
            eprintln!("Picked up {name}: {text}");
            arguments = words(&text, name)?;
        }
        Ok(Source { container: format!("env_var='{name}'"), origin: FlagOrigin::Environment, arguments })
    }

    /// Replaces `-XX:VMOptionsFile=` by the options in the file.
    pub fn include_options_file(&mut self) -> Result<(), CreateError> {
        const OPTION: &str = "-XX:VMOptionsFile=";
        let is_file = |a: &Argument| a.text.starts_with(OPTION);
        let Some(at) = self.arguments.iter().position(is_file) else { return Ok(()) };
        let option = self.arguments[at].text.clone();
        let path = &option[OPTION.len()..];
        let Ok(bytes) = std::fs::read(path) else {
            return invalid(format!("Could not open options file '{path}'"));
        };
        let included = words(&String::from_utf8_lossy(&bytes), path)?;
        if included.iter().any(is_file) {
            return invalid(format!(
                "A VM options file may not refer to a VM options file. Specification of \
                 '-XX:VMOptionsFile=<file-name>' in the options file '{option}' in options container '{}' is an error.",
                self.container
            ));
        }
        if let Some(second) = self.arguments[at + 1..].iter().find(|a| is_file(a)) {
            return invalid(format!(
                "The option '{option}' is already specified in the options container '{}' so the specification of \
                 '{}' in the same options container is an error.",
                self.container, second.text
            ));
        }
        self.arguments.splice(at..=at, included);
        Ok(())
    }
}

/// Splits at white space; quotes, single or double, keep it.
fn words(text: &str, name: &str) -> Result<Vec<Argument>, CreateError> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut inside) = (String::new(), None, false);
    for c in text.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                inside = true;
            }
            (None, c) if c.is_ascii_whitespace() => {
                if inside {
                    words.push(Argument::plain(std::mem::take(&mut word)));
                }
                inside = false;
            }
            (_, c) => {
                word.push(c);
                inside = true;
            }
        }
    }
    if quote.is_some() {
        return invalid(format!("Unmatched quote in {name}"));
    }
    if inside {
        words.push(Argument::plain(word));
    }
    Ok(words)
}

/// The flags in a settings file (`-XX:Flags=`): as behind `-XX:`, with comments from `#` to the end of the line.
pub(super) fn settings(text: &str) -> Vec<String> {
    let mut flags = Vec::new();
    for line in text.lines() {
        let (mut word, mut quote) = (String::new(), None);
        for c in line.chars() {
            match (quote, c) {
                (Some(q), c) if q == c => quote = None,
                (Some(_), c) => word.push(c),
                (None, '#') if word.is_empty() => break,
                (None, '"' | '\'') if !word.is_empty() => quote = Some(c),
                (None, c) if c.is_ascii_whitespace() => {
                    if !word.is_empty() {
                        flags.push(std::mem::take(&mut word));
                    }
                }
                (None, c) => word.push(c),
            }
        }
        if !word.is_empty() {
            flags.push(word);
        }
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_keep_white_space() {
        let texts = |s| words(s, "x").map(|w| w.into_iter().map(|a| a.text).collect::<Vec<_>>());
        assert_eq!(texts(" -Da='b c' \t\n-Xmx5m \"\" 'x'y").unwrap(), ["-Da=b c", "-Xmx5m", "", "xy"]);
        assert!(
            matches!(texts("-Da='b"), Err(CreateError::InvalidOptions(t)) if t == "Unmatched quote in x")
        );
        assert!(texts("").unwrap().is_empty());
    }

    #[test]
    fn settings_may_have_comments() {
        assert_eq!(settings("+A # c\n  B=1 \n#x\nC='d e' -F\n"), ["+A", "B=1", "C=d e", "-F"]);
    }
}
