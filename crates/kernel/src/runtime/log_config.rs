//! Where log lines go (JEP 158): outputs with selections of tags, levels and decorations, as `-Xlog` sets them.

use crate::runtime::similarity::most_similar;
use parking_lot::Mutex;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// How much a line matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warning,
    Error,
    /// In a selection: nothing.
    Off,
}

const LEVELS: &[(&str, Level)] = &[
    ("off", Level::Off),
    ("trace", Level::Trace),
    ("debug", Level::Debug),
    ("info", Level::Info),
    ("warning", Level::Warning),
    ("error", Level::Error),
];

impl Level {
    pub fn parse(name: &str) -> Option<Level> {
        LEVELS.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, l)| *l)
    }
    pub fn name(self) -> &'static str {
        LEVELS.iter().find(|(_, l)| *l == self).map_or("", |(n, _)| n)
    }
}

/// The tags that `-Xlog` accepts: HotSpot's, so that existing command lines are valid.
const TAGS: &[&str] = &[
    "add",
    "age",
    "alloc",
    "annotation",
    "arguments",
    "attach",
    "barrier",
    "biasedlocking",
    "blocks",
    "bot",
    "breakpoint",
    "bytecode",
    "cds",
    "census",
    "class",
    "classhisto",
    "cleanup",
    "codecache",
    "compaction",
    "compilation",
    "condy",
    "constantpool",
    "constraints",
    "container",
    "coops",
    "cpu",
    "cset",
    "data",
    "datacreation",
    "dcmd",
    "decoder",
    "defaultmethods",
    "director",
    "dump",
    "dynamic",
    "ergo",
    "event",
    "exceptions",
    "exit",
    "fingerprint",
    "free",
    "freelist",
    "gc",
    "handshake",
    "hashtables",
    "heap",
    "humongous",
    "ihop",
    "iklass",
    "indy",
    "init",
    "inlining",
    "install",
    "interpreter",
    "itables",
    "jfr",
    "jit",
    "jni",
    "jvmci",
    "jvmti",
    "lambda",
    "library",
    "liveness",
    "load",
    "loader",
    "logging",
    "malloc",
    "map",
    "mark",
    "marking",
    "membername",
    "memops",
    "metadata",
    "metaspace",
    "methodcomparator",
    "methodhandles",
    "mirror",
    "mmu",
    "module",
    "monitorinflation",
    "monitormismatch",
    "nestmates",
    "nmethod",
    "nmt",
    "normalize",
    "numa",
    "objecttagging",
    "obsolete",
    "oldobject",
    "oom",
    "oopmap",
    "oops",
    "oopstorage",
    "os",
    "owner",
    "pagesize",
    "parser",
    "patch",
    "path",
    "perf",
    "periodic",
    "phases",
    "plab",
    "placeholders",
    "preorder",
    "preview",
    "promotion",
    "protectiondomain",
    "ptrqueue",
    "purge",
    "record",
    "redefine",
    "ref",
    "refine",
    "region",
    "reloc",
    "remset",
    "resolve",
    "safepoint",
    "sampling",
    "scavenge",
    "sealed",
    "setting",
    "smr",
    "stackbarrier",
    "stackmap",
    "stacktrace",
    "stackwalk",
    "start",
    "startup",
    "startuptime",
    "state",
    "stats",
    "streaming",
    "stringdedup",
    "stringtable",
    "subclass",
    "survivor",
    "suspend",
    "sweep",
    "symboltable",
    "system",
    "table",
    "task",
    "thread",
    "throttle",
    "time",
    "timer",
    "tlab",
    "tracking",
    "trimnative",
    "unload",
    "unshareable",
    "update",
    "valuebasedclasses",
    "verification",
    "verify",
    "vmmutex",
    "vmoperation",
    "vmthread",
    "vtables",
    "vtablestubs",
    "workgang",
];

/// Tags in one selection at most.
const MAX_TAGS: usize = 5;

/// Tags with a level: `gc+heap*=debug`.
#[derive(Clone, Debug)]
struct Selection {
    tags: Vec<&'static str>,
    /// Lines with further tags too.
    wildcard: bool,
    level: Level,
}

