//! Applies options one by one; what depends on all of them comes at the end.

use super::sources::{self, Source};
use super::table::{Form, Given, OPTIONS};
use super::{Argument, Settings, heap, invalid, listing};
use crate::{CreateError, memory};
use caturra_kernel::runtime::flags::{
    BadValue, Flag, FlagClass, FlagOrigin, FlagType, FlagValue, all, parse_size,
};
use caturra_kernel::runtime::log_config::Level;
use caturra_kernel::runtime::options::Options;
use caturra_kernel::runtime::similarity::most_similar;
use caturra_tooling::{Agent, AgentKind};

pub(super) struct Parser {
    pub options: Options,
    patches: Vec<(String, String)>,
    pub boot_append: Vec<String>,
    properties: Vec<(String, String)>,
    /// How often each numbered module property was set.
    counters: Vec<(&'static str, usize)>,
    /// The caller of `JNI_CreateJavaVM` wants unknown options ignored.
    ignore_unrecognized: bool,
    /// `-XX:+IgnoreUnrecognizedVMOptions`, or `-`; `None` when not given.
    ignore_unknown_flags: Option<bool>,
    settings_file: Option<String>,
    pub print_options: bool,
    pub print_internal_version: bool,
    reserved_property: bool,
    management_agent: bool,
    pub gc_log_file: Option<String>,
    agents: Vec<Agent>,
    has_java_agent: bool,
}

/// Properties that only module options may set.
const MODULE_PROPERTIES: &[&str] = &[
    "jdk.module.addexports",
    "jdk.module.addopens",
    "jdk.module.addreads",
    "jdk.module.addmods",
    "jdk.module.patch",
    "jdk.module.limitmods",
    "jdk.module.path",
    "jdk.module.upgrade.path",
    "jdk.module.enable.native.access",
    "jdk.module.illegalAccess",
];

/// Flags that still work, since when they are deprecated.
const DEPRECATED: &[(&str, &str)] = &[
    ("AllowRedefinitionToAddDeleteMethods", "13.0"),
    ("AlwaysLockClassLoader", "17.0"),
    ("BiasedLockingBulkRebiasThreshold", "15.0"),
    ("BiasedLockingBulkRevokeThreshold", "15.0"),
    ("BiasedLockingDecayTime", "15.0"),
    ("BiasedLockingStartupDelay", "15.0"),
    ("CriticalJNINatives", "16.0"),
    ("FlightRecorder", "13.0"),
    ("InitialRAMFraction", "10.0"),
    ("MaxGCMinorPauseMillis", "8.0"),
    ("MaxRAMFraction", "10.0"),
    ("MinRAMFraction", "10.0"),
    ("PrintBiasedLockingStatistics", "15.0"),
    ("PrintPreciseBiasedLockingStatistics", "15.0"),
    ("UseBiasedLocking", "15.0"),
    ("UseOptoBiasInlining", "15.0"),
];

/// Flags that are gone, since when; they are ignored with a warning.
const OBSOLETE: &[(&str, &str)] = &[
    ("AssertOnSuspendWaitFailure", "17.0"),
    ("SuspendRetryCount", "17.0"),
    ("SuspendRetryDelay", "17.0"),
    ("TraceSuspendWaitFailures", "17.0"),
];

/// Accepted flags that ask for something whose absence would surprise.
const WITHOUT_EFFECT: &[(&str, &str)] = &[
    ("ArchiveClassesAtExit", "there are no archives of shared classes"),
    ("EnableJVMCI", "there is no compiler interface"),
    ("FlightRecorder", "there is no flight recorder"),
    ("NativeMemoryTracking", "native memory is not tracked"),
    ("StartFlightRecording", "there is no flight recorder"),
    ("UseJVMCICompiler", "there is no compiler interface"),
];

/// Flags that choose a collector; more than one is a contradiction.
const COLLECTORS: &[&str] =
    &["UseSerialGC", "UseParallelGC", "UseG1GC", "UseZGC", "UseShenandoahGC", "UseEpsilonGC"];

impl Parser {
    pub fn new(ignore_unrecognized: bool) -> Parser {
        Parser {
            options: Options::default(),
            patches: Vec::new(),
            boot_append: Vec::new(),
            properties: Vec::new(),
            counters: Vec::new(),
            ignore_unrecognized,
            ignore_unknown_flags: None,
            settings_file: None,
            print_options: false,
            print_internal_version: false,
            reserved_property: false,
            management_agent: false,
            gc_log_file: None,
            agents: Vec::new(),
            has_java_agent: false,
        }
    }

