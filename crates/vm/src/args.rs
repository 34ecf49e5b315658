//! VM options: what `JNI_CreateJavaVM` gets, `JAVA_TOOL_OPTIONS` and their like.

use crate::{CreateError, java_home};
use caturra_kernel::runtime::options::{AssertionKind, AssertionSwitch, Options};
use std::ffi::c_void;
use std::path::PathBuf;

/// One option with its extra pointer (used by `exit`, `abort`, `vfprintf`).
pub struct Argument {
    pub text: String,
    pub extra: *mut c_void,
}

/// Options, and what goes into the boot class path.
pub struct Settings {
    pub options: Options,
    /// `--patch-module`: (module, path).
    pub patches: Vec<(String, String)>,
    /// `-Xbootclasspath/a`.
    pub boot_append: Vec<String>,
}

struct Parser {
    options: Options,
    patches: Vec<(String, String)>,
    boot_append: Vec<String>,
    properties: Vec<(String, String)>,
    /// How often each repeatable module option was given.
    counters: Vec<(&'static str, usize)>,
    unknown_xx: Vec<String>,
    ignore_unrecognized: bool,
    ignore_unrecognized_xx: bool,
    max_ram_percentage: f64,
    initial_ram_percentage: f64,
    max_given: bool,
    initial_given: bool,
    java_home: Option<PathBuf>,
}

/// Module options that become numbered or plain properties (`jdk.internal.module.ModuleBootstrap`).
const NUMBERED: &[(&str, &str)] = &[
    ("--add-exports", "jdk.module.addexports"),
    ("--add-opens", "jdk.module.addopens"),
    ("--add-reads", "jdk.module.addreads"),
    ("--patch-module", "jdk.module.patch"),
    ("--add-modules", "jdk.module.addmods"),
    ("--enable-native-access", "jdk.module.enable.native.access"),
];
const PLAIN: &[(&str, &str)] = &[
    ("--limit-modules", "jdk.module.limitmods"),
    ("--module-path", "jdk.module.path"),
    ("--upgrade-module-path", "jdk.module.upgrade.path"),
    ("--illegal-access", "jdk.module.illegalAccess"),
];

fn invalid<T>(text: impl Into<String>) -> Result<T, CreateError> {
    Err(CreateError::InvalidOptions(text.into()))
}

/// "64m" and its like in bytes.
pub fn parse_size(text: &str) -> Option<usize> {
    let (digits, unit) = match text.char_indices().last()? {
        (i, 'k' | 'K') => (&text[..i], 1usize << 10),
        (i, 'm' | 'M') => (&text[..i], 1 << 20),
        (i, 'g' | 'G') => (&text[..i], 1 << 30),
        (i, 't' | 'T') => (&text[..i], 1 << 40),
        _ => (text, 1),
    };
    let n = match digits.strip_prefix("0x") {
        Some(hex) => usize::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    n.checked_mul(unit)
}

/// Parses all options.
pub fn parse(
    arguments: Vec<Argument>,
    ignore_unrecognized: bool,
    library: Option<PathBuf>,
) -> Result<Settings, CreateError> {
    let mut p = Parser {
        options: Options::default(),
        patches: Vec::new(),
        boot_append: Vec::new(),
        properties: Vec::new(),
        counters: Vec::new(),
        unknown_xx: Vec::new(),
        ignore_unrecognized,
        ignore_unrecognized_xx: true,
        max_ram_percentage: 25.0,
        initial_ram_percentage: 1.5625,
        max_given: false,
        initial_given: false,
        java_home: None,
    };
    let from_environment = |name: &str| -> Vec<Argument> {
        match std::env::var(name) {
            Ok(text) if !text.is_empty() => {
                eprintln!("Picked up {name}: {text}");
                split_words(&text).into_iter().map(|text| Argument { text, extra: std::ptr::null_mut() }).collect()
            }
            _ => Vec::new(),
        }
    };
    for a in from_environment("JAVA_TOOL_OPTIONS")
        .into_iter()
        .chain(arguments)
        .chain(from_environment("_JAVA_OPTIONS"))
    {
        p.argument(&a)?;
    }
    let home = match p.java_home.take().map(|path| java_home::check(&path).map_err(|why| (path, why))) {
        Some(Ok(home)) => home,
        Some(Err((path, why))) => {
            return Err(CreateError::Failed(format!("Java home {}: {why}", path.display())));
        }
        None => match java_home::of_process(library.as_deref()) {
            Some(home) => home,
            None => java_home::find().map_err(CreateError::Failed)?,
        },
    };
    p.options.java_home = home.path.to_string_lossy().into_owned();
    p.options.release = home.release;
    p.options.release_major_version = (home.release + 44) as u16;
    p.options.runtime_version = home.runtime_version;
    p.finish()
}

/// Splits at white space, with single and double quotes.
fn split_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut any) = (String::new(), None, false);
    for c in text.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                any = true;
            }
            (None, c) if c.is_whitespace() => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            (None, c) => word.push(c),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}