impl Selection {
    fn parse(text: &str) -> Result<Selection, String> {
        let (tags, level) = match text.split_once('=') {
            Some((tags, level)) => {
                let parsed = Level::parse(level);
                (tags, parsed.ok_or_else(|| format!("Invalid level '{level}' in log selection."))?)
            }
            None => (text, Level::Info),
        };
        if tags.is_empty() || tags.eq_ignore_ascii_case("all") {
            return Ok(Selection { tags: Vec::new(), wildcard: true, level });
        }
        let (tags, wildcard) = match tags.strip_suffix('*') {
            Some(tags) => (tags, true),
            None => (tags, false),
        };
        let mut known = Vec::new();
        for tag in tags.split('+') {
            let Some(name) = TAGS.iter().find(|t| t.eq_ignore_ascii_case(tag)) else {
                let hint = most_similar(tag, TAGS.iter().copied(), 0.5);
                let hint = hint.map_or_else(String::new, |t| format!(" Did you mean '{t}'?"));
                return Err(format!("Invalid tag '{tag}' in log selection.{hint}"));
            };
            if known.contains(name) {
                return Err(format!("Log selection contains duplicates of tag {name}."));
            }
            if known.len() == MAX_TAGS {
                return Err(format!(
                    "Too many tags in log selection '{}' (can only have up to {MAX_TAGS} tags).",
                    known[0]
                ));
            }
            known.push(*name);
        }
        Ok(Selection { tags: known, wildcard, level })
    }

    /// Whether it speaks of lines with these tags, separated by commas.
    fn covers(&self, tags: &str) -> bool {
        self.tags.iter().all(|t| tags.split(',').any(|tag| tag == *t))
            && (self.wildcard || tags.split(',').count() == self.tags.len())
    }
}

/// What may stand before a line, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Decorator {
    Time,
    UtcTime,
    Uptime,
    TimeMillis,
    UptimeMillis,
    TimeNanos,
    UptimeNanos,
    HostName,
    Pid,
    Tid,
    Level,
    Tags,
}

/// Long and short names.
const DECORATORS: &[(&str, &str, Decorator)] = &[
    ("time", "t", Decorator::Time),
    ("utctime", "utc", Decorator::UtcTime),
    ("uptime", "u", Decorator::Uptime),
    ("timemillis", "tm", Decorator::TimeMillis),
    ("uptimemillis", "um", Decorator::UptimeMillis),
    ("timenanos", "tn", Decorator::TimeNanos),
    ("uptimenanos", "un", Decorator::UptimeNanos),
    ("hostname", "hn", Decorator::HostName),
    ("pid", "p", Decorator::Pid),
    ("tid", "ti", Decorator::Tid),
    ("level", "l", Decorator::Level),
    ("tags", "tg", Decorator::Tags),
];

const DEFAULT_DECORATORS: &[Decorator] = &[Decorator::Uptime, Decorator::Level, Decorator::Tags];

fn parse_decorators(text: &str) -> Result<Vec<Decorator>, String> {
    if text.is_empty() {
        return Ok(DEFAULT_DECORATORS.to_vec());
    }
    if text == "none" {
        return Ok(Vec::new());
    }
    let mut chosen = Vec::new();
    for name in text.split(',') {
        let found = DECORATORS.iter().find(|(long, short, _)| *long == name || *short == name);
        chosen.push(found.ok_or_else(|| format!("Invalid decorator '{name}'."))?.2);
    }
    let order = DECORATORS.iter().map(|(_, _, d)| *d);
    Ok(order.filter(|d| chosen.contains(d)).collect())
}

/// A log file that is replaced by a fresh one when it has grown large.
struct RotatingFile {
    path: PathBuf,
    file: File,
    size: u64,
    /// Old files to keep, 0 to let the file grow.
    count: u32,
    limit: u64,
    next: u32,
}

const DEFAULT_FILE_COUNT: u32 = 5;
const MAX_FILE_COUNT: u32 = 1000;
const DEFAULT_FILE_SIZE: u64 = 20 << 20;