    /// Looks for options that matter before all others are read.
    pub fn expand(&mut self, source: &mut Source) -> Result<(), CreateError> {
        source.include_options_file()?;
        for argument in &source.arguments {
            match argument.text.as_str() {
                "-XX:+PrintVMOptions" => self.print_options = true,
                "-XX:-PrintVMOptions" => self.print_options = false,
                "-XX:+IgnoreUnrecognizedVMOptions" => self.ignore_unknown_flags = Some(true),
                "-XX:-IgnoreUnrecognizedVMOptions" => self.ignore_unknown_flags = Some(false),
                "-XX:+PrintFlagsInitial" => {
                    print!("{}", listing::flags(&Options::default()));
                    return Err(CreateError::Exit(0));
                }
                text => {
                    if let Some(file) = text.strip_prefix("-XX:Flags=") {
                        self.settings_file = Some(file.to_string());
                    }
                }
            }
        }
        Ok(())
    }

    /// Applies the file of `-XX:Flags=`.
    pub fn settings_file(&mut self) -> Result<(), CreateError> {
        let Some(path) = self.settings_file.clone() else { return Ok(()) };
        let Ok(bytes) = std::fs::read(&path) else {
            return invalid(format!("Could not open settings file {path}"));
        };
        for flag in sources::settings(&String::from_utf8_lossy(&bytes)) {
            self.xx(&flag, FlagOrigin::ConfigFile)?;
        }
        Ok(())
    }

    /// Applies one option.
    pub fn argument(&mut self, argument: &Argument, origin: FlagOrigin) -> Result<(), CreateError> {
        let text = argument.text.as_str();
        let found = OPTIONS.iter().find_map(|row| match row.form {
            Form::Whole => (text == row.text).then_some((row, "")),
            Form::Prefix => text.strip_prefix(row.text).map(|rest| (row, rest)),
        });
        let is_private = ["-Dsun.java.command", "-Dsun.java.launcher", "-Djava.class.path", "-XX:JavaHome="]
            .iter()
            .any(|p| text.starts_with(p));
        if text.starts_with('-') && !is_private {
            self.options.vm_arguments.push(text.to_string());
        }
        match found {
            Some((row, rest)) => (row.apply)(self, &Given { argument, rest, origin }),
            None => self.unrecognized("", text),
        }
    }

    /// What to do about an unknown option of a kind ("check ", "").
    pub fn unrecognized(&self, kind: &str, text: &str) -> Result<(), CreateError> {
        if self.ignore_unrecognized || self.ignore_unknown_flags == Some(true) {
            return Ok(());
        }
        invalid(format!("Unrecognized {kind}option: {text}"))
    }

    /// Warns of an option without effect.
    pub fn removed(&self, option: &str, release: &str) {
        self.options.warning(&format!("Ignoring option {option}; support was removed in {release}"));
    }

    /// Sets a flag of the VM on behalf of another option.
    pub fn flag(&mut self, name: &str, on: bool, origin: FlagOrigin) -> Result<(), CreateError> {
        let flag = Flag::find(name).expect("options name flags of the table");
        flag.set_bool(&mut self.options, on, origin);
        Ok(())
    }

    // ---- properties

