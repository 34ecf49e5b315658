//! Diagnostic commands (`com.sun.management.DiagnosticCommandMBean`).

use crate::boundary::{c, local, obj};
use crate::management::flags;
use crate::management::state;
use crate::properties::{self, string_array};
use caturra_heap::layout::ARRAY_BASE;
use caturra_heap::{GcCause, ObjRef};
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::{strings, thread_dump};
use caturra_kernel::{ClassRef, Thread};
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int};
use std::fmt::Write;
use std::ptr::null;
use std::sync::atomic::Ordering;

/// A command without arguments.
struct Command {
    name: &'static CStr,
    description: &'static CStr,
    impact: &'static CStr,
    run: fn(&Thread) -> JResult<String>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: c"GC.class_histogram",
        description: c"Provide statistics about the Java heap usage.",
        impact: c"High: Depends on Java heap size and content.",
        run: class_histogram,
    },
    Command {
        name: c"GC.heap_info",
        description: c"Provide generic Java heap information.",
        impact: c"Medium",
        run: heap_info,
    },
    Command {
        name: c"GC.run",
        description: c"Call java.lang.System.gc().",
        impact: c"Medium: Depends on Java heap size and content.",
        run: run_gc,
    },
    Command {
        name: c"Thread.print",
        description: c"Print all threads with stacktraces.",
        impact: c"Medium: Depends on the number of threads.",
        run: |t| Ok(thread_dump::full_dump(t)),
    },
    Command {
        name: c"VM.command_line",
        description: c"Print the command line used to start this VM instance.",
        impact: c"Low",
        run: command_line,
    },
    Command {
        name: c"VM.flags",
        description: c"Print VM flag options and their current values.",
        impact: c"Low",
        run: |t| Ok(flags::print(t.vm())),
    },
    Command {
        name: c"VM.uptime",
        description: c"Print VM uptime.",
        impact: c"Low",
        run: |t| Ok(format!("{:.3} s\n", t.vm().started.elapsed().as_secs_f64())),
    },
    Command {
        name: c"VM.version",
        description: c"Print JVM version information.",
        impact: c"Low",
        run: |_| Ok(format!("{} version {}\n", properties::VM_NAME, properties::VM_VERSION)),
    },
];

fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.name.to_bytes() == name.as_bytes())
}

fn run_gc(t: &Thread) -> JResult<String> {
    t.vm().heap.collect(t.vm(), GcCause::SystemGc, false);
    Ok(String::new())
}

fn heap_info(t: &Thread) -> JResult<String> {
    let s = t.vm().heap.stats();
    Ok(format!(
        " heap            total {}K, used {}K, max {}K\n large objects   {}, {}K\n collections     {} minor, {} full\n Metaspace       used {}K\n",
        s.committed >> 10,
        s.used >> 10,
        s.max >> 10,
        s.large_objects,
        s.large_bytes >> 10,
        s.minor_count,
        s.full_count,
        t.vm().metaspace.used() >> 10,
    ))
}

fn command_line(t: &Thread) -> JResult<String> {
    let options = &t.vm().options;
    let command = options
        .system_properties
        .lock()
        .iter()
        .rev()
        .find(|(k, _)| k == "sun.java.command")
        .map_or_else(|| "<unknown>".to_owned(), |(_, v)| v.clone());
    Ok(format!("VM Arguments:\njvm_args: {}\njava_command: {command}\n", options.vm_arguments.join(" ")))
}

/// Instances and bytes by class, largest first. Dead objects are collected before.
fn class_histogram(t: &Thread) -> JResult<String> {
    let vm = t.vm();
    vm.heap.collect(vm, GcCause::HeapInspection, false);
    let mut by_class: HashMap<u32, (u64, u64)> = HashMap::new();
    vm.heap.for_each_object(vm, &mut |object| {
        // SAFETY: the heap presents live objects.
        let (class, size) = unsafe { (object.class_word(), vm.heap.object_size(object)) };
        let entry = by_class.entry(class).or_default();
        entry.0 += 1;
        entry.1 += size as u64;
    });
    // This thread has not reached a safepoint since: the classes are all loaded still.
    let mut rows: Vec<(u64, u64, String)> = by_class
        .into_iter()
        .map(|(class, (count, bytes))| {
            // SAFETY: the class word of an object is its class's address.
            (bytes, count, unsafe { ClassRef::from_raw(u64::from(class)) }.external_name())
        })
        .collect();
    rows.sort_by(|a, b| b.cmp(a));
    let mut out = String::from(
        " num     #instances         #bytes  class name\n-------------------------------------------------------\n",
    );
    let (mut count, mut bytes) = (0, 0);
    for (i, row) in rows.iter().enumerate() {
        let _infallible = writeln!(out, "{:4}: {:13} {:14}  {}", i + 1, row.1, row.0, row.2);
        count += row.1;
        bytes += row.0;
    }
    let _infallible = writeln!(out, "Total {count:13} {bytes:14}");
    Ok(out)
}

