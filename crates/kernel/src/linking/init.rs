//! Class initialisation (JVMS §5.5).

use crate::linking::{errors, link};
use crate::oops::class::{ClassFlags, ClassRef, InitState, RecordedError};
use crate::oops::constant_pool::CpTag;
use crate::runtime::calls;
use crate::runtime::exceptions::{self, JResult};
use crate::runtime::safepoint::BlockedScope;
use crate::runtime::strings;
use crate::runtime::thread::Thread;
use caturra_heap::ObjRef;
use std::sync::atomic::Ordering;

/// Initialises a class unless it is, or is being initialised by this thread.
///
/// # Errors
/// `NoClassDefFoundError` for an erroneous class, `ExceptionInInitializerError`, linkage errors.
#[inline]
pub fn initialize(t: &Thread, class: ClassRef) -> JResult<()> {
    if class.is_initialized() {
        return Ok(());
    }
    initialize_slow(t, class)
}

/// Whether code running in this thread may use the class's statics without further ado: it is initialised, or this
/// thread is initialising it.
pub fn is_usable(t: &Thread, class: ClassRef) -> bool {
    class.is_initialized() || is_initializing_here(t, class)
}

/// Whether this thread runs the class's initialiser.
pub fn is_initializing_here(t: &Thread, class: ClassRef) -> bool {
    class.state() == InitState::BeingInitialized
        && class.init_thread.load(Ordering::Acquire) == std::ptr::from_ref(t) as u64
}

#[cold]
fn initialize_slow(t: &Thread, class: ClassRef) -> JResult<()> {
    link::link_class(t, class)?;
    let vm = t.vm();
    let this_thread = std::ptr::from_ref(t) as u64;
    // Steps 1 to 6.
    loop {
        let mut guard = vm.init_lock.lock();
        match class.state() {
            InitState::Initialized => return Ok(()),
            InitState::Erroneous => {
                drop(guard);
                return Err(erroneous(t, class));
            }
            InitState::BeingInitialized => {
                if class.init_thread.load(Ordering::Acquire) == this_thread {
                    return Ok(());
                }
                // State changes without `init_cond`'s lock do not happen, so no wake-up is lost.
                let scope = BlockedScope::enter(t);
                vm.init_cond.wait(&mut guard);
                drop(guard);
                drop(scope);
                if t.is_ending() {
                    t.poll();
                    return Err(exceptions::already_pending(t));
                }
            }
            _ => {
                class.init_thread.store(this_thread, Ordering::Release);
                class.set_state(InitState::BeingInitialized);
                break;
            }
        }
    }
    let result = initialize_supers(t, class).and_then(|()| run_initializer(t, class));
    match result {
        Ok(()) => {
            finish(t, class, InitState::Initialized);
            Ok(())
        }
        Err(thrown) => Err(fail(t, class, thrown)),
    }
}

/// Step 7: the superclass, then the superinterfaces that declare default methods.
fn initialize_supers(t: &Thread, class: ClassRef) -> JResult<()> {
    if class.is_interface() {
        return Ok(());
    }
    if let Some(s) = class.super_class {
        initialize(t, s)?;
    }
    if class.has(ClassFlags::HAS_DEFAULT_METHODS) {
        initialize_interfaces(t, class)?;
    }
    Ok(())
}

fn initialize_interfaces(t: &Thread, class: ClassRef) -> JResult<()> {
    for i in class.interfaces {
        initialize_interfaces(t, *i)?;
        if i.has(ClassFlags::DECLARES_DEFAULT_METHODS) {
            initialize(t, *i)?;
        }
    }
    Ok(())
}

/// Step 6 (constants) and 9 (`<clinit>`).
fn run_initializer(t: &Thread, class: ClassRef) -> JResult<()> {
    store_constants(t, class)?;
    let sym = &t.vm().sym;
    if let Some(m) = class.declared_method(sym.class_initializer, sym.void_method).filter(|m| m.is_static()) {
        crate::runtime::log::class_init(t.vm(), class);
        calls::invoke(t, m, &[])?;
    }
    Ok(())
}