    fn set_property(&mut self, key: &str, value: &str) {
        match self.properties.iter_mut().find(|(k, _)| k == key) {
            Some(e) => e.1 = value.to_string(),
            None => self.properties.push((key.to_string(), value.to_string())),
        }
    }

    /// `-D`.
    pub fn property(&mut self, definition: &str) -> Result<(), CreateError> {
        let (key, value) = definition.split_once('=').unwrap_or((definition, ""));
        let is_set = !value.is_empty() && value != "\"\"";
        let on_stdout = |text: String| Err(CreateError::InvalidOptionsOnStdout(text));
        match key {
            "java.endorsed.dirs" if is_set => {
                return on_stdout(format!(
                    "-Djava.endorsed.dirs={value} is not supported. Endorsed standards and standalone APIs\n\
                     in modular form will be supported via the concept of upgradeable modules."
                ));
            }
            "java.ext.dirs" if is_set => {
                return on_stdout(format!(
                    "-Djava.ext.dirs={value} is not supported.  Use -classpath instead."
                ));
            }
            // Between the launcher and the VM.
            "sun.java.launcher.is_altjvm" => return Ok(()),
            "java.compiler" if value.is_empty() || value.eq_ignore_ascii_case("NONE") => {
                self.options.interpret_only = true;
            }
            _ => {}
        }
        let is_module_property =
            |p: &&str| key.strip_prefix(*p).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if MODULE_PROPERTIES.iter().any(is_module_property) {
            self.reserved_property = true;
            return Ok(());
        }
        self.set_property(key, value);
        if key.starts_with("com.sun.management") && !self.management_agent {
            self.management_agent = true;
            return self.numbered("jdk.module.addmods", "jdk.management.agent");
        }
        Ok(())
    }

    pub fn module_property(&mut self, property: &str, value: &str) -> Result<(), CreateError> {
        self.set_property(property, value);
        Ok(())
    }

    /// A module option that may be repeated.
    pub fn numbered(&mut self, property: &'static str, value: &str) -> Result<(), CreateError> {
        let index = match self.counters.iter_mut().find(|(p, _)| *p == property) {
            Some(counter) => {
                counter.1 += 1;
                counter.1
            }
            None => {
                self.counters.push((property, 0));
                0
            }
        };
        self.set_property(&format!("{property}.{index}"), value);
        Ok(())
    }

    pub fn patch_module(&mut self, value: &str) -> Result<(), CreateError> {
        let Some((module, paths)) = value.split_once('=') else {
            return Err(CreateError::InvalidOptionsOnStdout(
                "Missing '=' in --patch-module specification".into(),
            ));
        };
        if module == "java.base" && self.patches.iter().any(|(m, _)| m == module) {
            return Err(CreateError::Failed(
                "Cannot specify java.base more than once to --patch-module".into(),
            ));
        }
        self.patches.extend(paths.split(':').map(|path| (module.to_string(), path.to_string())));
        self.numbered("jdk.module.patch", value)
    }

    // ---- sizes

    /// A size of at least `least` bytes behind an option.
    fn size(g: &Given<'_>, what: &str, least: u64) -> Result<usize, CreateError> {
        match parse_size(g.rest).filter(|n| *n >= least).and_then(|n| usize::try_from(n).ok()) {
            Some(n) => Ok(n),
            None => invalid(format!("Invalid {what}: {}", g.argument.text)),
        }
    }

    pub fn max_heap_size(&mut self, g: &Given<'_>) -> Result<(), CreateError> {
        self.options.heap.max = Self::size(g, "maximum heap size", 1)?;
        self.options.flags.set_origin("MaxHeapSize", g.origin);
        Ok(())
    }

    pub fn initial_heap_size(&mut self, g: &Given<'_>) -> Result<(), CreateError> {
        // 0 leaves the choice to the VM.
        self.options.heap.initial = Self::size(g, "initial heap size", 0)?;
        self.options.flags.set_origin("InitialHeapSize", g.origin);
        Ok(())
    }