impl RotatingFile {
    fn open(name: &str, options: &str) -> Result<RotatingFile, String> {
        let (mut count, mut limit) = (DEFAULT_FILE_COUNT, DEFAULT_FILE_SIZE);
        for option in options.split(',').filter(|o| !o.is_empty()) {
            let Some((key, value)) = option.split_once('=') else {
                return Err(format!("Invalid option '{option}' for log file output."));
            };
            match key {
                "filecount" => {
                    count =
                        value.parse().ok().filter(|c| *c <= MAX_FILE_COUNT).ok_or(format!(
                            "Invalid option: filecount must be in range [0, {MAX_FILE_COUNT}]"
                        ))?;
                }
                "filesize" => {
                    limit = parse_bytes(value).ok_or_else(|| {
                        format!("Invalid option: filesize must be in range [0, {}]", i64::MAX)
                    })?;
                }
                // Lines are written whole either way.
                "foldmultilines" if value == "true" || value == "false" => {}
                _ => return Err(format!("Invalid option '{option}' for log file output.")),
            }
        }
        let path = PathBuf::from(expand(name));
        let mut next = 0;
        if count > 0 && path.is_file() {
            // The file of an earlier process takes the place of the oldest one kept.
            let age = |i: &u32| fs::metadata(archive(&path, *i)).and_then(|m| m.modified()).ok();
            next = (0..count).min_by_key(age).unwrap_or(0);
            let _ = fs::rename(&path, archive(&path, next));
            next = (next + 1) % count;
        }
        let file = File::create(&path).map_err(|e| {
            let reason = e.raw_os_error().map_or_else(|| e.to_string(), os_error_text);
            format!("Error opening log file '{}': {reason}", path.display())
        })?;
        Ok(RotatingFile { path, file, size: 0, count, limit, next })
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        self.file.write_all(line.as_bytes())?;
        self.size += line.len() as u64;
        if self.count > 0 && self.limit > 0 && self.size >= self.limit {
            fs::rename(&self.path, archive(&self.path, self.next))?;
            self.next = (self.next + 1) % self.count;
            self.file = File::create(&self.path)?;
            self.size = 0;
        }
        Ok(())
    }
}

fn archive(path: &Path, index: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{index}"));
    PathBuf::from(name)
}

/// The C library's text without Rust's "(os error 2)".
fn os_error_text(code: i32) -> String {
    let text = io::Error::from_raw_os_error(code).to_string();
    text.split(" (os error").next().unwrap_or("").to_string()
}

/// "20m" in bytes.
fn parse_bytes(text: &str) -> Option<u64> {
    let (digits, shift) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 10),
        b'm' | b'M' => (&text[..text.len() - 1], 20),
        b'g' | b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    digits.parse::<u64>().ok()?.checked_mul(1 << shift).filter(|n| i64::try_from(*n).is_ok())
}

/// Replaces `%p` by the process id and `%t` by the time.
fn expand(name: &str) -> String {
    let now = local_time(SystemTime::now(), true).0;
    let stamp = format!(
        "{:04}-{:02}-{:02}_{:02}-{:02}-{:02}",
        now.tm_year + 1900,
        now.tm_mon + 1,
        now.tm_mday,
        now.tm_hour,
        now.tm_min,
        now.tm_sec
    );
    name.replace("%p", &std::process::id().to_string()).replace("%t", &stamp)
}

/// Calendar fields and milliseconds.
fn local_time(time: SystemTime, local: bool) -> (libc::tm, u32) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs() as libc::time_t;
    // SAFETY: fills a structure of plain numbers.
    let fields = unsafe {
        let mut fields: libc::tm = std::mem::zeroed();
        if local {
            libc::localtime_r(&raw const seconds, &raw mut fields);
        } else {
            libc::gmtime_r(&raw const seconds, &raw mut fields);
        }
        fields
    };
    (fields, since.subsec_millis())
}

