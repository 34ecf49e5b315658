//! The `-XX` flags: one table with type, range, class and place of every flag that this VM knows.
//!
//! Flags of HotSpot have HotSpot's types, ranges and classes. Most have no effect here, because they choose or tune
//! parts that this VM does not have (its one collector, its one kind of thread-local buffer …): they are
//! *accepted*, here or in [`crate::runtime::hotspot_flags`].

use crate::runtime::hotspot_flags::HOTSPOT_FLAGS;
use crate::runtime::options::Options;

/// A flag's value.
#[derive(Clone, Debug, PartialEq)]
pub enum FlagValue {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Option<String>),
}

impl FlagValue {
    fn as_bool(&self) -> bool {
        matches!(self, FlagValue::Bool(true))
    }
    /// Numbers only; what does not fit is cut off.
    fn as_i64(&self) -> i64 {
        match self {
            FlagValue::Int(v) => *v,
            FlagValue::Uint(v) => i64::try_from(*v).unwrap_or(i64::MAX),
            _ => 0,
        }
    }
    fn as_u64(&self) -> u64 {
        match self {
            FlagValue::Uint(v) => *v,
            FlagValue::Int(v) => u64::try_from(*v).unwrap_or(0),
            _ => 0,
        }
    }
    pub fn as_f64(&self) -> f64 {
        match self {
            FlagValue::Double(v) => *v,
            FlagValue::Int(v) => *v as f64,
            FlagValue::Uint(v) => *v as f64,
            _ => 0.0,
        }
    }
    fn into_text(self) -> Option<String> {
        match self {
            FlagValue::Text(text) => text,
            _ => None,
        }
    }
}

impl std::fmt::Display for FlagValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FlagValue::Bool(v) => write!(f, "{v}"),
            FlagValue::Int(v) => write!(f, "{v}"),
            FlagValue::Uint(v) => write!(f, "{v}"),
            FlagValue::Double(v) => write!(f, "{v:.6}"),
            FlagValue::Text(v) => f.write_str(v.as_deref().unwrap_or("")),
        }
    }
}

/// HotSpot's types; the names are what messages and listings show.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FlagType {
    bool,
    int,
    uint,
    intx,
    uintx,
    size_t,
    uint64_t,
    double,
    ccstr,
    /// Each setting adds a line.
    ccstrlist,
}

impl FlagType {
    pub fn name(self) -> &'static str {
        match self {
            FlagType::bool => "bool",
            FlagType::int => "int",
            FlagType::uint => "uint",
            FlagType::intx => "intx",
            FlagType::uintx => "uintx",
            FlagType::size_t => "size_t",
            FlagType::uint64_t => "uint64_t",
            FlagType::double => "double",
            FlagType::ccstr => "ccstr",
            FlagType::ccstrlist => "ccstrlist",
        }
    }
    pub fn is_signed(self) -> bool {
        matches!(self, FlagType::int | FlagType::intx)
    }
    pub fn is_text(self) -> bool {
        matches!(self, FlagType::ccstr | FlagType::ccstrlist)
    }
    /// The least and the greatest number of the type.
    fn limits(self) -> (i128, i128) {
        match self {
            FlagType::int => (i128::from(i32::MIN), i128::from(i32::MAX)),
            FlagType::uint => (0, i128::from(u32::MAX)),
            FlagType::intx => (i128::from(i64::MIN), i128::from(i64::MAX)),
            _ => (0, i128::from(u64::MAX)),
        }
    }
}

/// Who a flag is for.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FlagClass {
    product,
    /// May be changed while the VM runs, where management supports it.
    manageable,
    /// Needs `-XX:+UnlockDiagnosticVMOptions` before it.
    diagnostic,
    /// Needs `-XX:+UnlockExperimentalVMOptions` before it.
    experimental,
    /// This VM's own.
    caturra,
}

impl FlagClass {
    pub fn name(self) -> &'static str {
        match self {
            FlagClass::product => "product",
            FlagClass::manageable => "manageable",
            FlagClass::diagnostic => "diagnostic",
            FlagClass::experimental => "experimental",
            FlagClass::caturra => "caturra",
        }
    }
}

/// Who has set a flag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FlagOrigin {
    Default,
    CommandLine,
    Environment,
    ConfigFile,
    /// Computed by the VM.
    Ergonomic,
}

