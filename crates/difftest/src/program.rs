//! Test programs: where they lie, what their headers ask for.
//!
//! A program is either one file `tests/java/<area>/Name.java` or a directory `tests/java/<area>/name/`
//! holding a `Main.java` and whatever else belongs to it. The comment block at the top of the main file may
//! hold directives, `//@ key: value` (docs in `tests/README.md`).

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use regex::Regex;

/// Access to the copy of ASM inside `java.base`, for tests that assemble class files.
const ASM_EXPORTS: [&str; 2] = ["--add-exports", "java.base/jdk.internal.org.objectweb.asm=ALL-UNNAMED"];

/// What a test wants done with one output stream before it is compared.
#[derive(Default)]
pub enum Compare {
    #[default]
    Exact,
    Ignore,
    /// Lines that match one of these are left out on both sides.
    Without(Vec<Regex>),
    /// Only lines that match this count.
    Only(Regex),
}

impl Compare {
    fn parse(&mut self, value: &str) -> Result<()> {
        match value.split_once(' ') {
            None if value == "ignore" => *self = Compare::Ignore,
            Some(("filter", regex)) => {
                let regex = Regex::new(regex.trim())?;
                match self {
                    Compare::Without(list) => list.push(regex),
                    _ => *self = Compare::Without(vec![regex]),
                }
            }
            Some(("only", regex)) => *self = Compare::Only(Regex::new(regex.trim())?),
            _ => bail!("expected `ignore`, `filter REGEX` or `only REGEX`, found `{value}`"),
        }
        Ok(())
    }

    /// The text that counts.
    pub fn apply(&self, text: &str) -> String {
        match self {
            Compare::Exact => text.to_owned(),
            Compare::Ignore => String::new(),
            Compare::Only(regex) => {
                text.split_inclusive('\n').filter(|line| regex.is_match(line.trim_end())).collect()
            }
            Compare::Without(list) => text
                .split_inclusive('\n')
                .filter(|line| !list.iter().any(|r| r.is_match(line.trim_end())))
                .collect(),
        }
    }
}

/// A signal that the runner sends once a line appears on standard output.
pub struct Signal {
    pub number: i32,
    pub after_line: String,
}

/// One step of compilation: sources that are given to `javac` together.
pub struct Stage {
    pub sources: Vec<PathBuf>,
}

#[derive(Default)]
pub struct Directives {
    pub args: Vec<String>,
    pub vm: Vec<String>,
    pub javac: Vec<String>,
    pub stdin: String,
    pub main: Option<String>,
    pub timeout: Option<u64>,
    pub slow: bool,
    pub stdout_compare: Compare,
    pub stderr_compare: Compare,
    pub known_failure: Option<String>,
    /// `java:` or `tool:`: the JDK command and its whole argument list in place of the usual one.
    pub command: Option<(String, Vec<String>)>,
    pub env: Vec<(String, String)>,
    pub signal: Option<Signal>,
    /// Where standard output goes instead of being kept.
    pub output: Option<PathBuf>,
    /// What to do to the class directory after compiling, in order (see `java/CompileDriver.java`).
    pub actions: Vec<String>,
}

pub struct Program {
    /// `area/Name`.
    pub name: String,
    pub main_class: String,
    pub source_dir: PathBuf,
    pub stages: Vec<Stage>,
    pub directives: Directives,
    /// Covers every source file and therefore every directive.
    pub hash: u64,
}

/// Finds all programs below `root` (`tests/java`), sorted by name.
pub fn discover(root: &Path) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for area in sorted_entries(root)? {
        if !area.is_dir() {
            continue;
        }
        for entry in sorted_entries(&area)? {
            let main_file = if entry.is_dir() { entry.join("Main.java") } else { entry.clone() };
            if main_file.extension().is_some_and(|e| e == "java") && main_file.is_file() {
                let program =
                    load(root, &entry, &main_file).with_context(|| format!("in {}", main_file.display()))?;
                programs.push(program);
            }
        }
    }
    ensure!(!programs.is_empty(), "no test programs under {}", root.display());
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(programs)
}

fn load(root: &Path, entry: &Path, main_file: &Path) -> Result<Program> {
    let text = fs::read_to_string(main_file)?;
    let directives = parse_directives(&text)?;
    let mut by_stage: BTreeMap<u32, Vec<PathBuf>> = BTreeMap::new();
    if entry.is_dir() {
        collect_sources(entry, 0, &mut by_stage)?;
    } else {
        by_stage.insert(0, vec![entry.to_owned()]);
    }
    let mut hasher = DefaultHasher::new();
    for source in by_stage.values().flatten() {
        source.strip_prefix(root)?.hash(&mut hasher);
        fs::read(source)?.hash(&mut hasher);
    }
    let stem = main_file.file_stem().and_then(|s| s.to_str()).context("file name is not UTF-8")?;
    let package = text.lines().find_map(|l| l.strip_prefix("package ")?.strip_suffix(';'));
    let main_class = match (&directives.main, package) {
        (Some(main), _) => main.clone(),
        (None, Some(package)) => format!("{}.{stem}", package.trim()),
        (None, None) => stem.to_owned(),
    };
    let name = entry.strip_prefix(root)?.with_extension("");
    Ok(Program {
        name: name.to_str().context("path is not UTF-8")?.to_owned(),
        main_class,
        source_dir: main_file.parent().context("main file without a directory")?.to_owned(),
        stages: by_stage.into_values().map(|sources| Stage { sources }).collect(),
        directives,
        hash: hasher.finish(),
    })
}

