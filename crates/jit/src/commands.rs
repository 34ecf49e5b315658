//! `-XX:CompileCommand` and `-XX:CompileOnly`: what the compilers do with certain methods.
//!
//! A command is `word,pattern` or `word,pattern,value`, the older form `option,pattern,word` or
//! `option,pattern,type,word,value`. A pattern is `package.Class::method`, `package/Class.method` or
//! `package/Class,method`; `*` at either end of a class or method name stands for anything, and a descriptor after the
//! method name restricts further. As in HotSpot each command that is understood is repeated on standard output, unless
//! `quiet` came before; of several that match a method the last one counts.

use caturra_kernel::runtime::flags::{Flag, FlagValue};
use caturra_kernel::runtime::options::Options;
use caturra_kernel::{MethodRef, Vm};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::fmt;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Bool,
    Intx,
    Uintx,
    Ccstr,
    Ccstrlist,
    Double,
}

const KINDS: [(&str, Kind); 6] = [
    ("intx", Kind::Intx),
    ("uintx", Kind::Uintx),
    ("bool", Kind::Bool),
    ("ccstr", Kind::Ccstr),
    ("ccstrlist", Kind::Ccstrlist),
    ("double", Kind::Double),
];

impl Kind {
    fn name(self) -> &'static str {
        KINDS.iter().find(|(_, k)| *k == self).map_or("", |(name, _)| name)
    }
}

macro_rules! words {
    ($($word:ident $name:literal $kind:ident)*) => {
        /// The commands of HotSpot 17. Those that no function of [`Commands`] asks for concern its own compilers and have
        /// no effect.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        enum Word { $($word),* }
        const WORDS: &[(Word, &str, Kind)] = &[$((Word::$word, $name, Kind::$kind)),*];
    };
}

words! {
    Log "log" Bool
    Print "print" Bool
    Inline "inline" Bool
    DontInline "dontinline" Bool
    Blackhole "blackhole" Bool
    CompileOnly "compileonly" Bool
    Exclude "exclude" Bool
    Break "break" Bool
    BreakAtExecute "BreakAtExecute" Bool
    BreakAtCompile "BreakAtCompile" Bool
    PrintAssembly "PrintAssembly" Bool
    PrintInlining "PrintInlining" Bool
    PrintIntrinsics "PrintIntrinsics" Bool
    PrintNMethods "PrintNMethods" Bool
    PrintOptoAssembly "PrintOptoAssembly" Bool
    PrintDebugInfo "PrintDebugInfo" Bool
    PrintRelocations "PrintRelocations" Bool
    PrintDependencies "PrintDependencies" Bool
    BackgroundCompilation "BackgroundCompilation" Bool
    RepeatCompilation "RepeatCompilation" Intx
    ReplayInline "ReplayInline" Bool
    DumpReplay "DumpReplay" Bool
    DumpInline "DumpInline" Bool
    CompileThresholdScaling "CompileThresholdScaling" Double
    ControlIntrinsic "ControlIntrinsic" Ccstrlist
    DisableIntrinsic "DisableIntrinsic" Ccstrlist
    NoRtmLockEliding "NoRTMLockEliding" Bool
    UseRtmLockEliding "UseRTMLockEliding" Bool
    BlockLayoutByFrequency "BlockLayoutByFrequency" Bool
    TraceOptoPipelining "TraceOptoPipelining" Bool
    TraceOptoOutput "TraceOptoOutput" Bool
    TraceSpilling "TraceSpilling" Bool
    PrintIdeal "PrintIdeal" Bool
    IgvPrintLevel "IGVPrintLevel" Intx
    Vectorize "Vectorize" Bool
    VectorizeDebug "VectorizeDebug" Uintx
    CloneMapDebug "CloneMapDebug" Bool
    IncrementalInlineForceCleanup "IncrementalInlineForceCleanup" Bool
    MaxNodeLimit "MaxNodeLimit" Intx
}