/// `dcmdInfo`.
#[repr(C)]
pub struct CommandInfo {
    name: *const c_char,
    description: *const c_char,
    impact: *const c_char,
    permission_class: *const c_char,
    permission_name: *const c_char,
    permission_action: *const c_char,
    num_arguments: c_int,
    enabled: c::jboolean,
}

fn unknown(t: &Thread) -> exceptions::Thrown {
    exceptions::throw(t, "java/lang/IllegalArgumentException", "Unknown diagnostic command")
}

fn missing(t: &Thread, what: &str) -> exceptions::Thrown {
    exceptions::throw(t, "java/lang/NullPointerException", what)
}

jmm_entry! {
    fn get_diagnostic_commands(t) -> c::jobjectArray {
        let names: Vec<String> = COMMANDS.iter().map(|c| c.name.to_string_lossy().into_owned()).collect();
        Ok(local(t, string_array(t, names.iter().map(String::as_str))?))
    }

    fn get_diagnostic_command_info(t; commands: c::jobjectArray, infos: *mut CommandInfo) {
        // SAFETY: a valid handle.
        let commands = unsafe { obj(commands) };
        if commands.is_null() || infos.is_null() {
            return Err(exceptions::npe(t));
        }
        // SAFETY: a live array.
        for i in 0..unsafe { commands.array_length() } as usize {
            // SAFETY: a live array of strings with more than `i` elements.
            let name: ObjRef = unsafe { commands.load_ref(ARRAY_BASE + 4 * i) };
            if name.is_null() {
                return Err(missing(t, "Command name cannot be null."));
            }
            let Some(command) = find(&strings::to_rust(name)) else { return Err(unknown(t)) };
            // SAFETY: C code passes an array as long as `commands`.
            unsafe {
                infos.add(i).write(CommandInfo {
                    name: command.name.as_ptr(),
                    description: command.description.as_ptr(),
                    impact: command.impact.as_ptr(),
                    permission_class: c"java.lang.management.ManagementPermission".as_ptr(),
                    permission_name: c"monitor".as_ptr(),
                    permission_action: null(),
                    num_arguments: 0,
                    enabled: 1,
                });
            }
        }
        Ok(())
    }

    fn get_diagnostic_command_arguments_info(t; command: c::jstring, _infos: *mut u8, count: c::jint) {
        // SAFETY: a valid handle.
        let command = unsafe { obj(command) };
        if command.is_null() {
            return Err(missing(t, "Command line cannot be null."));
        }
        match find(&strings::to_rust(command)) {
            None => Err(unknown(t)),
            Some(_) if count != 0 => Err(exceptions::throw(
                t,
                "java/lang/InternalError",
                "jmm_GetDiagnosticCommandArgumentsInfo count mismatch",
            )),
            Some(_) => Ok(()),
        }
    }

    fn execute_diagnostic_command(t; line: c::jstring) -> c::jstring {
        // SAFETY: a valid handle.
        let line = unsafe { obj(line) };
        if line.is_null() {
            return Err(missing(t, "Command line cannot be null."));
        }
        let line = strings::to_rust(line);
        let (name, arguments) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let Some(command) = find(name) else { return Err(unknown(t)) };
        if !arguments.trim().is_empty() {
            return Err(exceptions::throw(
                t,
                "java/lang/IllegalArgumentException",
                &format!("Unknown argument '{}' in diagnostic command.", arguments.trim()),
            ));
        }
        let output = (command.run)(t)?;
        Ok(local(t, strings::new_string(t, &output)?))
    }

    fn set_diagnostic_framework_notification_enabled(t; enabled: c::jboolean) {
        state::of(t.vm()).command_notifications.store(enabled != 0, Ordering::Relaxed);
        Ok(())
    }
}
