//! Backtraces of throwables and their `StackTraceElement`s.
//!
//! A backtrace is an `Object[2]`: a `long[]` with one entry a frame, method address << 16 | bytecode index (0xffff
//! in a native method), and an `Object[]` of the mirrors that keep unloadable classes alive, or null. The first
//! entry is marked when a hidden frame in front of it was left out.

use crate::loading::mirrors;
use crate::oops::class::ClassRef;
use crate::oops::method::{MethodFlags, MethodRef};
use crate::runtime::exceptions::{self, JResult};
use crate::runtime::frames;
use crate::runtime::log_config::Level;
use crate::runtime::thread::Thread;
use crate::runtime::{alloc, log, strings};
use caturra_bytecode::descriptor::BasicType;
use caturra_heap::ObjRef;

const NATIVE_BCI: u64 = 0xffff;
const BCI_BITS: u32 = 16;
/// In the first entry: the throwable was made in a hidden frame.
const HIDDEN_TOP: u64 = 1 << 63;

/// The method of an entry.
///
/// # Safety
/// The entry is of a backtrace whose mirrors are alive, or of a running method.
unsafe fn method_of(entry: u64) -> MethodRef {
    // SAFETY: the caller's promise.
    unsafe { MethodRef::from_raw((entry & !HIDDEN_TOP) >> BCI_BITS) }
}

/// The frames that a trace of `throwable` shows: hidden ones, `fillInStackTrace` and the throwable's constructors
/// are left out.
fn collect(t: &Thread, throwable: ObjRef) -> Vec<u64> {
    let vm = t.vm();
    let limit = vm.options.max_stack_trace_depth;
    // SAFETY: a live throwable.
    let class = unsafe { ClassRef::of(throwable) };
    let mut frames = Vec::with_capacity(32);
    let mut hidden_top = 0;
    let mut skip_fill = true;
    let mut skip_init = true;
    for a in frames::walk(t) {
        if skip_fill {
            if (a.method.name == "fillInStackTrace" || a.method.name == "fillInStackTrace0")
                && a.class() == vm.wk.throwable()
                || (a.method.name == "fillInStackTrace" && class.is_subclass_of(a.class()))
            {
                continue;
            }
            skip_fill = false;
        }
        if skip_init {
            if a.method.is_constructor() && class.has_superclass(a.class()) {
                continue;
            }
            skip_init = false;
        }
        if a.is_hidden() && !vm.options.show_hidden_frames {
            if frames.is_empty() {
                hidden_top = HIDDEN_TOP;
            }
            continue;
        }
        if limit > 0 && frames.len() >= limit {
            break;
        }
        let bci = if a.bci < 0 { NATIVE_BCI } else { a.bci as u64 };
        frames.push(a.method.as_raw() << BCI_BITS | bci);
    }
    if let Some(first) = frames.first_mut() {
        *first |= hidden_top;
    }
    frames
}

/// `Throwable.fillInStackTrace`: records where the current thread is.
pub fn fill_in_stack_trace(t: &Thread, throwable: ObjRef) -> JResult<()> {
    let vm = t.vm();
    if !vm.options.stack_trace_in_throwable {
        return Ok(());
    }
    let frames = collect(t, throwable);
    if vm.options.log_stack_traces {
        // SAFETY: a live throwable.
        let class = unsafe { ClassRef::of(throwable) };
        log::line(vm, Level::Info, "stacktrace", &format!("{}, {}", class.external_name(), frames.len()));
    }
    let array = alloc::prim_array(t, BasicType::Long, frames.len() as i32)?;
    let pair = alloc::ref_array(t, vm.wk.object(), 2)?;
    let keep = unloadable(&frames);
    let mirrors =
        if keep.is_empty() { ObjRef::NULL } else { alloc::ref_array(t, vm.wk.object(), keep.len() as i32)? };
    store(t, throwable, &frames, &keep, array, pair, mirrors);
    Ok(())
}

