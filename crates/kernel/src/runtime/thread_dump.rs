//! Thread dumps in HotSpot's layout, and the search for deadlocks.

use crate::oops::class::ClassRef;
use crate::oops::method::MethodRef;
use crate::platform::linux;
use crate::runtime::frames::{self, Activation};
use crate::runtime::monitor;
use crate::runtime::thread::Thread;
use crate::runtime::thread_list::{self, ThreadStatus};
use crate::runtime::vm::Vm;
use caturra_heap::ObjRef;
use std::fmt::Write as _;
use std::io::Write as _;

/// Prints the dump of all threads to standard output, as SIGQUIT asks for.
pub fn print(t: &Thread) {
    let text = full_dump(t);
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// The dump of all threads.
pub fn full_dump(t: &Thread) -> String {
    let mut out = timestamp();
    let vm = t.vm();
    let _ = writeln!(out, "\nFull thread dump {}:\n", vm_description());
    // The heap is asked where objects begin.
    vm.heap.with_world_stopped(vm, || {
        vm.threads.with_all(|all| {
            for x in all.iter().rev().filter(|x| !x.object.get().is_null()) {
                thread(&mut out, vm, t, x);
                out.push('\n');
            }
            deadlock_report(&mut out, vm, t, all);
        });
    });
    let (strong, weak) = vm.globals.counts();
    let _ = writeln!(out, "JNI global refs: {strong}, weak refs: {weak}\n");
    out
}

fn vm_description() -> String {
    crate::platform::crash::identity().map_or_else(|| "Caturra".to_owned(), |i| i.vm.clone())
}

/// The local time, "2026-11-21 10:42:09".
pub fn timestamp() -> String {
    // SAFETY: fills in the structure.
    unsafe {
        let now = libc::time(std::ptr::null_mut());
        let mut parts: libc::tm = std::mem::zeroed();
        libc::localtime_r(&now, &mut parts);
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            parts.tm_year + 1900,
            parts.tm_mon + 1,
            parts.tm_mday,
            parts.tm_hour,
            parts.tm_min,
            parts.tm_sec
        )
    }
}

/// `java.lang.Thread.State` and its reason.
fn state_text(status: i32) -> &'static str {
    const NAMES: [(ThreadStatus, &str); 9] = [
        (ThreadStatus::New, "NEW"),
        (ThreadStatus::Runnable, "RUNNABLE"),
        (ThreadStatus::Sleeping, "TIMED_WAITING (sleeping)"),
        (ThreadStatus::InObjectWait, "WAITING (on object monitor)"),
        (ThreadStatus::InObjectWaitTimed, "TIMED_WAITING (on object monitor)"),
        (ThreadStatus::Parked, "WAITING (parking)"),
        (ThreadStatus::ParkedTimed, "TIMED_WAITING (parking)"),
        (ThreadStatus::BlockedOnMonitorEnter, "BLOCKED (on object monitor)"),
        (ThreadStatus::Terminated, "TERMINATED"),
    ];
    NAMES.iter().find(|(s, _)| *s as i32 == status).map_or("UNKNOWN", |(_, n)| n)
}

/// What the first line says the thread does.
fn activity(status: i32) -> &'static str {
    const NAMES: [(ThreadStatus, &str); 6] = [
        (ThreadStatus::Sleeping, "waiting on condition"),
        (ThreadStatus::Parked, "waiting on condition"),
        (ThreadStatus::ParkedTimed, "waiting on condition"),
        (ThreadStatus::InObjectWait, "in Object.wait()"),
        (ThreadStatus::InObjectWaitTimed, "in Object.wait()"),
        (ThreadStatus::BlockedOnMonitorEnter, "waiting for monitor entry"),
    ];
    NAMES.iter().find(|(s, _)| *s as i32 == status).map_or("runnable", |(_, n)| n)
}

