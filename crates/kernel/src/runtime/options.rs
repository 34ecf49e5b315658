//! The VM's options, as parsed from the launcher's or an embedder's arguments.

use crate::runtime::flags::FlagState;
use crate::runtime::log_config::LogConfig;
use parking_lot::Mutex;
use std::ffi::c_void;

/// Everything that is fixed when a VM is made.
pub struct Options {
    pub java_home: String,
    /// Feature release of the class library (17, 21, 25).
    pub release: u32,
    /// The newest class-file major version it knows (61 for 17).
    pub release_major_version: u16,
    /// The library's own version string ("17.0.15+6-Debian-1deb12u1").
    pub runtime_version: String,
    /// `-D` properties and those the VM defines, in order; Java reads them once.
    pub system_properties: Mutex<Vec<(String, String)>>,
    /// Who has set which `-XX` flag, and the values of those without an effect.
    pub flags: FlagState,
    /// `-Xlog`.
    pub log: LogConfig,
    /// `-XX:-PrintWarnings` silences warnings of the VM itself.
    pub print_warnings: bool,
    /// Arguments as given, for `RuntimeMXBean.getInputArguments` and crash reports.
    pub vm_arguments: Vec<String>,
    /// `-Xss`: stack size of Java threads in bytes.
    pub thread_stack_size: usize,
    pub heap: caturra_heap::HeapConfig,
    pub verify_local: bool,
    pub verify_remote: bool,
    pub enable_preview: bool,
    pub verbose_class: bool,
    pub verbose_class_load: bool,
    pub verbose_class_init: bool,
    pub verbose_gc: bool,
    /// `-Xlog:exceptions`, `class+resolve=debug`, `os+thread`, `stacktrace`, `protectiondomain=debug`.
    pub log_exceptions: bool,
    pub log_resolution: bool,
    pub log_threads: bool,
    pub log_stack_traces: bool,
    pub log_protection_domains: bool,
    /// `-XX:MaxMetaspaceSize=` in bytes.
    pub max_metaspace: u64,
    /// `-XX:MetaspaceSize=`: bytes of class metadata from which on a collection looks for dead class loaders.
    pub metaspace_threshold: u64,
    /// `-XX:MallocMaxTestWords=`: `Unsafe` allocates no larger blocks of words; 0 for no limit.
    pub malloc_max_test_words: u64,
    pub print_string_table_statistics: bool,
    pub verbose_jni: bool,
    pub check_jni: bool,
    pub trace_bytecodes: bool,
    pub show_hidden_frames: bool,
    /// `-XX:+ShowCodeDetailsInExceptionMessages`: helpful NullPointerExceptions.
    pub show_code_details: bool,
    /// `-XX:MaxJavaStackTraceDepth`.
    pub max_stack_trace_depth: usize,
    /// `@Contended` is honoured, with `restrict_contended` only in classes of the JDK.
    pub enable_contended: bool,
    pub restrict_contended: bool,
    /// `-XX:-StackTraceInThrowable` switches traces off.
    pub stack_trace_in_throwable: bool,
    /// `-Xint`: no compilers.
    pub interpret_only: bool,
    pub jit: JitOptions,
    pub disable_explicit_gc: bool,
    pub max_direct_memory_size: Option<u64>,
    pub reduce_signal_usage: bool,
    pub use_container_support: bool,
    pub active_processor_count: Option<u32>,
    /// `-ea`, `-da` switches: (package or class or empty for all, package-wide, enabled), in order.
    pub assertions: Vec<AssertionSwitch>,
    /// `-esa`.
    pub system_assertions: bool,
    /// `-XX:+CrashOnOutOfMemoryError`, `-XX:+ExitOnOutOfMemoryError`, `-XX:OnOutOfMemoryError=`.
    pub exit_on_out_of_memory: bool,
    pub crash_on_out_of_memory: bool,
    pub heap_dump_on_out_of_memory: bool,
    /// `-XX:ErrorFile=`.
    pub error_file: Option<String>,
    pub bytecode_verification_checked: bool,
    /// Hooks of JavaVMOption: `exit`, `abort`, `vfprintf`.
    pub exit_hook: Option<unsafe extern "C" fn(i32)>,
    pub abort_hook: Option<unsafe extern "C" fn()>,
    pub vfprintf_hook: Option<*const c_void>,
    /// `-XX:+DisableAttachMechanism`: `jcmd` and others cannot reach this VM.
    pub disable_attach: bool,
    /// `-XX:+StartAttachListener`: be ready for them from the start.
    pub start_attach_listener: bool,
    /// `-XX:-EnableDynamicAgentLoading` forbids agents in a running VM.
    pub dynamic_agents: bool,
    /// `-XX:-UsePerfData`, `-XX:+PerfDisableSharedMem`: `jps` does not see this VM.
    pub use_perf_data: bool,
    pub perf_disable_shared_memory: bool,
    /// No class library: the engine boots on its own built-in classes.
    pub bare: bool,
}

