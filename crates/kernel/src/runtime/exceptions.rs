//! Java exceptions inside the VM: `Result<T, Thrown>` with the exception object on the thread.

use crate::linking::init;
use crate::loading::loader;
use crate::oops::class::ClassRef;
use crate::runtime::thread::Thread;
use crate::runtime::vm::Phase;
use crate::runtime::{alloc, calls, stack_trace, strings};
use caturra_heap::{ObjRef, OutOfMemory};
use std::sync::atomic::Ordering;

/// How many `OutOfMemoryError`s get a stack trace (HotSpot's `PreallocatedOutOfMemoryErrorCount`).
const TRACED_OUT_OF_MEMORY: u32 = 4;

/// Proof that an exception is pending on the current thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Thrown(());

pub type JResult<T> = Result<T, Thrown>;

/// Makes `throwable` the pending exception.
pub fn throw_object(t: &Thread, throwable: ObjRef) -> Thrown {
    debug_assert!(!throwable.is_null());
    t.pending.set(throwable);
    Thrown(())
}

/// The token of an exception that is already pending.
pub fn already_pending(t: &Thread) -> Thrown {
    debug_assert!(t.has_pending());
    Thrown(())
}

/// Removes and returns the pending exception.
pub fn take_pending(t: &Thread) -> ObjRef {
    t.pending.replace(ObjRef::NULL)
}

/// Throws a new exception of a boot class given by its internal name.
#[cold]
pub fn throw(t: &Thread, class: &str, message: &str) -> Thrown {
    throw_named(t, class, Some(message), ObjRef::NULL)
}

/// Throws a new exception without a message.
#[cold]
pub fn throw_bare(t: &Thread, class: &str) -> Thrown {
    throw_named(t, class, None, ObjRef::NULL)
}

/// Throws a new exception with a cause.
#[cold]
pub fn throw_with_cause(t: &Thread, class: &str, message: Option<&str>, cause: ObjRef) -> Thrown {
    throw_named(t, class, message, cause)
}

fn throw_named(t: &Thread, class: &str, message: Option<&str>, cause: ObjRef) -> Thrown {
    let vm = t.vm();
    if vm.phase() < Phase::Basics {
        let at: Vec<String> = crate::runtime::frames::walk(t)
            .map(|a| format!("  at {} bci {}", a.method.describe(), a.bci))
            .collect();
        crate::runtime::vm::fatal(&format!(
            "{class} thrown before the VM can make exceptions: {}\n{}",
            message.unwrap_or(""),
            at.join("\n")
        ));
    }
    let sym = vm.symbols.intern(class);
    match loader::load_class(t, vm.loaders.boot(), sym) {
        Ok(c) => throw_new(t, c, message, cause),
        Err(thrown) => thrown,
    }
}

/// Throws a new instance of `class`, initialising it and running its constructor.
#[cold]
pub fn throw_class(t: &Thread, class: ClassRef, message: Option<&str>) -> Thrown {
    throw_new(t, class, message, ObjRef::NULL)
}

fn throw_new(t: &Thread, class: ClassRef, message: Option<&str>, cause: ObjRef) -> Thrown {
    match new_throwable(t, class, message, cause) {
        Ok(e) => throw_object(t, e),
        Err(thrown) => thrown,
    }
}

/// Makes a throwable by its constructor `()`, `(String)` or both with `initCause`.
pub fn new_throwable(t: &Thread, class: ClassRef, message: Option<&str>, cause: ObjRef) -> JResult<ObjRef> {
    init::initialize(t, class)?;
    let e = alloc::instance(t, class)?;
    let vm = t.vm();
    let init = vm.sym.object_initializer;
    let this = u64::from(e.raw());
    match message {
        Some(text) => match class.declared_method(init, vm.sym.string_void) {
            Some(ctor) => {
                let s = strings::new_string(t, text)?;
                calls::invoke(t, ctor, &[this, u64::from(s.raw())])?;
            }
            None => {
                // AssertionError and its like take an Object; others take none: set the field.
                run_default_constructor(t, class, e)?;
                let s = strings::new_string(t, text)?;
                // SAFETY: `e` is a Throwable, which has this reference field.
                unsafe { vm.put_ref(e, vm.off.throwable_detail_message() as usize, s) };
            }
        },
        None => run_default_constructor(t, class, e)?,
    }
    if !cause.is_null() {
        let m = vm.methods.throwable_init_cause();
        calls::invoke_virtual(t, m, &[this, u64::from(cause.raw())])?;
    }
    Ok(e)
}

