//! VM options as `com.sun.management.HotSpotDiagnosticMXBean` shows them: the flags whose meaning this VM
//! shares with HotSpot and that programs look at.

use crate::boundary::{c, local, obj};
use crate::process;
use crate::properties::string_array;
use caturra_heap::ObjRef;
use caturra_heap::layout::ARRAY_BASE;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::strings;
use caturra_kernel::{Thread, Vm};
use std::ptr::null_mut;

enum Value {
    Bool(bool),
    Long(i64),
}

/// (name, present value). None can be changed while the VM runs.
type Flag = (&'static str, fn(&Vm) -> Value);

const FLAGS: &[Flag] = &[
    ("ActiveProcessorCount", |vm| Value::Long(vm.options.active_processor_count.map_or(-1, i64::from))),
    ("DisableExplicitGC", |vm| Value::Bool(vm.options.disable_explicit_gc)),
    ("HeapDumpOnOutOfMemoryError", |_| Value::Bool(false)),
    ("InitialHeapSize", |vm| Value::Long(vm.heap.config().initial as i64)),
    ("MaxDirectMemorySize", |vm| Value::Long(vm.options.max_direct_memory_size.unwrap_or(0) as i64)),
    ("MaxHeapSize", |vm| Value::Long(vm.heap.max() as i64)),
    ("ObjectAlignmentInBytes", |_| Value::Long(8)),
    ("PrintConcurrentLocks", |_| Value::Bool(false)),
    ("ReduceSignalUsage", |vm| Value::Bool(vm.options.reduce_signal_usage)),
    ("SoftRefLRUPolicyMSPerMB", |vm| Value::Long(vm.heap.config().soft_ref_ms_per_mb as i64)),
    ("UseCompressedClassPointers", |_| Value::Bool(true)),
    ("UseCompressedOops", |_| Value::Bool(true)),
    ("UseContainerSupport", |vm| Value::Bool(vm.options.use_container_support)),
    ("UseGCOverheadLimit", |vm| Value::Bool(vm.heap.config().overhead_limit)),
];

/// Number of flags.
pub fn count() -> usize {
    FLAGS.len()
}

/// "-XX:…" of every flag, as `VM.flags` prints them.
pub fn print(vm: &Vm) -> String {
    let items: Vec<String> = FLAGS
        .iter()
        .map(|(name, value)| match value(vm) {
            Value::Bool(true) => format!("-XX:+{name}"),
            Value::Bool(false) => format!("-XX:-{name}"),
            Value::Long(v) => format!("-XX:{name}={v}"),
        })
        .collect();
    format!("{} (processors: {})\n", items.join(" "), process::processor_count(vm))
}

/// `jmmVMGlobal`.
#[repr(C)]
pub struct Global {
    name: c::jstring,
    value: c::jvalue,
    kind: c::jint,
    origin: c::jint,
    /// Bit 0: writeable, bit 1: external.
    bits: u32,
    reserved: [usize; 2],
}

const KIND_BOOLEAN: c::jint = 1;
const KIND_LONG: c::jint = 3;
const ORIGIN_DEFAULT: c::jint = 1;
const ORIGIN_COMMAND_LINE: c::jint = 2;

fn global(t: &Thread, flag: &Flag) -> JResult<Global> {
    let (value, kind) = match (flag.1)(t.vm()) {
        Value::Bool(v) => (c::jvalue { z: c::jboolean::from(v) }, KIND_BOOLEAN),
        Value::Long(v) => (c::jvalue { j: v }, KIND_LONG),
    };
    let given = t.vm().options.vm_arguments.iter().any(|a| {
        a.strip_prefix("-XX:").is_some_and(|a| {
            let name = a.trim_start_matches(['+', '-']);
            name == flag.0 || name.strip_prefix(flag.0).is_some_and(|rest| rest.starts_with('='))
        })
    });
    Ok(Global {
        name: local(t, strings::new_string(t, flag.0)?),
        value,
        kind,
        origin: if given { ORIGIN_COMMAND_LINE } else { ORIGIN_DEFAULT },
        bits: 0,
        reserved: [0; 2],
    })
}

jmm_entry! {
    fn get_vm_global_names(t) -> c::jobjectArray {
        Ok(local(t, string_array(t, FLAGS.iter().map(|f| f.0))?))
    }

    /// Fills `globals` with the flags of those names, or with all when `names` is null; the name of an
    /// unknown one becomes null. The number of flags found.
    fn get_vm_globals(t; names: c::jobjectArray, globals: *mut Global, count: c::jint) -> c::jint {
        if globals.is_null() {
            return Err(exceptions::npe(t));
        }
        let room = count.max(0) as usize;
        // SAFETY: a valid handle.
        let names = unsafe { obj(names) };
        if names.is_null() {
            for (i, flag) in FLAGS.iter().enumerate().take(room) {
                let entry = global(t, flag)?;
                // SAFETY: `i < room`.
                unsafe { globals.add(i).write(entry) };
            }
            return Ok(FLAGS.len().min(room) as c::jint);
        }
        let mut found = 0;
        // SAFETY: `names` is a live array.
        for i in 0..(unsafe { names.array_length() } as usize).min(room) {
            // SAFETY: a live array of strings with more than `i` elements; room in `globals`.
            unsafe {
                let name: ObjRef = names.load_ref(ARRAY_BASE + 4 * i);
                if name.is_null() {
                    return Err(exceptions::npe(t));
                }
                let name = strings::to_rust(name);
                match FLAGS.iter().find(|f| f.0 == name) {
                    Some(flag) => {
                        globals.add(i).write(global(t, flag)?);
                        found += 1;
                    }
                    None => (*globals.add(i)).name = null_mut(),
                }
            }
        }
        Ok(found)
    }

    fn set_vm_global(t; name: c::jstring, _value: c::jvalue) {
        // SAFETY: a valid handle.
        let name = unsafe { obj(name) };
        if name.is_null() {
            return Err(exceptions::throw(t, "java/lang/NullPointerException", "The flag name cannot be null."));
        }
        let name = strings::to_rust(name);
        let message = if FLAGS.iter().any(|f| f.0 == name) {
            "only 'writeable' flags can be set"
        } else {
            return Err(exceptions::throw(
                t,
                "java/lang/IllegalArgumentException",
                &format!("flag {name} does not exist."),
            ));
        };
        Err(exceptions::throw(t, "java/lang/IllegalArgumentException", message))
    }
}