impl Parser {
    fn argument(&mut self, a: &Argument) -> Result<(), CreateError> {
        let text = a.text.as_str();
        if !matches!(text, "exit" | "abort" | "vfprintf") && !text.starts_with("-Dsun.java.") && !text.starts_with("-Djava.class.path=") && !text.starts_with("-XX:JavaHome=") {
            self.options.vm_arguments.push(text.to_string());
        }
        if let Some(d) = text.strip_prefix("-D") {
            let (key, value) = d.split_once('=').unwrap_or((d, ""));
            self.set_property(key, value);
            return Ok(());
        }
        for (option, property) in NUMBERED {
            if let Some(value) = text.strip_prefix(option).and_then(|r| r.strip_prefix('=')) {
                return self.numbered(option, property, value);
            }
        }
        for (option, property) in PLAIN {
            if let Some(value) = text.strip_prefix(option).and_then(|r| r.strip_prefix('=')) {
                self.set_property(property, value);
                return Ok(());
            }
        }
        if let Some(rest) = text.strip_prefix("-XX:") {
            return self.xx(rest);
        }
        if self.plain(text, a.extra)? || self.ignore_unrecognized {
            return Ok(());
        }
        invalid(format!("Unrecognized option: {text}"))
    }

    fn set_property(&mut self, key: &str, value: &str) {
        match self.properties.iter_mut().find(|(k, _)| k == key) {
            Some(e) => e.1 = value.to_string(),
            None => self.properties.push((key.to_string(), value.to_string())),
        }
    }

    fn numbered(&mut self, option: &'static str, property: &str, value: &str) -> Result<(), CreateError> {
        if option == "--patch-module" {
            let Some((module, paths)) = value.split_once('=') else {
                return invalid(format!("Unable to parse --patch-module: {value}"));
            };
            for path in paths.split(':') {
                self.patches.push((module.to_string(), path.to_string()));
            }
        }
        let n = match self.counters.iter_mut().find(|(o, _)| *o == option) {
            Some(c) => {
                c.1 += 1;
                c.1
            }
            None => {
                self.counters.push((option, 0));
                0
            }
        };
        self.set_property(&format!("{property}.{n}"), value);
        Ok(())
    }

    fn size(text: &str, option: &str, what: &str) -> Result<usize, CreateError> {
        match parse_size(text) {
            Some(n) => Ok(n),
            None => invalid(format!("Invalid {what}: {option}{text}")),
        }
    }