/// ISO 8601 with milliseconds and offset: `2026-11-21T09:00:22.159+0100`.
fn iso_8601(local: bool) -> String {
    let (t, millis) = local_time(SystemTime::now(), local);
    let minutes = t.tm_gmtoff / 60;
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{millis:03}{}{:02}{:02}",
        t.tm_year + 1900,
        t.tm_mon + 1,
        t.tm_mday,
        t.tm_hour,
        t.tm_min,
        t.tm_sec,
        if minutes < 0 { '-' } else { '+' },
        minutes.abs() / 60,
        minutes.abs() % 60
    )
}

fn host_name() -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: a buffer of that length; the last byte stays zero.
    unsafe { libc::gethostname(buffer.as_mut_ptr().cast(), buffer.len() - 1) };
    let length = buffer.iter().position(|b| *b == 0).unwrap_or(0);
    String::from_utf8_lossy(&buffer[..length]).into_owned()
}

enum Sink {
    Stdout,
    Stderr,
    File(Mutex<RotatingFile>),
}

/// A place that lines go to.
struct Output {
    /// "stdout", "stderr", "file=…".
    name: String,
    sink: Sink,
    decorators: Vec<Decorator>,
    /// The last one that covers a line's tags decides.
    selections: Vec<Selection>,
    /// Widths so far of the decorations, so that lines align.
    widths: Mutex<[usize; DECORATORS.len()]>,
}

impl Output {
    fn new(name: &str, sink: Sink, level: Level) -> Output {
        Output {
            name: name.to_string(),
            sink,
            decorators: DEFAULT_DECORATORS.to_vec(),
            selections: vec![Selection { tags: Vec::new(), wildcard: true, level }],
            widths: Mutex::default(),
        }
    }

    fn level(&self, tags: &str) -> Level {
        self.selections.iter().rev().find(|s| s.covers(tags)).map_or(Level::Off, |s| s.level)
    }

    fn decorate(&self, started: Instant, level: Level, tags: &str) -> String {
        let mut text = String::new();
        let mut widths = self.widths.lock();
        for d in &self.decorators {
            let uptime = started.elapsed();
            let since_epoch = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let decoration = match d {
                Decorator::Time => iso_8601(true),
                Decorator::UtcTime => iso_8601(false),
                Decorator::Uptime => format!("{:.3}s", uptime.as_secs_f64()),
                Decorator::TimeMillis => format!("{}ms", since_epoch().as_millis()),
                Decorator::UptimeMillis => format!("{}ms", uptime.as_millis()),
                Decorator::TimeNanos => format!("{}ns", since_epoch().as_nanos()),
                Decorator::UptimeNanos => format!("{}ns", uptime.as_nanos()),
                Decorator::HostName => host_name(),
                Decorator::Pid => std::process::id().to_string(),
                // SAFETY: a plain system call.
                Decorator::Tid => unsafe { libc::gettid() }.to_string(),
                Decorator::Level => level.name().to_string(),
                Decorator::Tags => tags.to_string(),
            };
            let width = &mut widths[*d as usize];
            *width = decoration.len().max(*width);
            text.push_str(&format!("[{decoration:<0$}]", *width));
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text
    }

    /// Failures are nobody's business: a log that cannot be written must not stop the program.
    fn write(&self, line: &str) {
        let _ = match &self.sink {
            Sink::Stdout => io::stdout().lock().write_all(line.as_bytes()),
            Sink::Stderr => io::stderr().lock().write_all(line.as_bytes()),
            Sink::File(file) => file.lock().write(line),
        };
    }
}

/// The whole configuration. By default warnings and errors go to standard output.
pub struct LogConfig {
    started: Instant,
    outputs: Vec<Output>,
}

impl Default for LogConfig {
    fn default() -> LogConfig {
        let stdout = Output::new("stdout", Sink::Stdout, Level::Warning);
        let stderr = Output::new("stderr", Sink::Stderr, Level::Off);
        LogConfig { started: Instant::now(), outputs: vec![stdout, stderr] }
    }
}

impl LogConfig {
    /// The outputs with what goes to each, a line each.
    pub fn description(&self) -> Vec<String> {
        let mut lines = vec!["Log output configuration:".to_string()];
        for (i, output) in self.outputs.iter().enumerate() {
            let selections: Vec<String> = output
                .selections
                .iter()
                .map(|s| {
                    let tags = if s.tags.is_empty() { "all".to_string() } else { s.tags.join("+") };
                    let wildcard = if s.wildcard && !s.tags.is_empty() { "*" } else { "" };
                    format!("{tags}{wildcard}={}", s.level.name())
                })
                .collect();
            lines.push(format!(" #{i}: {} {}", output.name, selections.join(",")));
        }
        lines
    }

