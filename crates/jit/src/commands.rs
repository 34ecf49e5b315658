//! `-XX:CompileCommand`: `exclude`, `compileonly`, `dontinline`, `print`, each with a method pattern.
//!
//! A pattern is `Class::method`, `Class.method` or `Class,method`; class names may have `/` for `.`; `*` at either end of
//! a part matches anything. A descriptor after the method name restricts further.

use caturra_kernel::MethodRef;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Action {
    Exclude,
    CompileOnly,
    Print,
    DontInline,
    Quiet,
}

#[derive(Debug, PartialEq, Eq)]
struct Pattern {
    class: String,
    method: String,
    descriptor: String,
}

/// All commands of a VM.
#[derive(Debug, Default)]
pub struct Commands {
    rows: Vec<(Action, Pattern)>,
    has_compile_only: bool,
}

fn matches(pattern: &str, text: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        _ if pattern == "*" => true,
        (Some(_), Some(_)) => text.contains(pattern.trim_matches('*')),
        (Some(end), None) => text.ends_with(end),
        (None, Some(start)) => text.starts_with(start),
        (None, None) => pattern == text,
    }
}

fn parse_pattern(text: &str) -> Option<Pattern> {
    let (name, descriptor) = match text.find('(') {
        Some(i) => (&text[..i], &text[i..]),
        None => (text, ""),
    };
    let (class, method) = match name.split_once("::") {
        Some(parts) => parts,
        None => name.rsplit_once([',', '.', ' ']).unwrap_or(("*", name)),
    };
    if class.is_empty() || method.is_empty() {
        return None;
    }
    Some(Pattern {
        class: class.replace('.', "/"),
        method: method.trim().into(),
        descriptor: descriptor.trim().into(),
    })
}

impl Commands {
    /// Parses all commands; one that cannot be understood is reported and left out, as in HotSpot.
    pub fn parse(texts: &[String]) -> Commands {
        let mut commands = Commands::default();
        for text in texts {
            let (word, rest) = text.split_once([',', ' ']).unwrap_or((text, ""));
            let action = match word.to_ascii_lowercase().as_str() {
                "exclude" => Action::Exclude,
                "compileonly" => Action::CompileOnly,
                "print" => Action::Print,
                "dontinline" => Action::DontInline,
                "quiet" => Action::Quiet,
                _ => {
                    println!(
                        "CompileCommand: An error occurred during parsing\nError: Unrecognized option '{word}'"
                    );
                    continue;
                }
            };
            if action == Action::Quiet {
                continue;
            }
            match parse_pattern(rest.trim()) {
                Some(pattern) => {
                    commands.has_compile_only |= action == Action::CompileOnly;
                    commands.rows.push((action, pattern));
                }
                None => println!(
                    "CompileCommand: An error occurred during parsing\nError: Method pattern missing: '{text}'"
                ),
            }
        }
        commands
    }

    fn any(&self, action: Action, method: MethodRef) -> bool {
        if self.rows.is_empty() {
            return false;
        }
        let (class, name) = (method.holder.name.to_str(), method.name.to_str());
        let descriptor = method.signature.symbol.to_str();
        self.rows.iter().any(|(a, p)| {
            *a == action
                && matches(&p.class, &class)
                && matches(&p.method, &name)
                && (p.descriptor.is_empty() || p.descriptor == *descriptor)
        })
    }

    pub fn may_compile(&self, method: MethodRef) -> bool {
        !self.any(Action::Exclude, method)
            && (!self.has_compile_only || self.any(Action::CompileOnly, method))
    }

    /// Whether the method may become part of others: what is excluded is excluded there, too.
    pub fn may_inline(&self, method: MethodRef) -> bool {
        !self.any(Action::Exclude, method) && !self.any(Action::DontInline, method)
    }

    pub fn prints(&self, method: MethodRef) -> bool {
        self.any(Action::Print, method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_parsed_in_all_forms() {
        let wanted = Pattern {
            class: "java/lang/String".into(),
            method: "hashCode".into(),
            descriptor: String::new(),
        };
        for text in ["java.lang.String::hashCode", "java/lang/String.hashCode", "java/lang/String,hashCode"] {
            assert_eq!(parse_pattern(text).as_ref(), Some(&wanted), "{text}");
        }
        let any = parse_pattern("*::foo*(I)V").unwrap();
        assert!(
            matches(&any.class, "whatever") && matches(&any.method, "foobar") && !matches(&any.method, "bar")
        );
        assert_eq!(any.descriptor, "(I)V");
    }

    #[test]
    fn commands_are_told_apart() {
        let c = Commands::parse(&["exclude,A::b".into(), "compileonly C.d".into(), "print,*::e".into()]);
        assert_eq!(
            c.rows.iter().map(|r| r.0).collect::<Vec<_>>(),
            [Action::Exclude, Action::CompileOnly, Action::Print]
        );
        assert!(c.has_compile_only);
    }
}
