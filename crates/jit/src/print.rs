//! What the compilers tell about their work: `-XX:+PrintCompilation`, `-XX:+CITime`, listings of one method, perf maps.

use crate::nmethod::NMethod;
use crate::tier2::traps::Traps;
use crate::{Jit, Rejected};
use caturra_kernel::{MethodRef, Vm};
use parking_lot::Mutex;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// Sums over compilations: of whole methods, and of those entered at loops.
#[derive(Default, Clone, Copy)]
struct Sum {
    count: u64,
    /// Those of inlined methods included.
    bytecodes: u64,
    time: Duration,
}

#[derive(Default)]
struct Tier {
    methods: Sum,
    loops: Sum,
    code: u64,
}

#[derive(Default)]
struct Totals {
    /// Tier 1 and tier 2.
    tiers: [Tier; 2],
    rejected: u64,
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
    fn line(&self, method: MethodRef, id: u32, tier: u8, osr: Option<u32>, note: &str) -> String {
        let mark = |on: bool, c: char| if on { c } else { ' ' };
        let mut line = format!(
            "{:7} {:4} {}{}{}    {tier}       {}::{}",
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

    #[allow(clippy::too_many_arguments)]
    pub fn compiled(
        &self,
        jit: &Jit,
        method: MethodRef,
        id: u32,
        tier: u8,
        osr: Option<u32>,
        (start, size): (usize, usize),
        time: Duration,
    ) {
        if self.compilations {
            println!("{}", self.line(method, id, tier, osr, ""));
        }
        let Some(n) = jit.cache.find(start) else { return };
        if let Some(map) = &self.map {
            // A profiler's aid: a full disk must not disturb the program.
            let _ = map.lock().write_all(map_line(start, size, &described(n)).as_bytes());
        }
        let mut totals = self.totals.lock();
        let tier = &mut totals.tiers[usize::from(n.tier > 1)];
        let sum = if osr.is_some() { &mut tier.loops } else { &mut tier.methods };
        sum.count += 1;
        sum.bytecodes += n.scopes.iter().map(|s| s.method.bytecode.len() as u64).sum::<u64>();
        sum.time += time;
        tier.code += size as u64;
    }

    /// Code that is not entered any more.
    pub fn retired(&self, n: &NMethod) {
        if self.compilations {
            println!("{}", self.line(n.method, n.id, n.tier, n.osr_bci, "   made not entrant"));
        }
    }

    /// Code that is freed.
    pub fn freed(&self, n: &NMethod) {
        if self.compilations {
            println!("{}", self.line(n.method, n.id, n.tier, n.osr_bci, "   made zombie"));
        }
    }

    pub fn rejected(&self, method: MethodRef, id: u32, tier: u8, osr: Option<u32>, why: &Rejected) {
        if self.compilations {
            println!("{}", self.line(method, id, tier, osr, &format!("   COMPILE SKIPPED: {why:?}")));
        }
        self.totals.lock().rejected += 1;
    }

    /// Methods and loops compiled, bytes of their code, time spent.
    pub fn totals(&self) -> (u64, u64, Duration) {
        let t = self.totals.lock();
        let sums = || t.tiers.iter().flat_map(|t| [t.methods, t.loops]);
        (sums().map(|s| s.count).sum(), t.tiers.iter().map(|t| t.code).sum(), sums().map(|s| s.time).sum())
    }

    /// What `-XX:+CITime` asks for, a line a tier.
    pub fn print_times(&self, traps: &Traps, deoptimisations: u64) {
        if !self.times {
            return;
        }
        let t = self.totals.lock();
        for (name, tier) in ["T1", "T2"].iter().zip(&t.tiers) {
            let (m, l) = (tier.methods, tier.loops);
            let seconds = (m.time + l.time).as_secs_f64();
            println!(
                "  {name} {{speed: {:.3} bytes/s; standard: {:.3} s, {} bytes, {} methods; osr: {:.3} s, {} bytes, {} \
                 methods; nmethods_code_size: {} bytes}}",
                (m.bytecodes + l.bytecodes) as f64 / seconds.max(1e-9),
                m.time.as_secs_f64(),
                m.bytecodes,
                m.count,
                l.time.as_secs_f64(),
                l.bytecodes,
                l.count,
                tier.code
            );
        }
        println!("  Rejected: {} methods", t.rejected);
        println!("  Deoptimisations: {deoptimisations}");
        for (n, method, bci, reason) in traps.most_frequent(10) {
            println!("  {n:8} {reason:?} in {} @ {bci}", method.describe());
        }
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