fn word_named(text: &str) -> Option<(Word, &'static str, Kind)> {
    WORDS.iter().copied().find(|(_, name, _)| name.eq_ignore_ascii_case(text))
}

/// A name with or without `*` before and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    text: String,
    open_start: bool,
    open_end: bool,
}

impl Name {
    fn parse(text: &str) -> Result<Name, String> {
        if text == "*" {
            return Ok(Name::any());
        }
        let (text, open_start) = text.strip_prefix('*').map_or((text, false), |rest| (rest, true));
        let (text, open_end) = text.strip_suffix('*').map_or((text, false), |rest| (rest, true));
        if text.is_empty() {
            return Err("** Not a valid pattern".into());
        }
        if text.contains('*') {
            return Err(" Embedded * not allowed".into());
        }
        Ok(Name { text: text.into(), open_start, open_end })
    }

    fn any() -> Name {
        Name { text: String::new(), open_start: true, open_end: false }
    }

    fn matches(&self, name: &str) -> bool {
        match (self.open_start, self.open_end) {
            (true, true) => name.contains(&self.text),
            (true, false) => name.ends_with(&self.text),
            (false, true) => name.starts_with(&self.text),
            (false, false) => name == self.text,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = |on| if on { "*" } else { "" };
        write!(f, "{}{}{}", star(self.open_start), self.text, star(self.open_end))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    /// In internal form, `/` between packages.
    class: Name,
    method: Name,
    /// Empty: any.
    descriptor: String,
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}{}", self.class, self.method, self.descriptor)
    }
}

impl Pattern {
    /// The pattern at the start of a command's rest, and what follows it with spaces for all separators.
    fn parse(text: &str) -> Result<(Pattern, String), String> {
        let text = Pattern::with_spaces(text)?;
        let rest = text.trim_start();
        if rest.is_empty() {
            return Err("Method pattern missing from command".into());
        }
        let parts = rest.split_once(' ').map(|(class, rest)| (class, rest.trim_start()));
        let Some((class, rest)) = parts.filter(|(_, rest)| !rest.is_empty() && !rest.starts_with('(')) else {
            return Err("Could not parse method pattern".into());
        };
        let (method, rest) = rest.split_at(rest.find([' ', '(']).unwrap_or(rest.len()));
        if class.contains(['<', '>']) {
            return Err("Chars '<' and '>' not allowed in class name".into());
        }
        if method.contains(['<', '>']) && !matches!(method, "<init>" | "<clinit>") {
            return Err("Chars '<' and '>' only allowed in <init> and <clinit>".into());
        }
        let (class, method) = (Name::parse(class)?, Name::parse(method)?);
        let rest = rest.trim_start();
        let (descriptor, rest) = match rest.starts_with('(') {
            true => rest.split_at(rest.find(' ').unwrap_or(rest.len())),
            false => ("", rest),
        };
        if descriptor.contains('*') {
            return Err(" Wildcard * not allowed in signature".into());
        }
        Ok((Pattern { class, method, descriptor: descriptor.into() }, rest.trim_start().into()))
    }

    /// Replaces what separates class, method and value by spaces; checks that only one style of names is used.
    fn with_spaces(text: &str) -> Result<String, String> {
        let names = text.split('(').next().unwrap_or(text);
        let colons = text.contains("::");
        if colons {
            if text.matches("::").count() > 1 {
                return Err("Method pattern only allows one '::' allowed".into());
            }
            if names.contains('/') {
                return Err("Method pattern uses '/' together with '::'".into());
            }
        } else if let Some((_, after)) = names.split(',').next().unwrap_or(names).split_once('.') {
            if after.contains('/') {
                return Err("Method pattern uses mixed '/' and '.' package separators".into());
            }
            if after.contains('.') {
                return Err("Method pattern uses multiple '.' in pattern".into());
            }
        }
        let replaced = text.chars().map(|c| match c {
            '.' if colons => '/',
            ':' if colons => ' ',
            '.' | ',' | '\t' => ' ',
            other => other,
        });
        Ok(replaced.collect())
    }