/// Options of the compilers.
#[derive(Clone, Debug)]
pub struct JitOptions {
    /// `-Xcomp`: methods are compiled at their first call, and the caller waits.
    pub compile_all: bool,
    /// `-XX:TieredStopAtLevel`: 0 interprets, 1 to 3 stop at tier 1.
    pub stop_at_level: u8,
    /// `-XX:CompileThreshold`, scaled by `-XX:CompileThresholdScaling`.
    pub threshold: Option<u32>,
    pub threshold_scaling: f64,
    /// `-XX:-TieredCompilation`: with `-Xcomp`, tier 2 at once.
    pub tiered: bool,
    /// `-XX:Tier3InvocationThreshold`, `Tier3MinInvocationThreshold`, `Tier3CompileThreshold`, `Tier3BackEdgeThreshold`: of
    /// tier 1, which makes the profiles.
    pub tier3_invocations: u32,
    pub tier3_least_invocations: u32,
    pub tier3_total: u32,
    pub tier3_back_edges: u32,
    /// `-XX:Tier4InvocationThreshold`, `Tier4MinInvocationThreshold`, `Tier4CompileThreshold`, `Tier4BackEdgeThreshold`.
    pub tier4_invocations: u32,
    pub tier4_least_invocations: u32,
    pub tier4_total: u32,
    pub tier4_back_edges: u32,
    /// `-XX:+DeoptimizeALot`: guards of optimised code fail for no reason, now and then.
    pub stress_deoptimisation: bool,
    /// `-XX:+StressInlining`: what may be inlined is by chance, as `-XX:StressSeed` has it.
    pub stress_inlining: bool,
    pub stress_seed: u32,
    /// `-XX:HirPasses`: a bit for each pass of the optimiser.
    pub hir_passes: u64,
    pub print_inlining: bool,
    /// `-XX:-BackgroundCompilation`, `-Xbatch`: callers wait for the compiler.
    pub background: bool,
    /// `-XX:+UseOnStackReplacement`.
    pub osr: bool,
    /// `-XX:CICompilerCount`.
    pub threads: Option<usize>,
    /// `-XX:ReservedCodeCacheSize` in bytes.
    pub code_cache_size: usize,
    /// `-XX:+UseCodeCacheFlushing`: where the code cache is full, code that is not called makes room.
    pub flush_code: bool,
    pub print_compilation: bool,
    /// `-XX:+CITime`.
    pub print_times: bool,
    /// `-XX:CompileCommand`, each as given.
    pub commands: Vec<String>,
    /// `-XX:CompileOnly`, its patterns.
    pub compile_only: Vec<String>,
    /// `-XX:+DumpPerfMapAtExit`.
    pub perf_map_at_exit: bool,
    /// `-XX:+LivePerfMap`: the perf map grows as methods are compiled.
    pub live_perf_map: bool,
}