    /// Options other than `-D`, `-XX:` and module options; `false` when not known.
    fn plain(&mut self, text: &str, extra: *mut c_void) -> Result<bool, CreateError> {
        let o = &mut self.options;
        if let Some(v) = text.strip_prefix("-Xmx") {
            o.heap.max = Self::size(v, "-Xmx", "maximum heap size")?;
            self.max_given = true;
        } else if let Some(v) = text.strip_prefix("-Xms") {
            o.heap.initial = Self::size(v, "-Xms", "initial heap size")?;
            self.initial_given = true;
        } else if let Some(v) = text.strip_prefix("-Xmn") {
            o.heap.young = Some(Self::size(v, "-Xmn", "initial young generation size")?);
        } else if let Some(v) = text.strip_prefix("-Xss") {
            let n = Self::size(v, "-Xss", "thread stack size")?;
            if n < 136 * 1024 && n != 0 {
                return invalid("\nThe Java thread stack size specified is too small. Specify at least 136k");
            }
            o.thread_stack_size = if n == 0 { 1 << 20 } else { n };
        } else if let Some(v) = text.strip_prefix("-Xbootclasspath/a:") {
            self.boot_append.extend(v.split(':').filter(|s| !s.is_empty()).map(str::to_string));
        } else if let Some(v) = text.strip_prefix("-Xlog") {
            self.log(v);
        } else if let Some((on, what)) = text
            .strip_prefix("-ea")
            .or_else(|| text.strip_prefix("-enableassertions"))
            .map(|r| (true, r))
            .or_else(|| text.strip_prefix("-da").or_else(|| text.strip_prefix("-disableassertions")).map(|r| (false, r)))
        {
            match what.strip_prefix(':') {
                None if what.is_empty() => {
                    o.assertions.push(AssertionSwitch { name: String::new(), kind: AssertionKind::All, enabled: on });
                }
                Some(name) => {
                    let (name, kind) = match name.strip_suffix("...") {
                        Some(p) => (p, AssertionKind::Package),
                        None => (name, AssertionKind::Class),
                    };
                    let name = name.replace('.', "/");
                    o.assertions.push(AssertionSwitch { name, kind, enabled: on });
                }
                None => return Ok(false),
            }
        } else {
            match text {
                "-esa" | "-enablesystemassertions" => o.system_assertions = true,
                "-dsa" | "-disablesystemassertions" => o.system_assertions = false,
                "-verbose" | "-verbose:class" => {
                    o.verbose_class = true;
                    o.verbose_class_load = true;
                }
                "-verbose:gc" => o.verbose_gc = true,
                "-verbose:jni" => o.verbose_jni = true,
                "-Xint" => o.interpret_only = true,
                "-Xcomp" => o.jit.compile_all = true,
                "-Xbatch" => o.jit.background = false,
                "-Xcheck:jni" => o.check_jni = true,
                "-Xrs" => o.reduce_signal_usage = true,
                "-Xverify:all" | "-Xverify" => {
                    o.verify_local = true;
                    o.verify_remote = true;
                }
                "-Xverify:none" => {
                    eprintln!("Caturra 64-Bit VM warning: Options -Xverify:none and -noverify were deprecated in JDK 13 and will likely be removed in a future release.");
                    o.verify_local = false;
                    o.verify_remote = false;
                }
                "-Xverify:remote" => {
                    o.verify_local = false;
                    o.verify_remote = true;
                }
                "--enable-preview" => o.enable_preview = true,
                "exit" => {
                    // SAFETY: JNI defines the option's extra pointer as such a function.
                    o.exit_hook = unsafe { std::mem::transmute::<*mut c_void, Option<unsafe extern "C" fn(i32)>>(extra) };
                }
                "abort" => {
                    // SAFETY: as above.
                    o.abort_hook = unsafe { std::mem::transmute::<*mut c_void, Option<unsafe extern "C" fn()>>(extra) };
                }
                "vfprintf" => o.vfprintf_hook = Some(extra.cast_const()),
                "-Xmixed" | "-Xfuture" | "-Xnoclassgc" | "-XshowSettings" | "-Xdebug"
                | "-XX:" | "-server" | "-client" | "-Xprof" | "-Xshare:auto" | "-Xshare:off" | "-Xshare:on"
                | "-Xinternalversion" => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    fn log(&mut self, v: &str) {
        let what = v.trim_start_matches(':');
        let selection = what.split(':').next().unwrap_or("");
        for s in selection.split(',') {
            let (tags, level) = s.split_once('=').unwrap_or((s, "info"));
            let on = level != "off" && level != "warning" && level != "error";
            match tags {
                "class+load" | "class+load*" | "class*" => self.options.verbose_class_load = on,
                "class+init" => self.options.verbose_class_init = on,
                "gc" | "gc*" => self.options.verbose_gc = on,
                "bytecodes" => self.options.trace_bytecodes = on,
                "jni+resolve" => self.options.verbose_jni = on,
                _ => {}
            }
        }
    }

    fn xx(&mut self, text: &str) -> Result<(), CreateError> {
        let o = &mut self.options;
        let flag = match text.as_bytes().first() {
            Some(b'+') => Some((&text[1..], true)),
            Some(b'-') => Some((&text[1..], false)),
            _ => None,
        };
        if let Some((name, on)) = flag {
            match name {
                "BytecodeVerificationLocal" => o.verify_local = on,
                "BytecodeVerificationRemote" => o.verify_remote = on,
                "ShowHiddenFrames" => o.show_hidden_frames = on,
                "ShowCodeDetailsInExceptionMessages" => o.show_code_details = on,
                "StackTraceInThrowable" => o.stack_trace_in_throwable = on,
                "BackgroundCompilation" => o.jit.background = on,
                "UseOnStackReplacement" => o.jit.osr = on,
                "PrintCompilation" => o.jit.print_compilation = on,
                "CITime" => o.jit.print_times = on,
                "DumpPerfMapAtExit" => o.jit.perf_map_at_exit = on,
                "LivePerfMap" => o.jit.live_perf_map = on,
                "DisableExplicitGC" => o.disable_explicit_gc = on,
                "ReduceSignalUsage" => o.reduce_signal_usage = on,
                "UseContainerSupport" => o.use_container_support = on,
                "ExitOnOutOfMemoryError" => o.exit_on_out_of_memory = on,
                "CrashOnOutOfMemoryError" => o.crash_on_out_of_memory = on,
                "HeapDumpOnOutOfMemoryError" => o.heap_dump_on_out_of_memory = on,
                "TraceBytecodes" => o.trace_bytecodes = on,
                "CheckedInterpreter" => o.bytecode_verification_checked = on,
                "VerifyBeforeGC" | "VerifyAfterGC" | "VerifyHeap" => o.heap.verify = on,
                "ZapUnusedHeapArea" => o.heap.zap = on,
                "UseGCOverheadLimit" => o.heap.overhead_limit = on,
                "IgnoreUnrecognizedVMOptions" => self.ignore_unrecognized_xx = on,
                "PrintGC" | "PrintGCDetails" => o.verbose_gc = on,
                _ => self.unknown_xx.push(text.to_string()),
            }
            return Ok(());
        }
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let number = || parse_size(value);
        let bad = || invalid(format!("Improperly specified VM option '{text}'"));
        match name {
            "ReservedCodeCacheSize" | "TieredStopAtLevel" | "CompileThreshold" | "CICompilerCount" => {
                let Some(n) = number() else { return bad() };
                match name {
                    "ReservedCodeCacheSize" => o.jit.code_cache_size = n,
                    "TieredStopAtLevel" => o.jit.stop_at_level = n.min(4) as u8,
                    "CompileThreshold" => o.jit.threshold = Some(n.min(u32::MAX as usize) as u32),
                    _ => o.jit.threads = Some(n.clamp(1, 64)),
                }
            }
            "CompileThresholdScaling" => {
                let Ok(n) = value.parse::<f64>() else { return bad() };
                o.jit.threshold_scaling = n;
            }
            "CompileCommand" => o.jit.commands.push(value.to_string()),
            "CompileOnly" => {
                o.jit.commands.extend(value.split(',').map(|p| format!("compileonly,{p}")));
            }
            "MaxHeapSize" | "InitialHeapSize" | "ThreadStackSize" | "MaxNewSize" | "NewSize" | "MaxJavaStackTraceDepth"
            | "SoftRefLRUPolicyMSPerMB" | "MaxDirectMemorySize" | "ActiveProcessorCount" | "GCStressInterval" => {
                let Some(n) = number() else { return bad() };
                match name {
                    "MaxHeapSize" => {
                        o.heap.max = n;
                        self.max_given = true;
                    }
                    "InitialHeapSize" => {
                        o.heap.initial = n;
                        self.initial_given = true;
                    }
                    "ThreadStackSize" => o.thread_stack_size = n * 1024,
                    "MaxNewSize" | "NewSize" => o.heap.young = Some(n),
                    "MaxJavaStackTraceDepth" => o.max_stack_trace_depth = n,
                    "SoftRefLRUPolicyMSPerMB" => o.heap.soft_ref_ms_per_mb = n as u64,
                    "MaxDirectMemorySize" => o.max_direct_memory_size = Some(n as u64),
                    "ActiveProcessorCount" => o.active_processor_count = Some(n as u32),
                    _ => o.heap.stress_interval = n as u32,
                }
            }
            "MaxRAMPercentage" | "InitialRAMPercentage" => {
                let Ok(p) = value.parse::<f64>() else { return bad() };
                if name == "MaxRAMPercentage" {
                    self.max_ram_percentage = p;
                } else {
                    self.initial_ram_percentage = p;
                }
            }
            "JavaHome" => self.java_home = Some(PathBuf::from(value)),
            "ErrorFile" => o.error_file = Some(value.to_string()),
            _ => self.unknown_xx.push(text.to_string()),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Settings, CreateError> {
        if !self.unknown_xx.is_empty() {
            if !self.ignore_unrecognized_xx {
                return invalid(format!("Unrecognized VM option '{}'", self.unknown_xx[0]));
            }
            eprintln!(
                "Caturra 64-Bit VM warning: ignored VM option{} {}",
                if self.unknown_xx.len() > 1 { "s" } else { "" },
                self.unknown_xx.iter().map(|x| format!("-XX:{x}")).collect::<Vec<_>>().join(" ")
            );
        }
        let physical = crate::memory::physical(self.options.use_container_support) as f64;
        let heap = &mut self.options.heap;
        const LIMIT: usize = 30 << 30;
        if !self.max_given {
            heap.max = (physical * self.max_ram_percentage / 100.0) as usize;
            if self.initial_given {
                heap.max = heap.max.max(heap.initial);
            }
        }
        heap.max = heap.max.clamp(2 << 20, LIMIT).next_multiple_of(1 << 20);
        if !self.initial_given {
            heap.initial = ((physical * self.initial_ram_percentage / 100.0) as usize).min(heap.max);
        }
        if heap.initial > heap.max {
            return invalid("Initial heap size set to a larger value than the maximum heap size");
        }
        *self.options.system_properties.lock() = self.properties;
        Ok(Settings { options: self.options, patches: self.patches, boot_append: self.boot_append })
    }
}
