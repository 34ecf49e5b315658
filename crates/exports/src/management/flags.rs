//! `-XX` flags as `jcmd VM.flags` and `com.sun.management.HotSpotDiagnosticMXBean` show them.

use crate::boundary::{c, local, obj};
use crate::properties::string_array;
use caturra_heap::ObjRef;
use caturra_heap::layout::ARRAY_BASE;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::flags::{Flag, FlagClass, FlagOrigin, FlagValue, all};
use caturra_kernel::runtime::options::Options;
use caturra_kernel::runtime::strings;
use caturra_kernel::{Thread, Vm};
use std::ptr::null_mut;

/// Number of flags.
pub fn count() -> usize {
    all().count()
}

/// `VM.flags`: the flags that were set, as one could give them, or a listing of all.
pub fn print(vm: &Vm, every: bool) -> String {
    if every {
        return listing(&vm.options);
    }
    let set = all().filter(|f| vm.options.flags.origin(f.name) != FlagOrigin::Default);
    let mut text: String = set.map(|f| format!("{} ", f.setting(&vm.options))).collect();
    text.push('\n');
    text
}

/// `-XX:+PrintFlagsFinal`: type, name, value, class and origin of every flag, in the columns that tools parse.
pub fn listing(o: &Options) -> String {
    let mut text = String::from("[Global flags]\n");
    for flag in all() {
        let value = flag.value(o).to_string();
        let mut lines = value.split('\n').peekable();
        let mut head = format!("{:>9} {:<39}  =", flag.ty.name(), flag.name);
        while let Some(line) = lines.next() {
            if lines.peek().is_some() {
                // Lists have a line each.
                text.push_str(&format!("{head} {line}\n"));
                head = format!("{:>9} {:<39} +=", "", flag.name);
                continue;
            }
            let class = format!("{{{}}}", flag.class.name());
            let origin = o.flags.origin(flag.name).name();
            text.push_str(&format!("{head} {line:<30} {class:>20} {{{origin}}}\n"));
        }
    }
    text
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

/// `jmmVMGlobalType`.
const KIND_BOOLEAN: c::jint = 1;
const KIND_STRING: c::jint = 2;
const KIND_LONG: c::jint = 3;
const KIND_DOUBLE: c::jint = 4;
const EXTERNAL: u32 = 2;

fn global(t: &Thread, flag: &Flag) -> JResult<Global> {
    let options = &t.vm().options;
    let (value, kind) = match flag.value(options) {
        FlagValue::Bool(v) => (c::jvalue { z: c::jboolean::from(v) }, KIND_BOOLEAN),
        FlagValue::Int(v) => (c::jvalue { j: v }, KIND_LONG),
        FlagValue::Uint(v) => (c::jvalue { j: v as i64 }, KIND_LONG),
        FlagValue::Double(v) => (c::jvalue { d: v }, KIND_DOUBLE),
        FlagValue::Text(None) => (c::jvalue { l: null_mut() }, KIND_STRING),
        FlagValue::Text(Some(v)) => (c::jvalue { l: local(t, strings::new_string(t, &v)?) }, KIND_STRING),
    };
    Ok(Global {
        name: local(t, strings::new_string(t, flag.name)?),
        value,
        kind,
        origin: options.flags.origin(flag.name).number(),
        bits: if flag.class == FlagClass::manageable { EXTERNAL } else { 0 },
        reserved: [0; 2],
    })
}

jmm_entry! {
    fn get_vm_global_names(t) -> c::jobjectArray {
        let names: Vec<&str> = all().map(|f| f.name).collect();
        Ok(local(t, string_array(t, names.into_iter())?))
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
            for (i, flag) in all().enumerate().take(room) {
                let entry = global(t, flag)?;
                // SAFETY: `i < room`.
                unsafe { globals.add(i).write(entry) };
            }
            return Ok(all().count().min(room) as c::jint);
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
                match Flag::find(&name) {
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
        let message = if Flag::find(&name).is_some() {
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