    pub fn young_size(&mut self, g: &Given<'_>) -> Result<(), CreateError> {
        self.options.heap.young = Some(Self::size(g, "initial young generation size", 1)?);
        self.options.flags.set_origin("MaxNewSize", g.origin);
        self.options.flags.set_origin("NewSize", g.origin);
        Ok(())
    }

    pub fn code_cache_size(&mut self, g: &Given<'_>) -> Result<(), CreateError> {
        self.options.jit.code_cache_size = Self::size(g, "maximum code cache size", 1)?;
        self.options.flags.set_origin("ReservedCodeCacheSize", g.origin);
        Ok(())
    }

    pub fn stack_size(&mut self, g: &Given<'_>) -> Result<(), CreateError> {
        const MAX: usize = 1 << 30;
        let size = Self::size(g, "thread stack size", 0)?;
        if size > MAX {
            return invalid(format!(
                "Invalid thread stack size: {}\nThe specified size exceeds the maximum representable size.",
                g.argument.text
            ));
        }
        let kilobytes = FlagValue::Uint(size.div_ceil(1024) as u64);
        let flag = Flag::find("ThreadStackSize").expect("a flag of the table");
        flag.set_ergonomic(&mut self.options, kilobytes);
        self.options.flags.set_origin(flag.name, g.origin);
        Ok(())
    }

    // ---- flags

    /// What stands behind `-XX:`.
    pub fn xx(&mut self, text: &str, origin: FlagOrigin) -> Result<(), CreateError> {
        if ["Flags=", "VMOptionsFile="].iter().any(|handled| text.starts_with(handled)) {
            return Ok(());
        }
        let (sign, body) = match text.as_bytes().first() {
            Some(b'+') => (Some(true), &text[1..]),
            Some(b'-') => (Some(false), &text[1..]),
            _ => (None, text),
        };
        let (name, value) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (body, None),
        };
        let Some(flag) = Flag::find(name) else { return self.unknown_flag(text, body) };
        let (kind, unlock) = match flag.class {
            FlagClass::diagnostic => ("diagnostic", "UnlockDiagnosticVMOptions"),
            FlagClass::experimental => ("experimental", "UnlockExperimentalVMOptions"),
            _ => ("", ""),
        };
        if !unlock.is_empty() && !self.is_on(unlock) {
            return invalid(format!(
                "Error: VM option '{name}' is {kind} and must be enabled via -XX:+{unlock}.\n\
                 Error: The unlock option must precede '{name}'."
            ));
        }
        if let Some((_, release)) = DEPRECATED.iter().find(|(n, _)| *n == name) {
            self.options.warning(&format!(
                "Option {name} was deprecated in version {release} and will likely be removed in a future release."
            ));
        }
        match (flag.ty, sign, value) {
            (FlagType::bool, Some(on), None) => {
                flag.set_bool(&mut self.options, on, origin);
                Ok(())
            }
            (FlagType::bool, None, _) => invalid(format!("Missing +/- setting for VM option '{body}'")),
            (FlagType::bool, ..) | (_, None, None) => Self::improper(body),
            (_, Some(_), _) => invalid(format!("Unexpected +/- setting in VM option '{body}'")),
            (_, None, Some(value)) => match flag.set_text(&mut self.options, value, origin) {
                Ok(()) => Ok(()),
                Err(BadValue::Malformed) => Self::improper(body),
                Err(BadValue::OutOfRange(range)) => {
                    invalid(format!("{range}\nImproperly specified VM option '{body}'"))
                }
            },
        }
    }

    fn improper(body: &str) -> Result<(), CreateError> {
        invalid(format!("Improperly specified VM option '{body}'"))
    }