impl FlagOrigin {
    pub fn name(self) -> &'static str {
        match self {
            FlagOrigin::Default => "default",
            FlagOrigin::CommandLine => "command line",
            FlagOrigin::Environment => "environment",
            FlagOrigin::ConfigFile => "config file",
            FlagOrigin::Ergonomic => "ergonomic",
        }
    }
    /// HotSpot's number of it, as `jmm.h` has it.
    pub fn number(self) -> i32 {
        match self {
            FlagOrigin::Default => 1,
            FlagOrigin::CommandLine => 2,
            FlagOrigin::Environment => 4,
            FlagOrigin::ConfigFile => 5,
            FlagOrigin::Ergonomic => 6,
        }
    }
}

/// What was set, by whom, and the values of flags without an effect.
#[derive(Clone, Debug, Default)]
pub struct FlagState {
    origins: Vec<(&'static str, FlagOrigin)>,
    accepted: Vec<(&'static str, FlagValue)>,
}

impl FlagState {
    pub fn origin(&self, name: &str) -> FlagOrigin {
        self.origins.iter().find(|(n, _)| *n == name).map_or(FlagOrigin::Default, |(_, o)| *o)
    }
    pub fn set_origin(&mut self, name: &'static str, origin: FlagOrigin) {
        match self.origins.iter_mut().find(|(n, _)| *n == name) {
            Some(entry) => entry.1 = origin,
            None => self.origins.push((name, origin)),
        }
    }
    fn accepted(&self, name: &str) -> Option<FlagValue> {
        self.accepted.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone())
    }
    fn accept(&mut self, name: &'static str, value: FlagValue) {
        match self.accepted.iter_mut().find(|(n, _)| *n == name) {
            Some(entry) => entry.1 = value,
            None => self.accepted.push((name, value)),
        }
    }
}

/// One flag.
pub struct Flag {
    pub name: &'static str,
    pub ty: FlagType,
    pub class: FlagClass,
    pub(crate) range: Range,
    pub(crate) access: Access,
}

/// Which values are allowed; both ends are.
#[derive(Clone, Copy)]
pub(crate) enum Range {
    /// All of the type.
    OfType,
    /// Infinity stands for the limit of the type.
    Ends(f64, f64),
    Integer(i128, i128),
}

/// Where a flag's value lives.
pub(crate) enum Access {
    Own {
        read: fn(&Options) -> FlagValue,
        write: fn(&mut Options, FlagValue),
    },
    /// It has no effect; what was set is kept in [`FlagState`].
    Accepted(Preset),
}

/// The default of a flag without an effect.
#[derive(Clone, Copy)]
pub(crate) enum Preset {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text,
}

impl Preset {
    fn value(self) -> FlagValue {
        match self {
            Preset::Bool(v) => FlagValue::Bool(v),
            Preset::Int(v) => FlagValue::Int(v),
            Preset::Uint(v) => FlagValue::Uint(v),
            Preset::Double(v) => FlagValue::Double(v),
            Preset::Text => FlagValue::Text(None),
        }
    }
}

/// All flags, by name: those that this VM has, and those of HotSpot that it accepts.
pub fn all() -> impl Iterator<Item = &'static Flag> {
    let (mut own, mut accepted) = (FLAGS.iter().peekable(), HOTSPOT_FLAGS.iter().peekable());
    std::iter::from_fn(move || match (own.peek(), accepted.peek()) {
        (Some(a), Some(b)) if a.name > b.name => accepted.next(),
        (Some(_), _) => own.next(),
        (None, _) => accepted.next(),
    })
}

/// Code calls code by 32-bit displacements.
const LARGEST_CODE_CACHE: u64 = 2 << 30;

/// What a value has to fulfil beyond its range.
fn constraint(name: &str, value: &FlagValue) -> Option<String> {
    match (name, value) {
        ("ObjectAlignmentInBytes", FlagValue::Int(v)) if !(*v as u64).is_power_of_two() => {
            Some(format!("ObjectAlignmentInBytes ({v}) must be power of 2"))
        }
        ("ReservedCodeCacheSize", FlagValue::Uint(v)) if *v > LARGEST_CODE_CACHE => Some(format!(
            "Invalid ReservedCodeCacheSize={}M. Must be at most {}M.",
            v >> 20,
            LARGEST_CODE_CACHE >> 20
        )),
        _ => None,
    }
}