/// As [`fill_in_stack_trace`] but `false` instead of an exception when memory is out.
pub fn fill_in_stack_trace_no_throw(t: &Thread, throwable: ObjRef) -> bool {
    let vm = t.vm();
    if !vm.options.stack_trace_in_throwable {
        return true;
    }
    let frames = collect(t, throwable);
    let array =
        alloc::array_no_throw(t, mirrors::primitive_array_class(vm, BasicType::Long), frames.len() as i32);
    let Ok(object_array) = mirrors::array_class_of(t, vm.wk.object()) else { return false };
    let pair = alloc::array_no_throw(t, object_array, 2);
    let keep = unloadable(&frames);
    let mirrors = if keep.is_empty() {
        ObjRef::NULL
    } else {
        alloc::array_no_throw(t, object_array, keep.len() as i32)
    };
    if array.is_null() || pair.is_null() || (mirrors.is_null() && !keep.is_empty()) {
        return false;
    }
    store(t, throwable, &frames, &keep, array, pair, mirrors);
    true
}

/// Classes of the frames that could be unloaded while the trace lives.
fn unloadable(frames: &[u64]) -> Vec<ClassRef> {
    let mut v: Vec<ClassRef> = Vec::new();
    for f in frames {
        // SAFETY: frames of running methods.
        let c = unsafe { method_of(*f) }.holder;
        if c.prefix.gc_flags & caturra_heap::layout::GC_UNLOADABLE != 0 && !v.contains(&c) {
            v.push(c);
        }
    }
    v
}

fn store(
    t: &Thread,
    throwable: ObjRef,
    frames: &[u64],
    keep: &[ClassRef],
    array: ObjRef,
    pair: ObjRef,
    mirrors: ObjRef,
) {
    let vm = t.vm();
    // SAFETY: fresh arrays of these lengths; Throwable's fields.
    unsafe {
        for (i, f) in frames.iter().enumerate() {
            array.store::<u64>(16 + 8 * i, *f);
        }
        for (i, c) in keep.iter().enumerate() {
            vm.put_ref(mirrors, 12 + 4 * i, c.mirror());
        }
        vm.put_ref(pair, 12, array);
        vm.put_ref(pair, 16, mirrors);
        vm.put_ref(throwable, vm.off.throwable_backtrace() as usize, pair);
        throwable.store::<i32>(vm.off.throwable_depth() as usize, frames.len() as i32);
        // The Java-level trace is made from the backtrace when asked for.
        vm.put_ref(throwable, vm.off.throwable_stack_trace() as usize, unassigned_stack(t));
    }
}

/// `Throwable.UNASSIGNED_STACK`, null while Throwable is not initialised.
fn unassigned_stack(t: &Thread) -> ObjRef {
    let vm = t.vm();
    let c = vm.wk.throwable();
    let name = vm.symbols.intern("UNASSIGNED_STACK");
    match c.fields.iter().find(|f| f.name == name) {
        // SAFETY: a static reference field of the mirror.
        Some(f) => unsafe { c.mirror().load_ref(f.offset as usize) },
        None => ObjRef::NULL,
    }
}

/// The frames recorded in a throwable, youngest first: method and bytecode index (-1 in a native method).
pub fn backtrace(t: &Thread, throwable: ObjRef) -> Vec<(MethodRef, i32)> {
    // SAFETY: a live throwable; the backtrace field holds null or what `store` made.
    unsafe { decode(throwable.load_ref(t.vm().off.throwable_backtrace() as usize)) }
}

/// # Safety
/// `pair` is null or a backtrace.
unsafe fn decode(pair: ObjRef) -> Vec<(MethodRef, i32)> {
    if pair.is_null() {
        return Vec::new();
    }
    // SAFETY: promised by the caller.
    unsafe {
        let array = pair.load_ref(12);
        (0..array.array_length() as usize)
            .map(|i| {
                let raw: u64 = array.load(16 + 8 * i);
                let bci = raw & 0xffff;
                (method_of(raw), if bci == NATIVE_BCI { -1 } else { bci as i32 })
            })
            .collect()
    }
}

/// Frames of a backtrace object (the `backtrace` field's value).
///
/// # Safety
/// `pair` is null or the value of a `Throwable.backtrace` field.
pub unsafe fn frames_of_backtrace(pair: ObjRef) -> Vec<(MethodRef, i32)> {
    // SAFETY: promised by the caller.
    unsafe { decode(pair) }
}

/// The frame that made a throwable; `None` when that was a hidden one.
pub fn top_frame(t: &Thread, throwable: ObjRef) -> Option<(MethodRef, i32)> {
    // SAFETY: a live throwable, and the first entry of a backtrace that has one.
    let hidden = unsafe {
        let pair = throwable.load_ref(t.vm().off.throwable_backtrace() as usize);
        let array = if pair.is_null() { pair } else { pair.load_ref(12) };
        array.is_null() || array.array_length() == 0 || array.load::<u64>(16) & HIDDEN_TOP != 0
    };
    if hidden {
        return None;
    }
    backtrace(t, throwable).first().copied().filter(|(m, _)| !m.has(MethodFlags::HIDDEN))
}