    /// Whether a line of that level with these tags, separated by commas, goes anywhere.
    pub fn enabled(&self, level: Level, tags: &str) -> bool {
        self.outputs.iter().any(|o| level >= o.level(tags))
    }

    /// Writes a line to the outputs that want it.
    pub fn write(&self, level: Level, tags: &str, text: &str) {
        for output in self.outputs.iter().filter(|o| level >= o.level(tags)) {
            output.write(&format!("{}{text}\n", output.decorate(self.started, level, tags)));
        }
    }

    /// Switches one tag set to a level on standard output, as `-verbose:gc` does.
    pub fn select_on_stdout(&mut self, selection: &str) {
        if let Ok(selection) = Selection::parse(selection) {
            self.outputs[0].selections.push(selection);
        }
    }

    /// `-Xlog:disable`: nothing goes anywhere, not even errors.
    pub fn disable(&mut self) {
        self.outputs.truncate(2);
        for output in &mut self.outputs {
            output.selections = vec![Selection { tags: Vec::new(), wildcard: true, level: Level::Off }];
        }
    }

    /// What follows `-Xlog:`, `selections:output:decorators:output-options`; all parts may be empty. Complaints are
    /// logged; false when the option is invalid.
    pub fn configure(&mut self, option: &str) -> bool {
        let parts = match split(option) {
            Ok(parts) => parts,
            Err(problem) => {
                self.write(Level::Error, "logging", &problem);
                return false;
            }
        };
        if let Some(excess) = parts.get(4) {
            self.write(Level::Warning, "logging", &format!("Ignoring excess -Xlog options: \"{excess}\""));
        }
        let part = |i: usize| parts.get(i).map_or("", String::as_str);
        match self.apply(part(0), part(1), part(2), part(3)) {
            Ok(()) => true,
            Err(problems) => {
                problems.iter().for_each(|p| self.write(Level::Error, "logging", p));
                false
            }
        }
    }

    /// `-Xloggc:FILE` and its like.
    ///
    /// # Errors
    /// Lines that say what is wrong.
    pub fn apply(
        &mut self,
        what: &str,
        output: &str,
        decorators: &str,
        options: &str,
    ) -> Result<(), Vec<String>> {
        let one = |problem: String| vec![problem];
        let selections: Result<Vec<_>, _> = what.split(',').map(Selection::parse).collect();
        let selections = selections.map_err(one)?;
        let decorators = parse_decorators(decorators).map_err(one)?;
        let name = match output {
            "" => "stdout".to_string(),
            "stdout" | "stderr" => output.to_string(),
            _ if output.contains('=') => output.replace('"', ""),
            // A bare name is a file's.
            _ => format!("file={}", output.replace('"', "")),
        };
        let index = match self.outputs.iter().position(|o| o.name == name) {
            Some(index) => {
                if !options.is_empty() {
                    println!("Output options for existing outputs are ignored.");
                }
                index
            }
            None => {
                let Some(file) = name.strip_prefix("file=") else {
                    return Err(one(format!("Unsupported log output type: {name}")));
                };
                let file = RotatingFile::open(file, options).map_err(|problem| {
                    let shown = if options.is_empty() { "(null)" } else { options };
                    vec![
                        problem,
                        format!("Initialization of output '{name}' using options '{shown}' failed."),
                    ]
                })?;
                self.outputs.push(Output::new(&name, Sink::File(Mutex::new(file)), Level::Off));
                self.outputs.len() - 1
            }
        };
        let output = &mut self.outputs[index];
        output.selections.extend(selections);
        output.decorators = decorators;
        Ok(())
    }
}

/// Splits at colons outside of quotes: at most four parts and the excess.
fn split(option: &str) -> Result<Vec<String>, String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in option.chars() {
        match c {
            ':' if !quoted && parts.len() < 5 => parts.push(String::new()),
            _ => {
                quoted ^= c == '"';
                parts.last_mut().expect("never empty").push(c);
            }
        }
    }
    if quoted {
        let last = parts.last().expect("never empty");
        return Err(format!("Missing terminating quote in -Xlog option '{last}'"));
    }
    Ok(parts)
}