/// Sources of a multi-file program. What lies under a directory named `after` is compiled in a later stage,
/// against and over the classes of the stages before: separate compilation, as incompatible changes need it.
fn collect_sources(dir: &Path, stage: u32, into: &mut BTreeMap<u32, Vec<PathBuf>>) -> Result<()> {
    for entry in sorted_entries(dir)? {
        if entry.is_dir() {
            let deeper = u32::from(entry.file_name().is_some_and(|n| n == "after"));
            collect_sources(&entry, stage + deeper, into)?;
        } else if entry.extension().is_some_and(|e| e == "java") {
            into.entry(stage).or_default().push(entry);
        }
    }
    Ok(())
}

fn sorted_entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)
        .with_context(|| format!("cannot list {}", dir.display()))?
        .map(|e| e.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    Ok(entries)
}

fn parse_directives(text: &str) -> Result<Directives> {
    let mut d = Directives::default();
    for line in text.lines() {
        let line = line.trim();
        if let Some(directive) = line.strip_prefix("//@") {
            let (key, value) = directive.split_once(':').unwrap_or((directive, ""));
            apply(&mut d, key.trim(), value.trim()).with_context(|| format!("directive `{line}`"))?;
        } else if !line.is_empty() && !line.starts_with("//") {
            break;
        }
    }
    Ok(d)
}

fn apply(d: &mut Directives, key: &str, value: &str) -> Result<()> {
    match key {
        "args" => d.args.extend(split_words(value)?),
        "vm" => d.vm.extend(split_words(value)?),
        "javac" => d.javac.extend(split_words(value)?),
        "asm" => {
            d.vm.extend(ASM_EXPORTS.map(String::from));
            d.javac.extend(ASM_EXPORTS.map(String::from));
        }
        "stdin" => d.stdin.push_str(&unescape(value)),
        "main" => d.main = Some(value.to_owned()),
        "timeout" => d.timeout = Some(value.parse()?),
        "slow" => d.slow = true,
        "stdout" => d.stdout_compare.parse(value)?,
        "stderr" => d.stderr_compare.parse(value)?,
        "known-failure" => {
            ensure!(!value.is_empty(), "a known failure needs its reason");
            d.known_failure = Some(value.to_owned());
        }
        "java" => d.command = Some(("java".to_owned(), split_words(value)?)),
        "tool" => {
            let mut words = split_words(value)?;
            ensure!(!words.is_empty(), "which tool?");
            let tool = words.remove(0);
            d.command = Some((tool, words));
        }
        "env" => {
            let (name, value) = value.split_once('=').context("expected NAME=VALUE")?;
            d.env.push((name.to_owned(), value.to_owned()));
        }
        "output" => d.output = Some(PathBuf::from(value)),
        "signal" => {
            let (signal, after_line) = value.split_once(" after ").context("expected `TERM after LINE`")?;
            let number = match signal {
                "TERM" => libc::SIGTERM,
                "INT" => libc::SIGINT,
                "HUP" => libc::SIGHUP,
                "QUIT" => libc::SIGQUIT,
                _ => bail!("unknown signal {signal}"),
            };
            d.signal = Some(Signal { number, after_line: after_line.to_owned() });
        }
        "remove" | "truncate" | "poke" | "substitute" | "append" | "write" | "copy" | "jar" => {
            d.actions.push(format!("{key} {value}"));
        }
        _ => bail!("unknown directive `{key}`"),
    }
    Ok(())
}

/// Splits at white space; single or double quotes keep it.
pub fn split_words(text: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    ensure!(quote.is_none(), "unclosed quote in `{text}`");
    words.extend(word);
    Ok(words)
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some(other)) => out.push(other),
            (c, _) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_quoted_spaces() {
        assert_eq!(split_words(r#"a "b c" '' d'e f'"#).unwrap(), ["a", "b c", "", "de f"]);
        assert!(split_words("\"a").is_err());
    }

    #[test]
    fn directives_stop_at_the_first_code_line() {
        let d = parse_directives("//@ vm: -Xmx64m -Dx=1\n// text\n//@ slow\n\nclass A {}\n//@ args: no\n")
            .unwrap();
        assert_eq!(d.vm, ["-Xmx64m", "-Dx=1"]);
        assert!(d.slow && d.args.is_empty());
        assert!(parse_directives("//@ nonsense: 1").is_err());
    }

    #[test]
    fn filters_drop_whole_lines() {
        let mut compare = Compare::Exact;
        compare.parse("filter ^WARNING").unwrap();
        assert_eq!(compare.apply("a\nWARNING: x\nb"), "a\nb");
    }

    #[test]
    fn stdin_escapes() {
        assert_eq!(unescape(r"a\nb\\c\"), "a\nb\\c\\");
    }
}