fn store_constants(t: &Thread, class: ClassRef) -> JResult<()> {
    let mirror = class.mirror();
    for f in class.fields.iter().filter(|f| f.is_static() && f.constant_value != 0) {
        let slot = class.cp.slot(f.constant_value);
        let bits = slot.value.load(Ordering::Relaxed);
        let at = f.offset as usize;
        use caturra_bytecode::descriptor::BasicType::*;
        // SAFETY: static fields of this mirror with these types; the reader has checked the constants.
        unsafe {
            match f.ty {
                Boolean | Byte => mirror.store::<u8>(at, bits as u8),
                Char | Short => mirror.store::<u16>(at, bits as u16),
                Int | Float => mirror.store::<u32>(at, bits as u32),
                Long | Double => mirror.store::<u64>(at, bits),
                Reference if class.cp.tag(f.constant_value) == CpTag::String => {
                    let s = crate::linking::resolve::resolve_string(t, class, f.constant_value)?;
                    t.vm().put_ref(mirror, at, s);
                }
                Reference | Void => {}
            }
        }
    }
    Ok(())
}

fn finish(t: &Thread, class: ClassRef, state: InitState) {
    let vm = t.vm();
    let _guard = vm.init_lock.lock();
    class.set_state(state);
    class.init_thread.store(0, Ordering::Release);
    vm.init_cond.notify_all();
}

/// Steps 10 and 11: wraps what is not an `Error`, marks the class.
fn fail(t: &Thread, class: ClassRef, thrown: exceptions::Thrown) -> exceptions::Thrown {
    let vm = t.vm();
    let e = exceptions::take_pending(t);
    // What later uses of the class will name as their cause.
    // SAFETY: a live throwable.
    let (cause_class, message) = unsafe {
        let m = e.load_ref(vm.off.throwable_detail_message() as usize);
        (ClassRef::of(e), (!m.is_null()).then(|| strings::to_rust(m)))
    };
    let text = format!(
        "Exception {}{} [in thread \"{}\"]",
        cause_class.external_name(),
        message.map_or(String::new(), |m| format!(": {m}")),
        thread_name(t)
    );
    let object = initialization_error(t, &text, e).unwrap_or_else(|_| {
        exceptions::take_pending(t);
        ObjRef::NULL
    });
    let object = if object.is_null() { 0 } else { class.loader.add_handle(object) as usize };
    let eiie = vm.symbols.intern("java/lang/ExceptionInInitializerError");
    errors::push(class, RecordedError { index: 0, class: eiie, message: Some(text), cause: None, object });
    finish(t, class, InitState::Erroneous);
    t.pending.set(e);
    if exceptions::pending_is(t, vm.wk.error()) {
        return thrown;
    }
    exceptions::take_pending(t);
    wrap(t, e)
}

/// The error that later uses of the class name as their cause: it tells where initialisation failed.
fn initialization_error(t: &Thread, text: &str, e: ObjRef) -> JResult<ObjRef> {
    let vm = t.vm();
    let trace = calls::call_method(t, e, "getStackTrace", "()[Ljava/lang/StackTraceElement;", &[])?;
    let name = vm.symbols.intern("java/lang/ExceptionInInitializerError");
    let class = crate::loading::loader::load_class(t, vm.loaders.boot(), name)?;
    let error = exceptions::new_throwable(t, class, Some(text), ObjRef::NULL)?;
    // SAFETY: a live throwable with these fields.
    unsafe {
        vm.put_ref(error, vm.off.throwable_stack_trace() as usize, ObjRef::from_raw(trace as u32));
        vm.put_ref(error, vm.off.throwable_backtrace() as usize, ObjRef::NULL);
    }
    Ok(error)
}

fn wrap(t: &Thread, e: ObjRef) -> exceptions::Thrown {
    let vm = t.vm();
    let result = crate::loading::loader::load_class(
        t,
        vm.loaders.boot(),
        vm.symbols.intern("java/lang/ExceptionInInitializerError"),
    )
    .and_then(|c| crate::runtime::alloc::new_object(t, c, "(Ljava/lang/Throwable;)V", &[u64::from(e.raw())]));
    match result {
        Ok(o) => exceptions::throw_object(t, o),
        Err(thrown) => thrown,
    }
}

fn erroneous(t: &Thread, class: ClassRef) -> exceptions::Thrown {
    let text = format!("Could not initialize class {}", class.external_name());
    let cause = errors::initialization_error(class);
    exceptions::throw_with_cause(t, "java/lang/NoClassDefFoundError", Some(&text), cause)
}

fn thread_name(t: &Thread) -> String {
    let object = t.object.get();
    if object.is_null() {
        return "main".into();
    }
    // SAFETY: a live Thread object.
    let name = unsafe { object.load_ref(t.vm().off.thread_name() as usize) };
    if name.is_null() { String::new() } else { strings::to_rust(name) }
}