/// Text of `-Xlog:help`.
pub fn help() -> String {
    let list = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>().join(", ");
    let levels = list(&mut LEVELS.iter().map(|(n, _)| (*n).to_string()));
    let decorators = list(&mut DECORATORS.iter().map(|(long, short, _)| format!("{long} ({short})")));
    let tags = list(&mut TAGS.iter().map(|t| (*t).to_string()));
    format!(
        "-Xlog[:[selections][:[output][:[decorators][:output-options]]]]\n\
         \x20   selections: tag1[+tag2...][*][=level], separated by commas; without * only lines with exactly these tags\n\
         \x20   output: stdout, stderr or file=<name>, in which %p stands for the process id and %t for the time\n\
         \x20   output options of a file: filecount=<n>, filesize=<size>\n\n\
         Levels: {levels}\n\n\
         Decorators: {decorators}; none\n\n\
         Tags: {tags}\n\n\
         This virtual machine logs gc, class+load, class+init and jni+resolve.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_selection_that_covers_a_line_decides() {
        let mut log = LogConfig::default();
        assert!(log.enabled(Level::Warning, "gc") && !log.enabled(Level::Info, "gc"));
        assert!(log.configure("gc"));
        assert!(log.enabled(Level::Info, "gc") && !log.enabled(Level::Info, "gc,heap"));
        assert!(log.configure("gc*=debug,class+load=off"));
        assert!(log.enabled(Level::Debug, "gc,heap") && !log.enabled(Level::Error, "class,load"));
        assert!(log.configure("all=error:stdout"));
        assert!(!log.enabled(Level::Warning, "gc") && log.enabled(Level::Error, "class,load"));
        log.disable();
        assert!(!log.enabled(Level::Error, "gc"));
    }

    #[test]
    fn bad_options_are_refused() {
        let mut log = LogConfig::default();
        log.disable();
        let problems = |log: &mut LogConfig, what, output, decorators, options| {
            log.apply(what, output, decorators, options).err().unwrap_or_default().join("\n")
        };
        assert_eq!(problems(&mut log, "foo", "", "", ""), "Invalid tag 'foo' in log selection.");
        assert_eq!(
            problems(&mut log, "clas", "", "", ""),
            "Invalid tag 'clas' in log selection. Did you mean 'class'?"
        );
        assert_eq!(problems(&mut log, "gc=foo", "", "", ""), "Invalid level 'foo' in log selection.");
        assert_eq!(problems(&mut log, "gc", "foo=x", "", ""), "Unsupported log output type: foo=x");
        assert_eq!(problems(&mut log, "gc", "", "foo", ""), "Invalid decorator 'foo'.");
        assert!(problems(&mut log, "gc", "file=/x", "", "filecount=a").contains("range [0, 1000]"));
        assert!(!log.configure("gc:\"x"));
        assert!(log.configure(""));
    }

    #[test]
    fn decorations_are_padded_to_the_widest_so_far() {
        let dir = std::env::temp_dir().join(format!("caturra-log-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let file = dir.join("a.log");
        let mut log = LogConfig::default();
        log.apply("all", &format!("file={}", file.display()), "l,tg", "filesize=1k,filecount=2").unwrap();
        log.write(Level::Warning, "gc", "one");
        log.write(Level::Info, "class,load", "two");
        log.write(Level::Info, "gc", "three");
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            "[warning][gc] one\n[info   ][class,load] two\n[info   ][gc        ] three\n"
        );
        for _ in 0..100 {
            log.write(Level::Info, "gc", "a line of thirty bytes or so");
        }
        assert!(archive(&file, 0).is_file() && archive(&file, 1).is_file() && !archive(&file, 2).is_file());
        fs::remove_dir_all(&dir).unwrap();
    }
}