impl Default for JitOptions {
    fn default() -> JitOptions {
        JitOptions {
            compile_all: false,
            stop_at_level: 4,
            threshold: None,
            threshold_scaling: 1.0,
            tiered: true,
            // Eight times and four times HotSpot's, but for loops: code costs more to make in tier 1 than in C1, and the
            // interpreter is faster at calls, so that it takes as many more executions to pay back. Measured over short
            // programs; the time to peak speed of long ones does not grow by it.
            tier3_invocations: 1600,
            tier3_least_invocations: 800,
            tier3_total: 16_000,
            tier3_back_edges: 60_000,
            tier4_invocations: 20_000,
            tier4_least_invocations: 2400,
            tier4_total: 60_000,
            tier4_back_edges: 40_000,
            stress_deoptimisation: false,
            stress_inlining: false,
            stress_seed: 0,
            hir_passes: u64::MAX,
            print_inlining: false,
            background: true,
            osr: true,
            threads: None,
            code_cache_size: 240 << 20,
            flush_code: true,
            print_compilation: false,
            print_times: false,
            commands: Vec::new(),
            compile_only: Vec::new(),
            perf_map_at_exit: false,
            live_perf_map: false,
        }
    }
}

/// One `-ea`/`-da` switch.
#[derive(Clone, Debug)]
pub struct AssertionSwitch {
    /// Class or package in internal form; empty for the unnamed package or all.
    pub name: String,
    pub kind: AssertionKind,
    pub enabled: bool,
}

/// What an assertion switch applies to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AssertionKind {
    All,
    Package,
    Class,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            java_home: String::new(),
            release: 17,
            release_major_version: 61,
            runtime_version: String::new(),
            system_properties: Mutex::default(),
            flags: FlagState::default(),
            log: LogConfig::default(),
            print_warnings: true,
            vm_arguments: Vec::new(),
            thread_stack_size: 1 << 20,
            heap: caturra_heap::HeapConfig::default(),
            verify_local: false,
            verify_remote: true,
            enable_preview: false,
            verbose_class: false,
            verbose_class_load: false,
            verbose_class_init: false,
            verbose_gc: false,
            log_exceptions: false,
            log_resolution: false,
            log_threads: false,
            log_stack_traces: false,
            log_protection_domains: false,
            max_metaspace: u64::MAX,
            metaspace_threshold: 21 << 20,
            malloc_max_test_words: 0,
            print_string_table_statistics: false,
            verbose_jni: false,
            check_jni: false,
            trace_bytecodes: false,
            show_hidden_frames: false,
            show_code_details: true,
            max_stack_trace_depth: 1024,
            enable_contended: true,
            restrict_contended: true,
            stack_trace_in_throwable: true,
            interpret_only: false,
            jit: JitOptions::default(),
            disable_explicit_gc: false,
            max_direct_memory_size: None,
            reduce_signal_usage: false,
            use_container_support: true,
            active_processor_count: None,
            assertions: Vec::new(),
            system_assertions: false,
            exit_on_out_of_memory: false,
            crash_on_out_of_memory: false,
            heap_dump_on_out_of_memory: false,
            error_file: None,
            bytecode_verification_checked: false,
            exit_hook: None,
            abort_hook: None,
            vfprintf_hook: None,
            disable_attach: false,
            start_attach_listener: false,
            dynamic_agents: true,
            use_perf_data: true,
            perf_disable_shared_memory: false,
            bare: false,
        }
    }
}

impl Options {
    /// Whether a launcher made the VM, whose process ends with it.
    pub fn is_launcher(&self) -> bool {
        self.system_properties.lock().iter().any(|(key, _)| key == "sun.java.launcher")
    }

    /// A warning of the VM itself.
    pub fn warning(&self, text: &str) {
        if self.print_warnings {
            eprintln!("Caturra 64-Bit VM warning: {text}");
        }
    }

    /// `java.vm.info`: how code runs, as `java -version` shows it.
    pub fn vm_info(&self) -> &'static str {
        if self.interpret_only || self.jit.stop_at_level == 0 {
            "interpreted mode"
        } else if self.jit.compile_all {
            "compiled mode"
        } else {
            "mixed mode"
        }
    }
}