    fn unknown_flag(&mut self, text: &str, body: &str) -> Result<(), CreateError> {
        if text.starts_with('#') {
            // A way to comment a flag out.
            eprintln!("Unrecognized VM option '{text}'");
            return Ok(());
        }
        let name = body.split('=').next().unwrap_or(body);
        if self.ignore_unknown_flags == Some(true) {
            return Ok(());
        }
        if let Some((_, release)) = OBSOLETE.iter().find(|(n, _)| *n == name) {
            self.removed(name, release);
            return Ok(());
        }
        let hint = most_similar(name, all().map(|f| f.name), 0.7).and_then(Flag::find);
        let hint = hint.map_or_else(String::new, |flag| match flag.ty {
            FlagType::bool => format!("\nDid you mean '(+/-){}'? ", flag.name),
            _ => format!("\nDid you mean '{}=<value>'? ", flag.name),
        });
        invalid(format!("Unrecognized VM option '{body}'{hint}"))
    }

    fn is_on(&self, name: &str) -> bool {
        Flag::find(name).is_some_and(|f| f.value(&self.options) == FlagValue::Bool(true))
    }

    // ---- agents

    /// `-agentlib:name=options`, `-agentpath:path=options`, `-Xrunname:options`.
    pub fn agent(&mut self, kind: AgentKind, text: &str) -> Result<(), CreateError> {
        let separator = if kind == AgentKind::Run { ':' } else { '=' };
        let (name, options) = text.split_once(separator).unwrap_or((text, ""));
        self.agents.push(Agent { kind, name: name.to_string(), options: options.to_string() });
        Ok(())
    }

    /// `-javaagent:jar=options`: the JDK's library `instrument` with that as its options.
    pub fn java_agent(&mut self, text: &str) -> Result<(), CreateError> {
        if text.is_empty() {
            return Ok(());
        }
        self.agents.push(Agent {
            kind: AgentKind::Library,
            name: "instrument".to_string(),
            options: text.to_string(),
        });
        if std::mem::replace(&mut self.has_java_agent, true) {
            return Ok(());
        }
        self.numbered("jdk.module.addmods", "java.instrument")
    }

    // ---- the end

    /// Checks what depends on several options and fills in what was not given.
    pub fn finish(mut self) -> Result<Settings, CreateError> {
        if self.print_internal_version {
            println!("{}", listing::internal_version(&self.options));
            return Err(CreateError::Exit(0));
        }
        self.warn();
        self.configure_gc_log()?;
        let chosen = COLLECTORS.iter().filter(|name| self.is_on(name)).count();
        if chosen > 1 {
            return Err(CreateError::Failed("Multiple garbage collectors selected".into()));
        }
        const LEAST_STACK: usize = 136 << 10;
        if self.options.thread_stack_size < LEAST_STACK {
            return Err(CreateError::InvalidOptionsOnStdout(format!(
                "\nThe Java thread stack size specified is too small. Specify at least {}k",
                LEAST_STACK >> 10
            )));
        }
        if self.is_on("AggressiveHeap") {
            self.aggressive_heap();
        }
        // None are used, whatever is asked for.
        for name in ["UseLargePages", "UseTransparentHugePages", "UseHugeTLBFS", "UseSHM"] {
            if self.is_on(name) {
                let flag = Flag::find(name).expect("a flag of the table");
                let origin = self.options.flags.origin(name);
                flag.set_bool(&mut self.options, false, origin);
            }
        }
        heap::choose_sizes(&mut self.options)?;
        if !self.boot_append.is_empty() {
            self.set_property("jdk.boot.class.path.append", &self.boot_append.join(":"));
        }
        let o = &mut self.options;
        o.verbose_class_load = o.log.enabled(Level::Info, "class,load");
        o.verbose_class_init = o.log.enabled(Level::Info, "class,init");
        o.verbose_gc = o.log.enabled(Level::Info, "gc");
        o.log_exceptions = o.log.enabled(Level::Info, "exceptions");
        o.log_resolution = o.log.enabled(Level::Debug, "class,resolve");
        o.log_threads = o.log.enabled(Level::Info, "os,thread");
        o.log_stack_traces = o.log.enabled(Level::Info, "stacktrace");
        o.log_protection_domains = o.log.enabled(Level::Debug, "protectiondomain");
        for text in o.log.description() {
            o.log.write(Level::Trace, "logging", &text);
        }
        o.verbose_jni = o.log.enabled(Level::Debug, "jni,resolve");
        if self.is_on("PrintFlagsRanges") {
            print!("{}", listing::ranges(&self.options));
            return Err(CreateError::Exit(0));
        }
        if self.is_on("PrintCommandLineFlags") {
            println!("{}", listing::command_line_flags(&self.options));
        }
        if self.is_on("PrintFlagsFinal") {
            print!("{}", listing::flags(&self.options));
        }
        *self.options.system_properties.lock() = self.properties;
        Ok(Settings {
            options: self.options,
            patches: self.patches,
            boot_append: self.boot_append,
            management_agent: self.management_agent,
            agents: self.agents,
        })
    }

