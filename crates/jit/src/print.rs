//! What the compilers tell about their work: `-XX:+PrintCompilation`, `-XX:+CITime`, listings of one method, perf maps.

use crate::nmethod::NMethod;
use crate::{Jit, Rejected};
use caturra_kernel::{MethodRef, Vm};
use parking_lot::Mutex;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

#[derive(Default)]
struct Totals {
    methods: u64,
    loops: u64,
    rejected: u64,
    bytecodes: u64,
    code: u64,
    time: Duration,
}

/// Prints, and keeps the totals.
pub struct Printer {
    started: Instant,
    compilations: bool,
    times: bool,
    totals: Mutex<Totals>,
    /// The live perf map.
    map: Option<Mutex<File>>,
}

fn map_path() -> String {
    format!("/tmp/perf-{}.map", std::process::id())
}

fn map_line(start: usize, size: usize, what: &str) -> String {
    format!("{start:x} {size:x} {what}\n")
}

fn described(n: &NMethod) -> String {
    let kind = if n.osr_bci.is_some() { " (osr)" } else { "" };
    format!("{}{kind}", n.method.describe())
}

impl Printer {
    pub fn new(vm: &Vm) -> Printer {
        let options = &vm.options.jit;
        let open = || OpenOptions::new().create(true).append(true).open(map_path()).ok().map(Mutex::new);
        Printer {
            started: vm.started,
            compilations: options.print_compilation,
            times: options.print_times,
            totals: Mutex::default(),
            map: options.live_perf_map.then(open).flatten(),
        }
    }

    /// "     65    1       1       java.lang.Object::<init> (1 bytes)"
    fn line(&self, method: MethodRef, id: u32, osr: Option<u32>, note: &str) -> String {
        let mark = |on: bool, c: char| if on { c } else { ' ' };
        let mut line = format!(
            "{:7} {:4} {}{}{}    1       {}::{}",
            self.started.elapsed().as_millis(),
            id,
            mark(osr.is_some(), '%'),
            mark(method.is_synchronized(), 's'),
            mark(!method.exception_table.is_empty(), '!'),
            method.holder.external_name(),
            method.name,
        );
        if let Some(bci) = osr {
            let _ = write!(line, " @ {bci}");
        }
        let _ = write!(line, " ({} bytes){note}", method.bytecode.len());
        line
    }

    pub fn compiled(
        &self,
        jit: &Jit,
        method: MethodRef,
        id: u32,
        osr: Option<u32>,
        (start, size): (usize, usize),
        time: Duration,
    ) {
        if self.compilations {
            println!("{}", self.line(method, id, osr, ""));
        }
        if let (Some(map), Some(n)) = (&self.map, jit.cache.find(start)) {
            // A profiler's aid: a full disk must not disturb the program.
            let _ = map.lock().write_all(map_line(start, size, &described(n)).as_bytes());
        }
        let mut totals = self.totals.lock();
        totals.methods += 1;
        totals.loops += u64::from(osr.is_some());
        totals.bytecodes += method.bytecode.len() as u64;
        totals.code += size as u64;
        totals.time += time;
    }

    pub fn rejected(&self, method: MethodRef, id: u32, osr: Option<u32>, why: &Rejected) {
        if self.compilations {
            println!("{}", self.line(method, id, osr, &format!("   COMPILE SKIPPED: {why:?}")));
        }
        self.totals.lock().rejected += 1;
    }

    /// Methods and loops compiled, bytes of their code, time spent.
    pub fn totals(&self) -> (u64, u64, Duration) {
        let t = self.totals.lock();
        (t.methods, t.code, t.time)
    }

    pub fn print_times(&self) {
        if !self.times {
            return;
        }
        let t = self.totals.lock();
        let per = |n: f64| n / t.bytecodes.max(1) as f64;
        println!(
            "\n  Total compiled methods    : {:8} methods ({} at loops, {} rejected)",
            t.methods, t.loops, t.rejected
        );
        println!("  Total compiled bytecodes  : {:8} bytes", t.bytecodes);
        println!("  Total compilation time    : {:8.3} s", t.time.as_secs_f64());
        println!("  Average compilation speed : {:8.2} us/byte", per(t.time.as_secs_f64() * 1e6));
        println!("  nmethod code size         : {:8} bytes ({:.1} per byte)", t.code, per(t.code as f64));
    }

    pub fn ir(&self, method: MethodRef, text: &str) {
        println!("; IR of {}\n{text}", method.describe());
    }

    /// The code generator's listing of the code, and its bytes.
    pub fn machine_code(&self, method: MethodRef, listing: &str, bytes: &[u8]) {
        println!("; code of {}, {} bytes\n{listing}", method.describe(), bytes.len());
        let mut hex = String::new();
        for (i, b) in bytes.iter().enumerate() {
            let _ = write!(hex, "{}{b:02x}", if i % 32 == 0 { "\n" } else { " " });
        }
        println!("{}\n", hex.trim_start());
    }
}

impl Jit {
    /// Writes the perf map of everything in the cache.
    fn dump_perf_map(&self) -> std::io::Result<()> {
        let mut text = map_line(self.to_interpreter, 1, "caturra: compiled to interpreter");
        for call in crate::runtime_calls::RuntimeCall::ALL {
            text.push_str(&map_line(
                self.stub(*call),
                call.stub().len(),
                &format!("caturra: {}", call.name()),
            ));
        }
        self.for_each_method(|n| text.push_str(&map_line(n.start, n.size, &described(n))));
        std::fs::write(map_path(), text)
    }
}

static AT_EXIT: Mutex<Vec<Weak<Jit>>> = Mutex::new(Vec::new());

extern "C" fn dump_all() {
    for jit in AT_EXIT.lock().iter().filter_map(Weak::upgrade) {
        if let Err(e) = jit.dump_perf_map() {
            eprintln!("Caturra 64-Bit VM warning: Failed to create {}: {e}", map_path());
        }
    }
}

/// With `-XX:+DumpPerfMapAtExit`, has the map written when the process ends, however it does so in good order.
pub fn dump_at_exit(jit: &Arc<Jit>) {
    if !jit.vm().options.jit.perf_map_at_exit {
        return;
    }
    let mut all = AT_EXIT.lock();
    if all.is_empty() {
        // SAFETY: a function that lives as long as the process.
        unsafe { libc::atexit(dump_all) };
    }
    all.push(Arc::downgrade(jit));
}
