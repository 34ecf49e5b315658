//! Collections of a heap that has not been collected for a while, so that an idle program gives memory back (JEP 346):
//! `-XX:G1PeriodicGCInterval` in milliseconds, 0 for none, unless the machine's load is above
//! `-XX:G1PeriodicGCSystemLoadThreshold`.

use caturra_heap::GcCause;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::flags::Flag;
use caturra_kernel::runtime::log::line;
use caturra_kernel::runtime::log_config::Level;
use caturra_kernel::runtime::options::Options;
use caturra_kernel::runtime::safepoint::with_blocked;
use caturra_kernel::runtime::thread_list;
use caturra_kernel::{Thread, Vm};
use std::time::{Duration, Instant};

/// How long the thread sleeps at a time: it has to see that the VM ends.
const NAP: Duration = Duration::from_millis(100);
const NORMAL_PRIORITY: i32 = 5;

fn number(options: &Options, flag: &str) -> f64 {
    Flag::find(flag).map_or(0.0, |f| f.value(options).as_f64())
}

fn interval(vm: &Vm) -> Duration {
    Duration::from_millis(number(&vm.options, "G1PeriodicGCInterval") as u64)
}

/// Starts the thread that collects, where an interval is given.
pub fn start(t: &Thread) -> JResult<()> {
    let vm = t.vm();
    let interval = interval(vm);
    let log = |text: &str| line(vm, Level::Info, "gc,init", text);
    if interval.is_zero() {
        log("Periodic GC: Disabled");
        return Ok(());
    }
    log("Periodic GC: Enabled");
    log(&format!("Periodic GC Interval: {}ms", interval.as_millis()));
    thread_list::start_vm_thread(t, "Periodic GC", NORMAL_PRIORITY, run)
}

fn run(t: &Thread) {
    let (vm, interval) = (t.vm(), interval(t.vm()));
    let mut looked = Instant::now();
    let mut collected = (0, Instant::now());
    while !t.is_ending() {
        with_blocked(t, || std::thread::sleep(NAP.min(interval)));
        let stats = vm.heap.stats();
        let count = stats.minor_count + stats.full_count;
        if count != collected.0 {
            collected = (count, Instant::now());
        }
        if looked.elapsed() >= interval {
            looked = Instant::now();
            line(vm, Level::Debug, "gc,periodic", "Checking for periodic GC.");
            if is_due(vm, collected.1.elapsed(), interval) {
                vm.heap.collect(vm, GcCause::Periodic, false);
            }
        }
    }
}

fn is_due(vm: &Vm, since: Duration, interval: Duration) -> bool {
    let log = |text: &str| line(vm, Level::Debug, "gc,periodic", text);
    if since < interval {
        log(&format!(
            "Last GC occurred {}ms before which is below threshold {}ms. Skipping.",
            since.as_millis(),
            interval.as_millis()
        ));
        return false;
    }
    let most = number(&vm.options, "G1PeriodicGCSystemLoadThreshold");
    let mut load = 0.0;
    // SAFETY: fills in one number.
    let known = unsafe { libc::getloadavg(&raw mut load, 1) } == 1;
    if most > 0.0 && (!known || load > most) {
        log(&format!("Load {load:.2} is higher than threshold {most:.2}. Skipping."));
        return false;
    }
    true
}