    /// `-XX:+AggressiveHeap` stands for other options, as if they had been given: a heap of half the memory from the
    /// start, and the collector that HotSpot takes with it.
    fn aggressive_heap(&mut self) {
        const MOST: usize = 27 << 30;
        let memory = memory::physical(self.options.use_container_support) as usize;
        let size = (memory / 2).min(memory.saturating_sub(160 << 20)).min(MOST);
        let given = self.options.flags.origin("MaxHeapSize") != FlagOrigin::Default;
        let size = if given { size.min(self.options.heap.max) } else { size };
        for (name, value) in
            [("UseParallelGC", None), ("MaxHeapSize", Some(size)), ("InitialHeapSize", Some(size))]
        {
            let flag = Flag::find(name).expect("a flag of the table");
            if self.options.flags.origin(name) != FlagOrigin::Default {
                continue;
            }
            let value = value.map_or(FlagValue::Bool(true), |v| FlagValue::Uint(v as u64));
            flag.set_ergonomic(&mut self.options, value);
            self.options.flags.set_origin(flag.name, FlagOrigin::CommandLine);
        }
    }

    /// Warnings that wait until `-XX:-PrintWarnings` was seen.
    fn warn(&self) {
        const RC_FILE: &str = ".hotspotrc";
        if self.settings_file.is_none() && std::path::Path::new(RC_FILE).exists() {
            self.options.warning(&format!(
                "{RC_FILE} file is present but has been ignored.  Run with -XX:Flags={RC_FILE} to load the file."
            ));
        }
        if self.reserved_property {
            self.options.warning(
                "Ignoring system property options whose names match the '-Djdk.module.*'. names that are reserved for \
                 internal use.",
            );
        }
        for (name, why) in WITHOUT_EFFECT {
            if self.options.flags.origin(name) != FlagOrigin::Default {
                self.options.warning(&format!("-XX option {name} has no effect: {why}"));
            }
        }
    }

    /// `-XX:+PrintGC`, `-XX:+PrintGCDetails`, `-Xloggc:`.
    fn configure_gc_log(&mut self) -> Result<(), CreateError> {
        let (print, details) = (self.is_on("PrintGC"), self.is_on("PrintGCDetails"));
        let log = &mut self.options.log;
        for (on, flag, selection) in [(print, "PrintGC", "gc"), (details, "PrintGCDetails", "gc*")] {
            if on {
                let text = format!("-XX:+{flag} is deprecated. Will use -Xlog:{selection} instead.");
                log.write(Level::Warning, "gc", &text);
            }
        }
        let selection = if details { "gc*" } else { "gc" };
        match &self.gc_log_file {
            Some(file) => {
                if let Err(problems) = log.apply(selection, file, "", "") {
                    problems.iter().for_each(|p| log.write(Level::Error, "logging", p));
                    return invalid(format!(
                        "Invalid -Xloggc option '-Xloggc:{file}', see error log for details."
                    ));
                }
            }
            None if print || details => log.select_on_stdout(selection),
            None => {}
        }
        Ok(())
    }
}