    fn matches(&self, method: MethodRef) -> bool {
        self.class.matches(&method.holder.name.to_str())
            && self.method.matches(&method.name.to_str())
            && (self.descriptor.is_empty() || self.descriptor == *method.signature.symbol.to_str())
    }
}

#[derive(Debug)]
struct Row {
    word: Word,
    pattern: Pattern,
    /// Of a command of type `bool`; others have no effect and are kept for the listing only.
    on: bool,
}

/// All commands of a VM.
#[derive(Debug, Default)]
pub struct Commands {
    rows: Vec<Row>,
    has_compile_only: bool,
    quiet: bool,
    may_blackhole: bool,
    /// Methods that cannot be black holes and have been reported.
    warned: Mutex<HashSet<u64>>,
}

const TIP: &str = "
Usage: '-XX:CompileCommand=<option>,<method pattern>' - to set boolean option to true
Usage: '-XX:CompileCommand=<option>,<method pattern>,<value>'
Use:   '-XX:CompileCommand=help' for more information and to list all option.
";

const HELP: &str = "
Each CompileCommand tells the compilers something about the methods that match a pattern:
  -XX:CompileCommand=<option>,<method pattern>[,<value>]
A value may be left out where the type is bool: then it is true. 'quiet' silences the list of commands.

Method patterns are
  package/Class.method, package.Class::method
with an optional descriptor after the method, and an optional * at either end of both names.
";

impl Commands {
    /// Parses all commands; one that cannot be understood is reported and left out, as in HotSpot.
    pub fn parse(options: &Options) -> Commands {
        let unlocked = Flag::find("UnlockExperimentalVMOptions")
            .is_some_and(|f| f.value(options) == FlagValue::Bool(true));
        let mut commands = Commands { may_blackhole: unlocked, ..Commands::default() };
        for text in &options.jit.commands {
            if let Err(error) = commands.add(text, options) {
                println!("CompileCommand: An error occurred during parsing\nError: {error}\nLine: '{text}'");
                println!("{TIP}");
            }
        }
        for text in &options.jit.compile_only {
            match compile_only(text) {
                Ok(pattern) => commands.register(Word::CompileOnly, pattern, true, "true", options),
                Err(error) => println!("CompileOnly: {error}: '{text}'"),
            }
        }
        commands
    }