fn thread(out: &mut String, vm: &Vm, t: &Thread, x: &Thread) {
    let object = x.object.get();
    let status = thread_list::raw_status(t, object);
    let read_i64 = |offset: u32| {
        if offset == 0 {
            0
        } else {
            // SAFETY: a live java.lang.Thread with such a field.
            unsafe { object.load::<i64>(offset as usize) }
        }
    };
    let _ = write!(out, "\"{}\" #{}", thread_list::name_of(vm, object), read_i64(vm.off.thread_tid()));
    if x.daemon.load(std::sync::atomic::Ordering::Relaxed) {
        out.push_str(" daemon");
    }
    if vm.off.thread_priority() != 0 {
        // SAFETY: as above.
        let _ = write!(out, " prio={}", unsafe { object.load::<i32>(vm.off.thread_priority() as usize) });
    }
    out.push_str(" os_prio=0");
    let os_thread = x.os_thread.get();
    if os_thread != 0
        && let Some(cpu) = linux::cpu_time(os_thread)
    {
        let _ = write!(out, " cpu={:.2}ms", cpu.as_secs_f64() * 1000.0);
    }
    let _ = writeln!(
        out,
        " elapsed={:.2}s tid={:#018x} nid={:#x} {}  [{:#018x}]",
        x.created.elapsed().as_secs_f64(),
        std::ptr::from_ref(x) as usize,
        x.os_tid.get(),
        activity(status),
        x.last_sp.get() & !0xfff
    );
    let _ = writeln!(out, "   java.lang.Thread.State: {}", state_text(status));
    stack(out, vm, t, x, status);
}

fn stack(out: &mut String, vm: &Vm, t: &Thread, x: &Thread, status: i32) {
    for (depth, a) in frames::walk(x).enumerate() {
        let _ = writeln!(out, "\tat {}", frame_text(a.method, a.bci));
        if depth == 0 {
            top_frame_monitor(out, vm, x, status);
        }
        frame_lock(out, t, x, &a);
    }
}

/// What the thread waits for, under its youngest frame.
fn top_frame_monitor(out: &mut String, vm: &Vm, x: &Thread, status: i32) {
    const WAIT: i32 = ThreadStatus::InObjectWait as i32;
    const WAIT_TIMED: i32 = ThreadStatus::InObjectWaitTimed as i32;
    const ENTER: i32 = ThreadStatus::BlockedOnMonitorEnter as i32;
    const PARK: i32 = ThreadStatus::Parked as i32;
    const PARK_TIMED: i32 = ThreadStatus::ParkedTimed as i32;
    let (what, object) = match status {
        WAIT | WAIT_TIMED => ("waiting on", x.blocked_on.get()),
        ENTER => ("waiting to lock", x.blocked_on.get()),
        PARK | PARK_TIMED => ("parking to wait for ", park_blocker(vm, x)),
        _ => return,
    };
    if !object.is_null() {
        let _ = writeln!(out, "\t- {what} {}", object_text(object));
    }
}

/// The lock of a synchronized method, and those of compiled blocks.
fn frame_lock(out: &mut String, t: &Thread, x: &Thread, a: &Activation<'_>) {
    let mut note = |lock: ObjRef| {
        if !lock.is_null() && monitor::owner(t, lock) == x.id {
            let _ = writeln!(out, "\t- locked {}", object_text(lock));
        }
    };
    if a.frame.is_null() {
        // SAFETY: the world has been stopped by the heap.
        unsafe { a.visit_compiled_locks(t.vm(), &mut note) };
    } else {
        // SAFETY: a frame of a stopped thread.
        note(unsafe { (*a.frame).lock });
    }
}

fn park_blocker(vm: &Vm, x: &Thread) -> ObjRef {
    // SAFETY: a live java.lang.Thread.
    unsafe { x.object.get().load_ref(vm.off.thread_park_blocker() as usize) }
}

fn object_text(object: ObjRef) -> String {
    // SAFETY: a live object.
    let class = unsafe { ClassRef::of(object) };
    format!("<{:#018x}> (a {})", object.addr() as usize, class.external_name())
}

/// "pkg.Class.method(module@version/File.java:12)".
pub fn frame_text(method: MethodRef, bci: i32) -> String {
    let class = method.holder;
    let mut out = format!("{}.{}(", class.external_name(), method.name);
    let module = class.module();
    if let Some(name) = module.name {
        let _ = write!(out, "{name}");
        if let Some(version) = *module.version.read() {
            let _ = write!(out, "@{version}");
        }
        out.push('/');
    }
    if method.is_native() {
        out.push_str("Native Method");
    } else {
        match (class.extra.source_file, method.line_number(bci.max(0) as u16)) {
            (Some(file), Some(line)) => {
                let _ = write!(out, "{file}:{line}");
            }
            (Some(file), None) => {
                let _ = write!(out, "{file}");
            }
            (None, _) => out.push_str("Unknown Source"),
        }
    }
    out.push(')');
    out
}