/// Fills a `StackTraceElement` for a frame.
pub fn fill_element(t: &Thread, element: ObjRef, method: MethodRef, bci: i32) -> JResult<()> {
    let vm = t.vm();
    let off = &vm.off;
    let class = method.holder;
    let put = |offset: u32, s: ObjRef| {
        // SAFETY: a live StackTraceElement with reference fields at these offsets.
        unsafe { vm.put_ref(element, offset as usize, s) };
    };
    put(off.ste_declaring_class_object(), class.mirror());
    let name = strings::new_string(t, &class.external_name())?;
    put(off.ste_declaring_class(), strings::intern(t, name)?);
    put(off.ste_method_name(), strings::intern_sym(t, method.name)?);
    let loader = crate::loading::define::owner(t, class.loader).object();
    if !loader.is_null() {
        // SAFETY: a live ClassLoader.
        let name = unsafe { loader.load_ref(off.class_loader_name() as usize) };
        put(off.ste_class_loader_name(), name);
    }
    let module = class.module();
    if let Some(n) = module.name {
        put(off.ste_module_name(), strings::intern_sym(t, n)?);
        let version = *module.version.read();
        if let Some(v) = version {
            put(off.ste_module_version(), strings::intern_sym(t, v)?);
        }
    }
    if let Some(f) = class.extra.source_file {
        put(off.ste_file_name(), strings::intern_sym(t, f)?);
    }
    // SAFETY: an int field.
    unsafe { element.store::<i32>(off.ste_line_number() as usize, line_number(method, bci)) };
    Ok(())
}

/// Line number as `StackTraceElement` wants it: -2 for a native method, -1 when unknown.
pub fn line_number(method: MethodRef, bci: i32) -> i32 {
    if method.is_native() {
        -2
    } else {
        u16::try_from(bci).ok().and_then(|b| method.line_number(b)).map_or(-1, i32::from)
    }
}

/// A new `StackTraceElement`.
pub fn new_element(t: &Thread, method: MethodRef, bci: i32) -> JResult<ObjRef> {
    let class = t.vm().wk.stack_trace_element();
    crate::linking::init::initialize(t, class)?;
    let e = alloc::instance(t, class)?;
    fill_element(t, e, method, bci)?;
    Ok(e)
}

/// Fills the elements of `array` from a backtrace (`StackTraceElement.initStackTraceElements`).
///
/// # Errors
/// `IndexOutOfBoundsException` when the depth does not match; `NullPointerException`.
pub fn fill_elements(t: &Thread, array: ObjRef, throwable: ObjRef) -> JResult<()> {
    if array.is_null() || throwable.is_null() {
        return Err(exceptions::npe(t));
    }
    let frames = backtrace(t, throwable);
    // SAFETY: a live StackTraceElement[].
    unsafe {
        if array.array_length() as usize != frames.len() {
            return Err(exceptions::throw_bare(t, "java/lang/IndexOutOfBoundsException"));
        }
        for (i, (m, bci)) in frames.into_iter().enumerate() {
            let e = array.load_ref(12 + 4 * i);
            if e.is_null() {
                return Err(exceptions::npe(t));
            }
            fill_element(t, e, m, bci)?;
        }
    }
    Ok(())
}

/// "java.lang.Object.wait(java.base@17.0.15/Native Method)" as dumps print a frame.
pub fn frame_text(method: MethodRef, bci: i32) -> String {
    let class = method.holder;
    let mut place = String::new();
    let module = class.module();
    if let Some(n) = module.name {
        place.push_str(&n.to_str());
        if let Some(v) = *module.version.read() {
            place.push_str(&format!("@{v}"));
        }
        place.push('/');
    }
    if method.is_native() {
        place.push_str("Native Method");
    } else {
        match (class.extra.source_file, line_number(method, bci)) {
            (Some(f), line) if line >= 0 => place.push_str(&format!("{f}:{line}")),
            (Some(f), _) => place.push_str(&f.to_str()),
            (None, _) => place.push_str("Unknown Source"),
        }
    }
    format!("{}.{}({place})", class.external_name(), method.name)
}