    fn add(&mut self, text: &str, options: &Options) -> Result<(), String> {
        let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let rest = rest.strip_prefix(',').unwrap_or(rest);
        match name.to_ascii_lowercase().as_str() {
            "" if text.is_empty() => return Ok(()),
            "quiet" => self.quiet = true,
            "help" => {
                println!("{HELP}\nOptions and their types:");
                for (_, name, kind) in WORDS {
                    println!("    {name} ({})", kind.name());
                }
            }
            "option" => {
                let (pattern, rest) = Pattern::parse(rest)?;
                let mut words = rest.split(' ').filter(|w| !w.is_empty());
                while let Some(first) = words.next() {
                    let given = KINDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(first));
                    let name = match given {
                        Some((kind, _)) => words.next().ok_or_else(|| {
                            format!("Option name for type '{kind}' should be alphanumeric ")
                        })?,
                        None => first,
                    };
                    let (word, name, kind) =
                        word_named(name).ok_or_else(|| format!("Unrecognized option '{name}'"))?;
                    match given {
                        Some((given, _)) if *given != kind.name() => {
                            return Err(format!(
                                "Option '{name}' with type '{}' doesn't match supplied type '{given}'",
                                kind.name()
                            ));
                        }
                        None if kind != Kind::Bool => {
                            return Err(format!("  Missing type '{}' before option '{name}'", kind.name()));
                        }
                        None => self.register(word, pattern.clone(), true, "true", options),
                        Some(_) => {
                            let (on, value) = parse_value(kind, name, &mut words)?;
                            self.register(word, pattern.clone(), on, &value, options);
                        }
                    }
                }
            }
            _ => {
                let (word, name, kind) =
                    word_named(name).ok_or_else(|| format!("Unrecognized option '{name}'"))?;
                let (pattern, rest) = Pattern::parse(rest)?;
                if rest.is_empty() && kind != Kind::Bool {
                    return Err(format!("  Option '{name}' is not followed by a value"));
                }
                let (on, value) = parse_value(kind, name, &mut rest.split(' ').filter(|w| !w.is_empty()))?;
                self.register(word, pattern, on, &value, options);
            }
        }
        Ok(())
    }

    fn register(&mut self, word: Word, pattern: Pattern, on: bool, value: &str, options: &Options) {
        if word == Word::Blackhole && !self.may_blackhole {
            options.warning(
                "Blackhole compile option is experimental and must be enabled via -XX:+UnlockExperimentalVMOptions",
            );
            return;
        }
        if !self.quiet {
            let row = WORDS.iter().find(|(w, _, _)| *w == word);
            let (name, kind) = row.map_or(("", Kind::Bool), |(_, name, kind)| (name, *kind));
            let shown = match kind {
                Kind::Ccstr | Kind::Ccstrlist => format!("const char* {name} = '{value}'"),
                kind => format!("{} {name} = {value}", kind.name()),
            };
            println!("CompileCommand: {name} {pattern} {shown}");
        }
        self.has_compile_only |= word == Word::CompileOnly;
        self.rows.push(Row { word, pattern, on });
    }

    fn any(&self, word: Word, method: MethodRef) -> bool {
        let last = self.rows.iter().rev().find(|r| r.word == word && r.pattern.matches(method));
        last.is_some_and(|r| r.on)
    }

    pub fn may_compile(&self, method: MethodRef) -> bool {
        if self.rows.is_empty() {
            return true;
        }
        !self.any(Word::Exclude, method) && (!self.has_compile_only || self.any(Word::CompileOnly, method))
    }

    /// Whether the method may become part of others: what is excluded is excluded there, too, and a black hole, which
    /// takes its arguments and does nothing, remains a call.
    pub fn may_inline(&self, vm: &Vm, method: MethodRef) -> bool {
        self.rows.is_empty()
            || !self.any(Word::Exclude, method)
                && !self.any(Word::DontInline, method)
                && !self.is_blackhole(vm, method)
    }

    pub fn prints(&self, method: MethodRef) -> bool {
        self.any(Word::Print, method)
    }

    /// Whether the method is a black hole; one that is meant to be and cannot is reported once.
    pub fn is_blackhole(&self, vm: &Vm, method: MethodRef) -> bool {
        if self.rows.is_empty() || !self.any(Word::Blackhole, method) {
            return false;
        }
        // A `return` alone.
        const RETURN: u8 = 0xb1;
        let problem = if !method.signature.symbol.bytes().ends_with(b")V") {
            "methods with void type"
        } else if method.bytecode != [RETURN] {
            "empty methods"
        } else if !method.is_static() {
            "static methods"
        } else {
            return true;
        };
        if self.warned.lock().insert(method.as_raw()) {
            let (class, name) = (method.holder.external_name(), method.name);
            let descriptor = method.signature.symbol;
            let message =
                format!("Blackhole compile option only works for {problem}: {class}.{name}{descriptor}");
            vm.options.warning(&message);
        }
        false
    }
}