/// What a thread waits for, and who holds it.
struct Edge<'a> {
    thread: &'a Thread,
    object: ObjRef,
    is_monitor: bool,
    owner: usize,
}

fn edge<'a>(vm: &Vm, t: &Thread, all: &[&'a Thread], x: &'a Thread, synchronizers: bool) -> Option<Edge<'a>> {
    let java = x.object.get();
    if java.is_null() {
        return None;
    }
    let status = thread_list::raw_status(t, java);
    if status == ThreadStatus::BlockedOnMonitorEnter as i32 {
        let object = x.blocked_on.get();
        if object.is_null() {
            return None;
        }
        let id = monitor::owner(t, object);
        // One that has just got it is about to run.
        let owner = all.iter().position(|y| y.id == id && !std::ptr::eq(*y, x))?;
        return Some(Edge { thread: x, object, is_monitor: true, owner });
    }
    let parked = status == ThreadStatus::Parked as i32 || status == ThreadStatus::ParkedTimed as i32;
    if !synchronizers || !parked {
        return None;
    }
    let object = park_blocker(vm, x);
    // SAFETY: live objects of the tested classes.
    unsafe {
        if object.is_null() || !ClassRef::of(object).is_subclass_of(vm.wk.abstract_ownable_synchronizer()) {
            return None;
        }
        let holder = object.load_ref(vm.off.aos_exclusive_owner() as usize);
        let owner =
            all.iter().position(|y| !holder.is_null() && y.object.get() == holder && !std::ptr::eq(*y, x))?;
        Some(Edge { thread: x, object, is_monitor: false, owner })
    }
}

/// Cycles of threads that wait for each other's monitors (and, with `synchronizers`, for locks of
/// java.util.concurrent), each as positions in `all`. World stopped.
pub fn find_deadlocks(vm: &Vm, t: &Thread, all: &[&'static Thread], synchronizers: bool) -> Vec<Vec<usize>> {
    let edges: Vec<_> = all.iter().map(|x| edge(vm, t, all, x, synchronizers)).collect();
    let mut seen = vec![usize::MAX; all.len()];
    let mut cycles = Vec::new();
    for start in 0..all.len() {
        let mut at = start;
        while seen[at] == usize::MAX {
            seen[at] = start;
            match &edges[at] {
                Some(e) => at = e.owner,
                None => break,
            }
        }
        if seen[at] == start && edges[at].is_some() {
            let mut cycle = vec![at];
            let mut next = edges[at].as_ref().map_or(at, |e| e.owner);
            while next != at {
                cycle.push(next);
                next = edges[next].as_ref().map_or(at, |e| e.owner);
            }
            cycles.push(cycle);
        }
    }
    cycles
}

fn deadlock_report(out: &mut String, vm: &Vm, t: &Thread, all: &[&'static Thread]) {
    let cycles = find_deadlocks(vm, t, all, true);
    for cycle in &cycles {
        out.push_str("\nFound one Java-level deadlock:\n=============================\n");
        for &at in cycle {
            let Some(e) = edge(vm, t, all, all[at], true) else { continue };
            let _ = writeln!(out, "\"{}\":", thread_list::name_of(vm, e.thread.object.get()));
            // SAFETY: a live object.
            let class = unsafe { ClassRef::of(e.object) }.external_name();
            let address = e.object.addr() as usize;
            if e.is_monitor {
                let _ = writeln!(
                    out,
                    "  waiting to lock monitor {address:#018x} (object {address:#018x}, a {class}),"
                );
            } else {
                let _ = writeln!(out, "  waiting for ownable synchronizer {address:#018x}, (a {class}),");
            }
            let holder = thread_list::name_of(vm, all[e.owner].object.get());
            let _ = writeln!(out, "  which is held by \"{holder}\"\n");
        }
        out.push_str(
            "Java stack information for the threads listed above:\n===================================================\n",
        );
        for &at in cycle {
            let x = all[at];
            let _ = writeln!(out, "\"{}\":", thread_list::name_of(vm, x.object.get()));
            stack(out, vm, t, x, thread_list::raw_status(t, x.object.get()));
        }
    }
    match cycles.len() {
        0 => {}
        1 => out.push_str("\nFound 1 deadlock.\n\n"),
        n => {
            let _ = writeln!(out, "\nFound {n} deadlocks.\n");
        }
    }
}