/// A value that does not fit.
#[derive(Debug, PartialEq, Eq)]
pub enum BadValue {
    /// It is no value of the type at all.
    Malformed,
    /// The text says which range it has left.
    OutOfRange(String),
}

impl Flag {
    pub fn find(name: &str) -> Option<&'static Flag> {
        [FLAGS, HOTSPOT_FLAGS]
            .iter()
            .find_map(|table| table.binary_search_by(|f| f.name.cmp(name)).ok().map(|i| &table[i]))
    }

    pub fn value(&self, options: &Options) -> FlagValue {
        match &self.access {
            Access::Own { read, .. } => read(options),
            Access::Accepted(preset) => options.flags.accepted(self.name).unwrap_or_else(|| preset.value()),
        }
    }

    fn write(&self, options: &mut Options, value: FlagValue) {
        match &self.access {
            Access::Own { write, .. } => write(options, value),
            Access::Accepted(_) => options.flags.accept(self.name, value),
        }
    }

    /// Sets a flag of type `bool`.
    pub fn set_bool(&self, options: &mut Options, on: bool, origin: FlagOrigin) {
        self.write(options, FlagValue::Bool(on));
        options.flags.set_origin(self.name, origin);
    }

    /// Sets a flag of another type from the text behind `=`.
    ///
    /// # Errors
    /// [`BadValue`]; nothing is changed then.
    pub fn set_text(&self, options: &mut Options, text: &str, origin: FlagOrigin) -> Result<(), BadValue> {
        let value = self.parse(options, text)?;
        if let Some(why) = constraint(self.name, &value) {
            return Err(BadValue::OutOfRange(why));
        }
        self.write(options, value);
        options.flags.set_origin(self.name, origin);
        Ok(())
    }

    /// Sets a flag to a value that the VM has chosen; it is of the flag's type.
    pub fn set_ergonomic(&self, options: &mut Options, value: FlagValue) {
        self.write(options, value);
        options.flags.set_origin(self.name, FlagOrigin::Ergonomic);
    }

    fn parse(&self, options: &Options, text: &str) -> Result<FlagValue, BadValue> {
        match self.ty {
            FlagType::bool => Err(BadValue::Malformed),
            FlagType::ccstr => Ok(FlagValue::Text(Some(text.to_string()))),
            FlagType::ccstrlist => Ok(FlagValue::Text(Some(match self.value(options).into_text() {
                Some(before) if !before.is_empty() => format!("{before}\n{text}"),
                _ => text.to_string(),
            }))),
            FlagType::double => {
                let number: f64 =
                    text.parse().ok().filter(|n: &f64| n.is_finite()).ok_or(BadValue::Malformed)?;
                match self.range {
                    Range::Ends(low, high) if number < low || number > high => {
                        Err(BadValue::OutOfRange(format!(
                            "double {}={number:.6} is outside the allowed range [ {low:.6} ... {high:.6} ]",
                            self.name
                        )))
                    }
                    _ => Ok(FlagValue::Double(number)),
                }
            }
            ty => {
                let number = parse_integer(text).ok_or(BadValue::Malformed)?;
                let (least, greatest) = ty.limits();
                if number < least || number > greatest {
                    return Err(BadValue::Malformed);
                }
                let (low, high) = self.integer_range();
                if number < low || number > high {
                    return Err(BadValue::OutOfRange(format!(
                        "{} {}={number} is outside the allowed range [ {low} ... {high} ]",
                        ty.name(),
                        self.name
                    )));
                }
                Ok(if ty.is_signed() {
                    FlagValue::Int(number as i64)
                } else {
                    FlagValue::Uint(number as u64)
                })
            }
        }
    }

    /// Both ends of the range, `None` when only the type limits it.
    pub fn range_text(&self) -> Option<(String, String)> {
        match self.range {
            Range::OfType => None,
            Range::Ends(low, high) if self.ty == FlagType::double => {
                Some((format!("{low:.3}"), format!("{:.3}", high.min(f64::MAX))))
            }
            _ => {
                let (low, high) = self.integer_range();
                Some((low.to_string(), high.to_string()))
            }
        }
    }

    /// The range of a flag that is an integer.
    fn integer_range(&self) -> (i128, i128) {
        let (least, greatest) = self.ty.limits();
        match self.range {
            Range::OfType => (least, greatest),
            Range::Ends(low, high) => (bound(low, least), bound(high, greatest)),
            Range::Integer(low, high) => (low, high),
        }
    }

    /// "-XX:+Name" or "-XX:Name=value".
    pub fn setting(&self, options: &Options) -> String {
        match self.value(options) {
            FlagValue::Bool(true) => format!("-XX:+{}", self.name),
            FlagValue::Bool(false) => format!("-XX:-{}", self.name),
            value => format!("-XX:{}={value}", self.name),
        }
    }
}