fn run_default_constructor(t: &Thread, class: ClassRef, e: ObjRef) -> JResult<()> {
    let vm = t.vm();
    let this = u64::from(e.raw());
    if let Some(ctor) = class.declared_method(vm.sym.object_initializer, vm.sym.void_method) {
        calls::invoke(t, ctor, &[this])?;
    } else if let Some(ctor) = class.declared_method(vm.sym.object_initializer, vm.sym.string_void) {
        calls::invoke(t, ctor, &[this, 0])?;
    } else {
        stack_trace::fill_in_stack_trace(t, e)?;
    }
    Ok(())
}

/// `NullPointerException` without a message; the helpful one is computed when asked for (JEP 358).
#[cold]
pub fn npe(t: &Thread) -> Thrown {
    throw_bare(t, "java/lang/NullPointerException")
}

/// Throws the preallocated error of that kind; nothing is allocated.
#[cold]
pub fn out_of_memory(t: &Thread, kind: OutOfMemory) -> Thrown {
    let vm = t.vm();
    let Some(pre) = vm.preallocated.get() else {
        crate::runtime::vm::exit_during_initialization(kind.message());
    };
    match kind {
        OutOfMemory::ArraySize => throw_preallocated(t, pre.array_size),
        _ => throw_preallocated(t, pre.java_heap_space),
    }
}

/// `OutOfMemoryError: Metaspace`.
#[cold]
pub fn metaspace_full(t: &Thread) -> Thrown {
    let vm = t.vm();
    match vm.preallocated.get() {
        Some(pre) => throw_preallocated(t, pre.metaspace),
        None => crate::runtime::vm::exit_during_initialization("java.lang.OutOfMemoryError: Metaspace"),
    }
}

fn throw_preallocated(t: &Thread, error: ObjRef) -> Thrown {
    // A fresh copy with a stack trace for the first few, while memory allows; then the shared one, without.
    let fresh = t.vm().traced_out_of_memory.fetch_add(1, Ordering::Relaxed) < TRACED_OUT_OF_MEMORY;
    if fresh && !t.in_overflow.replace(true) {
        // SAFETY: the preallocated error is a live object.
        let class = unsafe { ClassRef::of(error) };
        let copy = alloc::instance_no_throw(t, class);
        if !copy.is_null() {
            let off = &t.vm().off;
            // SAFETY: both are instances of OutOfMemoryError, whose Throwable fields these are.
            unsafe {
                let message = error.load_ref(off.throwable_detail_message() as usize);
                t.vm().put_ref(copy, off.throwable_detail_message() as usize, message);
                t.vm().put_ref(copy, off.throwable_cause() as usize, copy);
            }
            let filled = stack_trace::fill_in_stack_trace_no_throw(t, copy);
            t.in_overflow.set(false);
            if filled {
                return throw_object(t, copy);
            }
        }
        t.in_overflow.set(false);
    }
    throw_object(t, error)
}

/// `StackOverflowError`. Runs no Java code: the object is made and filled in by the VM.
#[cold]
pub fn stack_overflow(t: &Thread) -> Thrown {
    let vm = t.vm();
    if vm.phase() < Phase::Basics {
        crate::runtime::vm::fatal("stack overflow during start-up");
    }
    let class = vm.wk.stack_overflow_error();
    t.java_stack.open_reserve(true);
    let result = alloc::instance(t, class).and_then(|e| {
        // SAFETY: `e` is a Throwable; a fresh one has itself as cause ("none yet").
        unsafe { vm.put_ref(e, vm.off.throwable_cause() as usize, e) };
        stack_trace::fill_in_stack_trace(t, e)?;
        Ok(e)
    });
    t.java_stack.open_reserve(false);
    match result {
        Ok(e) => throw_object(t, e),
        Err(thrown) => thrown,
    }
}

/// Whether the pending exception is an instance of `class`.
pub fn pending_is(t: &Thread, class: ClassRef) -> bool {
    let e = t.pending.get();
    // SAFETY: the pending exception is a live object.
    !e.is_null() && unsafe { ClassRef::of(e) }.is_subclass_of(class)
}