/// The value of a command: whether it switches on, and how it is shown.
fn parse_value<'a>(
    kind: Kind,
    name: &str,
    words: &mut impl Iterator<Item = &'a str>,
) -> Result<(bool, String), String> {
    let unreadable = || format!("Value cannot be read for option '{name}' of type '{}'", kind.name());
    let Some(first) = words.next() else {
        return if kind == Kind::Bool { Ok((true, "true".into())) } else { Err(unreadable()) };
    };
    let shown = match kind {
        Kind::Bool => {
            let on = first.to_ascii_lowercase().parse::<bool>().map_err(|_| unreadable())?;
            return Ok((on, on.to_string()));
        }
        Kind::Intx => first.parse::<i64>().map_err(|_| unreadable())?.to_string(),
        Kind::Uintx => first.parse::<u64>().map_err(|_| unreadable())?.to_string(),
        Kind::Double => {
            // The point has become a separator of class and method, or of packages.
            let parts = first.split_once('/').or_else(|| words.next().map(|fraction| (first, fraction)));
            let (whole, fraction) = parts.ok_or_else(unreadable)?;
            format!("{:.6}", format!("{whole}.{fraction}").parse::<f64>().map_err(|_| unreadable())?)
        }
        Kind::Ccstr => first.into(),
        Kind::Ccstrlist => {
            let mut all = first.to_string();
            for more in words {
                all.push(' ');
                all.push_str(more);
            }
            all
        }
    };
    Ok((false, shown))
}

/// A pattern of `-XX:CompileOnly`, where class or method may be left out: `Class`, `.method`, `Class.method`.
fn compile_only(text: &str) -> Result<Pattern, String> {
    let (class, method) = match text.split_once("::") {
        Some((class, method)) => (class.replace('.', "/"), method),
        None => match text.split_once('.') {
            Some((class, method)) => (class.to_string(), method),
            None => (text.to_string(), ""),
        },
    };
    let part = |text: &str| if text.is_empty() { Ok(Name::any()) } else { Name::parse(text) };
    Ok(Pattern { class: part(&class)?, method: part(method)?, descriptor: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(lines: &[&str]) -> Commands {
        let mut options = Options::default();
        options.jit.commands = lines.iter().map(|l| l.to_string()).collect();
        Commands::parse(&options)
    }

    #[test]
    fn patterns_are_parsed_in_all_forms() {
        for text in ["java.lang.String::hashCode", "java/lang/String.hashCode", "java/lang/String,hashCode"] {
            let (p, rest) = Pattern::parse(text).unwrap();
            assert_eq!((p.to_string().as_str(), rest.as_str()), ("java/lang/String.hashCode", ""), "{text}");
        }
        let (any, rest) = Pattern::parse("*::foo*(I)V,true").unwrap();
        assert!(any.class.matches("whatever") && any.method.matches("foobar") && !any.method.matches("bar"));
        assert_eq!((any.to_string().as_str(), rest.as_str()), ("*.foo*(I)V", "true"));
        for wrong in ["", "String", "a.b.c", "a/b::c", "a*b::c", "**::c", "A::<x>", "A::b(*)V"] {
            assert!(Pattern::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn commands_are_told_apart() {
        let c = parsed(&[
            "exclude,A::b",
            "compileonly C.d",
            "Print,*::e,false",
            "option,F::g,inline",
            "option,F::g,intx,RepeatCompilation,3",
            "CompileThresholdScaling,F::g,0.5",
        ]);
        let words: Vec<_> = c.rows.iter().map(|r| (r.word, r.on)).collect();
        assert_eq!(
            words,
            [
                (Word::Exclude, true),
                (Word::CompileOnly, true),
                (Word::Print, false),
                (Word::Inline, true),
                (Word::RepeatCompilation, false),
                (Word::CompileThresholdScaling, false),
            ]
        );
        assert!(c.has_compile_only);
    }

    #[test]
    fn what_is_not_understood_is_left_out() {
        let c = parsed(&[
            "nonsense,A::b",
            "exclude",
            "RepeatCompilation,A::b",
            "exclude,A::b,maybe",
            "option,A::b,intx,inline,3",
            "blackhole,A::b",
        ]);
        assert!(c.rows.is_empty(), "{:?}", c.rows);
    }

    #[test]
    fn compile_only_takes_parts() {
        let shown = |text| compile_only(text).unwrap().to_string();
        assert_eq!(shown("a/B"), "a/B.*");
        assert_eq!(shown(".m"), "*.m");
        assert_eq!(shown("a.B::m"), "a/B.m");
    }
}