/// An end of a range as an integer; infinity stands for the end of the type.
fn bound(end: f64, limit: i128) -> i128 {
    if end.is_infinite() { limit } else { end as i128 }
}

/// "-3", "64m", "0x10".
fn parse_integer(text: &str) -> Option<i128> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let number = i128::from(parse_size(text)?);
    Some(if negative { -number } else { number })
}

/// "64m" and its like: decimal or hexadecimal digits, with a unit or without.
pub fn parse_size(text: &str) -> Option<u64> {
    let (digits, shift) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 10),
        b'm' | b'M' => (&text[..text.len() - 1], 20),
        b'g' | b'G' => (&text[..text.len() - 1], 30),
        b't' | b'T' => (&text[..text.len() - 1], 40),
        _ => (text, 0),
    };
    let number = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with('+') => u64::from_str_radix(hex, 16).ok()?,
        Some(_) => return None,
        None if digits.starts_with('+') => return None,
        None => digits.parse().ok()?,
    };
    number.checked_mul(1 << shift)
}

/// Conversions between a field of [`Options`] and a flag's value.
trait Place {
    fn read(&self) -> FlagValue;
    fn write(&mut self, value: FlagValue);
}

macro_rules! places {
    ($($ty:ty: |$r:ident| $read:expr, |$w:ident| $write:expr;)*) => { $(
        impl Place for $ty {
            fn read(&self) -> FlagValue {
                let $r = self;
                $read
            }
            fn write(&mut self, $w: FlagValue) {
                *self = $write;
            }
        }
    )* };
}
places! {
    bool: |v| FlagValue::Bool(*v), |w| w.as_bool();
    usize: |v| FlagValue::Uint(*v as u64), |w| w.as_u64() as usize;
    u64: |v| FlagValue::Uint(*v), |w| w.as_u64();
    u32: |v| FlagValue::Uint(u64::from(*v)), |w| u32::try_from(w.as_u64()).unwrap_or(u32::MAX);
    u8: |v| FlagValue::Uint(u64::from(*v)), |w| u8::try_from(w.as_u64()).unwrap_or(u8::MAX);
    f64: |v| FlagValue::Double(*v), |w| w.as_f64();
    Option<String>: |v| FlagValue::Text(v.clone()), |w| w.into_text();
    Option<usize>: |v| FlagValue::Uint(v.unwrap_or(0) as u64), |w| Some(w.as_u64() as usize);
    Option<u64>: |v| FlagValue::Uint(v.unwrap_or(0)), |w| Some(w.as_u64());
}

/// Rows: `type[range] Name class` and where the value lives: `=> field` of [`Options`], `accepted(default)` for a flag
/// without an effect, `by(read, write)` for closures.
macro_rules! flags {
    ($($ty:ident $([$low:expr, $high:expr])? $name:ident $class:ident
        $(=> $($field:ident).+)? $(accepted($default:expr))? $(by($read:expr, $write:expr))?;)*) => {
        /// The flags of this VM, by name.
        static FLAGS: &[Flag] = &[$(Flag {
            name: stringify!($name),
            ty: FlagType::$ty,
            class: FlagClass::$class,
            range: flags!(@range $($low, $high)?),
            access: Access::Own {
                read: flags!(@read $name $($($field).+)? $(accepted($default))? $(by($read))?),
                write: flags!(@write $name $($($field).+)? $(accepted($default))? $(by($write))?),
            },
        }),*];
    };
    (@range) => { Range::OfType };
    (@range $low:expr, $high:expr) => { Range::Ends($low as f64, $high as f64) };
    (@read $name:ident accepted($default:expr)) => {
        |o| o.flags.accepted(stringify!($name)).unwrap_or($default)
    };
    (@read $name:ident by($read:expr)) => { $read };
    (@read $name:ident $($field:ident).+) => { |o| o.$($field).+.read() };
    (@write $name:ident accepted($default:expr)) => { |o, v| o.flags.accept(stringify!($name), v) };
    (@write $name:ident by($write:expr)) => { $write };
    (@write $name:ident $($field:ident).+) => { |o, v| o.$($field).+.write(v) };
}

const INFINITY: f64 = f64::INFINITY;
const NO_TEXT: FlagValue = FlagValue::Text(None);
const OFF: FlagValue = FlagValue::Bool(false);
const ON: FlagValue = FlagValue::Bool(true);
const ZERO: FlagValue = FlagValue::Uint(0);

flags! {
    int ActiveProcessorCount product by(
        |o| FlagValue::Int(o.active_processor_count.map_or(-1, i64::from)),
        |o, v| o.active_processor_count = u32::try_from(v.as_i64()).ok().filter(|n| *n > 0)
    );
    bool AllowUserSignalHandlers product accepted(OFF);
    bool AlwaysPreTouch product accepted(OFF);
    intx[0, INFINITY] AutoBoxCacheMax product accepted(FlagValue::Int(128));
    bool BackgroundCompilation product => jit.background;
    bool BytecodeVerificationLocal diagnostic => verify_local;
    bool BytecodeVerificationRemote diagnostic => verify_remote;
    intx[1, 64] CICompilerCount product by(
        |o| FlagValue::Int(o.jit.threads.unwrap_or(1) as i64),
        |o, v| o.jit.threads = usize::try_from(v.as_i64()).ok()
    );
    bool CITime product => jit.print_times;
    bool CheckedInterpreter caturra => bytecode_verification_checked;
    bool ClassUnloading product accepted(ON);
    ccstrlist CompileCommand product by(
        |o| FlagValue::Text((!o.jit.commands.is_empty()).then(|| o.jit.commands.join("\n"))),
        |o, v| o.jit.commands = v.into_text().map_or_else(Vec::new, |t| t.lines().map(str::to_string).collect())
    );
    ccstrlist CompileOnly product by(
        |o| FlagValue::Text((!o.jit.compile_only.is_empty()).then(|| o.jit.compile_only.join(","))),
        |o, v| {
            let text = v.into_text().unwrap_or_default();
            o.jit.compile_only = text.split([',', '\n']).filter(|p| !p.is_empty()).map(str::to_string).collect();
        }
    );
    intx[0, 1073741823] CompileThreshold product by(
        |o| FlagValue::Int(o.jit.threshold.map_or(10_000, i64::from)),
        |o, v| o.jit.threshold = u32::try_from(v.as_i64()).ok()
    );
    double[0, INFINITY] CompileThresholdScaling product => jit.threshold_scaling;
    uint ConcGCThreads product accepted(ZERO);
    bool CrashOnOutOfMemoryError product => crash_on_out_of_memory;
    bool DeoptimizeALot caturra => jit.stress_deoptimisation;
    bool DisableAttachMechanism product => disable_attach;
    bool DisableExplicitGC product => disable_explicit_gc;
    bool DumpPerfMapAtExit diagnostic => jit.perf_map_at_exit;
    bool EnableContended product => enable_contended;
    bool EnableDynamicAgentLoading product => dynamic_agents;
    ccstr ErrorFile product => error_file;
    bool ExitOnOutOfMemoryError product => exit_on_out_of_memory;
    uintx G1HeapRegionSize product accepted(ZERO);
    uintx GCStressInterval caturra by(
        |o| FlagValue::Uint(u64::from(o.heap.stress_interval)),
        |o, v| o.heap.stress_interval = u32::try_from(v.as_u64()).unwrap_or(u32::MAX)
    );
    uint64_t HirPasses caturra => jit.hir_passes;
    bool IgnoreUnrecognizedVMOptions product accepted(ON);
    size_t InitialHeapSize product => heap.initial;
    uintx[1, INFINITY] InitialRAMFraction product accepted(FlagValue::Uint(64));
    double[0, 100] InitialRAMPercentage product accepted(FlagValue::Double(1.5625));
    ccstr JavaHome caturra by(
        |o| FlagValue::Text(Some(o.java_home.clone())),
        |o, v| o.java_home = v.into_text().unwrap_or_default()
    );
    bool LivePerfMap caturra => jit.live_perf_map;
    uintx MallocMaxTestWords diagnostic => malloc_max_test_words;
    uint64_t MaxDirectMemorySize product => max_direct_memory_size;
    uintx[1, INFINITY] MaxGCPauseMillis product accepted(FlagValue::Uint(200));
    uintx[0, 100] MaxHeapFreeRatio manageable accepted(FlagValue::Uint(70));
    size_t MaxHeapSize product => heap.max;
    intx[0, 1073741823] MaxJavaStackTraceDepth product => max_stack_trace_depth;
    size_t MaxMetaspaceSize product => max_metaspace;
    size_t MaxNewSize product => heap.young;
    uint64_t MaxRAM product accepted(FlagValue::Uint(128 << 30));
    uintx[1, INFINITY] MaxRAMFraction product accepted(FlagValue::Uint(4));
    double[0, 100] MaxRAMPercentage product accepted(FlagValue::Double(25.0));
    size_t MetaspaceSize product => metaspace_threshold;
    uintx[0, 100] MinHeapFreeRatio manageable accepted(FlagValue::Uint(40));
    size_t MinHeapSize product accepted(ZERO);
    uintx[1, INFINITY] MinRAMFraction product accepted(FlagValue::Uint(2));
    double[0, 100] MinRAMPercentage product accepted(FlagValue::Double(50.0));
    bool MoveObjects caturra => heap.moving;
    size_t NewSize product => heap.young;
    uint64_t OutOfMemoryAtNth caturra => heap.out_of_memory_at;
    uint ParallelGCThreads product accepted(ZERO);
    bool PerfDisableSharedMem product => perf_disable_shared_memory;
    bool PreserveFramePointer product accepted(OFF);
    bool PrintCommandLineFlags product accepted(OFF);
    bool PrintCompilation product => jit.print_compilation;
    bool PrintFlagsFinal product accepted(OFF);
    bool PrintFlagsInitial product accepted(OFF);
    bool PrintFlagsRanges product accepted(OFF);
    bool PrintGC product accepted(OFF);
    bool PrintGCDetails product accepted(OFF);
    bool PrintInlining diagnostic => jit.print_inlining;
    bool PrintStringTableStatistics product => print_string_table_statistics;
    bool PrintVMOptions product accepted(OFF);
    bool PrintWarnings product => print_warnings;
    bool ReduceSignalUsage product => reduce_signal_usage;
    uintx[4096, INFINITY] ReservedCodeCacheSize product => jit.code_cache_size;
    bool RestrictContended product => restrict_contended;
    bool SegmentedCodeCache product accepted(OFF);
    ccstr SharedArchiveFile product accepted(NO_TEXT);
    bool ShowCodeDetailsInExceptionMessages manageable => show_code_details;
    bool ShowHiddenFrames diagnostic => show_hidden_frames;
    intx[0, INFINITY] SoftRefLRUPolicyMSPerMB product => heap.soft_ref_ms_per_mb;
    bool StackTraceInThrowable product => stack_trace_in_throwable;
    bool StartAttachListener product => start_attach_listener;
    bool StressInlining caturra => jit.stress_inlining;
    uint StressSeed diagnostic => jit.stress_seed;
    intx[0, 1048576] ThreadStackSize product by(
        |o| FlagValue::Int((o.thread_stack_size / 1024) as i64),
        |o, v| o.thread_stack_size = match v.as_u64() { 0 => 1 << 20, k => k as usize * 1024 }
    );
    intx[0, 2147483647] Tier3BackEdgeThreshold product => jit.tier3_back_edges;
    intx[0, 2147483647] Tier3CompileThreshold product => jit.tier3_total;
    intx[0, 2147483647] Tier3InvocationThreshold product => jit.tier3_invocations;
    intx[0, 2147483647] Tier3MinInvocationThreshold product => jit.tier3_least_invocations;
    intx[0, 2147483647] Tier4BackEdgeThreshold product => jit.tier4_back_edges;
    intx[0, 2147483647] Tier4CompileThreshold product => jit.tier4_total;
    intx[0, 2147483647] Tier4InvocationThreshold product => jit.tier4_invocations;
    intx[0, 2147483647] Tier4MinInvocationThreshold product => jit.tier4_least_invocations;
    bool TieredCompilation product => jit.tiered;
    intx[0, 4] TieredStopAtLevel product => jit.stop_at_level;
    bool TraceBytecodes caturra => trace_bytecodes;
    bool UnlockDiagnosticVMOptions product accepted(OFF);
    bool UnlockExperimentalVMOptions product accepted(OFF);
    bool UseBiasedLocking product accepted(OFF);
    bool UseCodeCacheFlushing product => jit.flush_code;
    bool UseCompressedClassPointers product accepted(ON);
    bool UseCompressedOops product accepted(ON);
    bool UseContainerSupport product => use_container_support;
    bool UseEpsilonGC experimental accepted(OFF);
    bool UseG1GC product accepted(OFF);
    bool UseGCOverheadLimit product => heap.overhead_limit;
    bool UseLargePages product accepted(OFF);
    bool UseNUMA product accepted(OFF);
    bool UseOnStackReplacement product => jit.osr;
    bool UseParallelGC product accepted(OFF);
    bool UsePerfData product => use_perf_data;
    bool UseSerialGC product accepted(OFF);
    bool UseSharedSpaces product accepted(OFF);
    bool UseShenandoahGC product accepted(OFF);
    bool UseSignalChaining product accepted(ON);
    bool UseStringDeduplication product accepted(OFF);
    bool UseTLAB product accepted(ON);
    bool UseTransparentHugePages product accepted(OFF);
    bool UseZGC product accepted(OFF);
    bool VerifyAfterGC diagnostic => heap.verify;
    bool VerifyBeforeGC diagnostic => heap.verify;
    bool VerifyHeap caturra => heap.verify;
    bool ZapUnusedHeapArea caturra => heap.zap;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_values_survive_a_round_trip() {
        assert!(FLAGS.is_sorted_by_key(|f| f.name) && HOTSPOT_FLAGS.is_sorted_by_key(|f| f.name));
        let mut last = "";
        for flag in all() {
            assert!(last < flag.name, "{} twice", flag.name);
            last = flag.name;
            let mut o = Options::default();
            let value = flag.value(&o);
            flag.write(&mut o, value.clone());
            if flag.name != "JavaHome" {
                assert_eq!(flag.value(&o), value, "{}", flag.name);
            }
        }
    }

    #[test]
    fn values_are_checked_against_type_and_range() {
        let mut o = Options::default();
        let mut set = |name: &str, text: &str| {
            Flag::find(name).unwrap().set_text(&mut o, text, FlagOrigin::CommandLine)
        };
        assert_eq!(set("MaxHeapSize", "64m"), Ok(()));
        assert_eq!(set("MaxHeapSize", "-1"), Err(BadValue::Malformed));
        assert_eq!(set("MaxHeapSize", ""), Err(BadValue::Malformed));
        assert_eq!(set("MaxJavaStackTraceDepth", "0x10"), Ok(()));
        assert_eq!(
            set("MaxJavaStackTraceDepth", "-1"),
            Err(BadValue::OutOfRange(
                "intx MaxJavaStackTraceDepth=-1 is outside the allowed range [ 0 ... 1073741823 ]".into()
            ))
        );
        assert_eq!(
            set("MaxRAMPercentage", "150"),
            Err(BadValue::OutOfRange(
                "double MaxRAMPercentage=150.000000 is outside the allowed range [ 0.000000 ... 100.000000 ]"
                    .into()
            ))
        );
        assert_eq!(set("CompileCommand", "quiet"), Ok(()));
        assert_eq!(set("CompileCommand", "exclude,a.B::c"), Ok(()));
        assert_eq!(o.heap.max, 64 << 20);
        assert_eq!(o.max_stack_trace_depth, 16);
        assert_eq!(o.jit.commands, ["quiet", "exclude,a.B::c"]);
        assert_eq!(o.flags.origin("MaxHeapSize"), FlagOrigin::CommandLine);
    }
}
