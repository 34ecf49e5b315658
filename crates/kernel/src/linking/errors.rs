//! Linkage errors: their messages, and their recording so that a failed resolution fails the same way again.

use crate::loading::loader::{LoaderRef, loader_display_name};
use crate::oops::class::{ClassRef, RecordedError};
use crate::oops::constant_pool::STATE_ERROR;
use crate::oops::method::{MethodRef, external_name};
use crate::oops::symbol::Sym;
use crate::runtime::exceptions::{self, Thrown};
use crate::runtime::strings;
use crate::runtime::thread::Thread;
use caturra_heap::ObjRef;
use parking_lot::Mutex;
use std::sync::atomic::Ordering;

/// "java.lang.String is in module java.base of loader 'bootstrap'", the part behind the name.
pub fn in_module_of_loader(t: &Thread, c: ClassRef) -> String {
    let m = c.module();
    let module =
        if m.is_named() { format!("module {}", module_with_version(c)) } else { "unnamed module".into() };
    format!("{module} of loader {}", loader_display_name(t, crate::loading::define::owner(t, c.loader)))
}

fn module_with_version(c: ClassRef) -> String {
    let m = c.module();
    let name = m.display_name();
    // The JDK's own modules are named without a version.
    match *m.version.read() {
        Some(v)
            if !m
                .location
                .read()
                .is_some_and(|l| l.starts_with("jrt:/java.") || l.starts_with("jrt:/jdk.")) =>
        {
            format!("{name}@{v}")
        }
        _ => name,
    }
}

/// "A is in unnamed module of loader 'app'; B is in module java.base of loader 'bootstrap'", or jointly
/// "A and B are in …" where both are the same.
pub fn joint_in_module_of_loader(t: &Thread, a: Option<ClassRef>, b: ClassRef) -> String {
    let where_b = in_module_of_loader(t, b);
    match a {
        None => format!("{} is in {where_b}", b.external_name()),
        Some(a) => {
            let where_a = in_module_of_loader(t, a);
            if where_a == where_b {
                format!("{} and {} are in {where_a}", a.external_name(), b.external_name())
            } else {
                format!("{} is in {where_a}; {} is in {where_b}", a.external_name(), b.external_name())
            }
        }
    }
}

/// `ClassCastException` with the message that names modules and loaders.
#[cold]
pub fn class_cast(t: &Thread, object: ObjRef, target: ClassRef) -> Thrown {
    // SAFETY: the object is live.
    let from = unsafe { ClassRef::of(object) };
    let text = format!(
        "class {} cannot be cast to class {} ({})",
        from.external_name(),
        target.external_name(),
        joint_in_module_of_loader(t, Some(from), target)
    );
    exceptions::throw(t, "java/lang/ClassCastException", &text)
}

#[cold]
pub fn class_lacks_interface(t: &Thread, receiver: ClassRef, resolved: MethodRef) -> Thrown {
    let text = format!(
        "Class {} does not implement the requested interface {}",
        receiver.external_name(),
        resolved.holder.external_name()
    );
    exceptions::throw(t, "java/lang/IncompatibleClassChangeError", &text)
}

#[cold]
pub fn non_public_implementation(
    t: &Thread,
    receiver: ClassRef,
    resolved: MethodRef,
    selected: MethodRef,
) -> Thrown {
    let _ = receiver;
    let access = if selected.is_private() {
        "private "
    } else if selected.is_protected() {
        "protected "
    } else {
        ""
    };
    let text = format!(
        "class {} tried to access {access}method '{}' ({})",
        resolved.holder.external_name(),
        selected.external_name(),
        joint_in_module_of_loader(t, Some(resolved.holder), selected.holder)
    );
    exceptions::throw(t, "java/lang/IllegalAccessError", &text)
}

#[cold]
pub fn abstract_method(t: &Thread, receiver: ClassRef, resolved: MethodRef, selected: MethodRef) -> Thrown {
    let kind = if selected.holder.is_interface() { "interface" } else { "abstract class" };
    let text = format!(
        "Receiver class {} does not define or inherit an implementation of the resolved method '{} {}{}' of {} {}.",
        receiver.external_name(),
        abstract_prefix(resolved),
        resolved.name,
        parameter_list(resolved),
        kind,
        resolved.holder.external_name()
    );
    exceptions::throw(t, "java/lang/AbstractMethodError", &text)
}

fn abstract_prefix(m: MethodRef) -> String {
    let full = external_name("", m.name, m.signature.symbol);
    let ret = full.split(' ').next().unwrap_or("").to_string();
    if m.is_abstract() { format!("abstract {ret}") } else { ret }
}

fn parameter_list(m: MethodRef) -> String {
    let full = external_name("", m.name, m.signature.symbol);
    full[full.find('(').unwrap_or(0)..].to_string()
}

#[cold]
pub fn duplicate_definition(t: &Thread, l: LoaderRef, name: Sym) -> Thrown {
    let l = crate::loading::define::owner(t, l);
    let text = format!(
        "loader {} attempted duplicate class definition for {}. ({} is in unnamed module of loader {}, parent loader {})",
        loader_display_name(t, l),
        name.to_external(),
        name.to_external(),
        loader_display_name(t, l),
        parent_name(t, l)
    );
    let text = match l.find(name) {
        Some(old) => format!(
            "loader {} attempted duplicate class definition for {}. ({})",
            loader_display_name(t, l),
            name.to_external(),
            in_module_with_parent(t, old)
        ),
        None => text,
    };
    exceptions::throw(t, "java/lang/LinkageError", &text)
}

fn parent_name(t: &Thread, l: LoaderRef) -> String {
    let object = l.object();
    if object.is_null() {
        return "'bootstrap'".into();
    }
    // SAFETY: a live ClassLoader.
    let parent = unsafe { object.load_ref(t.vm().off.class_loader_parent() as usize) };
    loader_display_name(t, crate::loading::loader::loader_of(t, parent))
}

/// "Foo is in unnamed module of loader 'app', parent loader 'platform'".
pub fn in_module_with_parent(t: &Thread, c: ClassRef) -> String {
    let l = crate::loading::define::owner(t, c.loader);
    let base = format!("{} is in {}", c.external_name(), in_module_of_loader(t, c));
    if l.is_boot() { base } else { format!("{base}, parent loader {}", parent_name(t, l)) }
}

#[cold]
pub fn super_inaccessible(t: &Thread, class: ClassRef, parent: ClassRef, what: &str) -> Thrown {
    let text = match module_problem(t, class, parent) {
        Some(why) => format!(
            "{} access check failed: class {} (in {}) cannot access class {} (in {}) because {why}",
            what.trim_start_matches("abstract "),
            class.external_name(),
            module_phrase(class),
            parent.external_name(),
            module_phrase(parent)
        ),
        None => format!(
            "class {} cannot access its {what} {} ({})",
            class.external_name(),
            parent.external_name(),
            joint_in_module_of_loader(t, Some(class), parent)
        ),
    };
    exceptions::throw(t, "java/lang/IllegalAccessError", &text)
}

/// "module java.base" or "unnamed module @0x1b2c3d".
fn module_phrase(c: ClassRef) -> String {
    let m = c.module();
    if m.is_named() {
        return format!("module {}", m.display_name());
    }
    let object = m.object();
    let t = Thread::current().expect("messages are made on attached threads");
    if object.is_null() {
        return "unnamed module".into();
    }
    format!("unnamed module @0x{:x}", crate::runtime::monitor::identity_hash(t, object))
}

fn module_problem(t: &Thread, from: ClassRef, to: ClassRef) -> Option<String> {
    let _ = t;
    use crate::linking::access::Denied;
    let to = to.bottom.unwrap_or(to);
    match crate::linking::access::class_access(from, to) {
        Err(Denied::NotRead) => Some(format!("{} does not read {}", module_phrase(from), module_phrase(to))),
        Err(Denied::NotExported) => Some(format!(
            "{} does not export {} to {}",
            module_phrase(to),
            String::from_utf8_lossy(to.package_name()).replace('/', "."),
            module_phrase(from)
        )),
        _ => None,
    }
}

/// `IllegalAccessError` for a class that `from` may not refer to.
#[cold]
pub fn class_inaccessible(t: &Thread, from: ClassRef, to: ClassRef) -> Thrown {
    // An array is as accessible as its element type.
    let to = to.bottom.unwrap_or(to);
    let text = match module_problem(t, from, to) {
        Some(why) => format!(
            "class {} (in {}) cannot access class {} (in {}) because {why}",
            from.external_name(),
            module_phrase(from),
            to.external_name(),
            module_phrase(to)
        ),
        None => format!(
            "failed to access class {} from class {} ({})",
            to.external_name(),
            from.external_name(),
            joint_in_module_of_loader(t, Some(to), from)
        ),
    };
    exceptions::throw(t, "java/lang/IllegalAccessError", &text)
}

/// `IllegalAccessError` for a member; `what` is "method 'void A.m()'" or "field A.f".
#[cold]
pub fn member_inaccessible(
    t: &Thread,
    from: ClassRef,
    declaring: ClassRef,
    flags: u16,
    what: &str,
) -> Thrown {
    use caturra_bytecode::access as acc;
    let access = if flags & acc::ACC_PRIVATE != 0 {
        "private "
    } else if flags & acc::ACC_PROTECTED != 0 {
        "protected "
    } else {
        ""
    };
    let text = format!(
        "class {} tried to access {access}{what} ({})",
        from.external_name(),
        joint_in_module_of_loader(t, Some(from), declaring)
    );
    exceptions::throw(t, "java/lang/IllegalAccessError", &text)
}

/// Records the pending `LinkageError` of resolving entry `index` of `holder` (JVMS §5.4.3).
/// Other exceptions, such as `OutOfMemoryError`, may go away and are not recorded.
pub fn record(t: &Thread, holder: ClassRef, index: u16) {
    if record_without_state(t, holder, index) {
        holder.cp.states[index as usize].store(STATE_ERROR, Ordering::Release);
    }
}

fn record_without_state(t: &Thread, holder: ClassRef, index: u16) -> bool {
    let e = t.pending.get();
    if e.is_null() || !exceptions::pending_is(t, t.vm().wk.linkage_error()) {
        return false;
    }
    let describe = |e: ObjRef| {
        // SAFETY: a live throwable.
        unsafe {
            let message = e.load_ref(t.vm().off.throwable_detail_message() as usize);
            (ClassRef::of(e).name, (!message.is_null()).then(|| strings::to_rust(message)))
        }
    };
    // SAFETY: as above.
    let cause = unsafe { e.load_ref(t.vm().off.throwable_cause() as usize) };
    let cause = (!cause.is_null() && cause != e).then(|| describe(cause));
    let (class, message) = describe(e);
    push(holder, RecordedError { index, class, message, cause, object: 0 });
    true
}

/// Adds a record to a class.
pub fn push(holder: ClassRef, error: RecordedError) {
    let list = loop {
        let p = holder.errors.load(Ordering::Acquire);
        if !p.is_null() {
            break p;
        }
        let fresh = Box::into_raw(Box::new(Mutex::new(Vec::new())));
        if holder
            .errors
            .compare_exchange(std::ptr::null_mut(), fresh, Ordering::AcqRel, Ordering::Acquire)
            .is_err()
        {
            // SAFETY: never published.
            drop(unsafe { Box::from_raw(fresh) });
        }
    };
    // SAFETY: freed with the loader only.
    let list = unsafe { &*list };
    let mut list = list.lock();
    if !list.iter().any(|e| e.index == error.index) {
        list.push(error);
    }
}

/// Throws the error recorded for entry `index`; `None` when there is none.
pub fn replay(t: &Thread, holder: ClassRef, index: u16) -> Option<Thrown> {
    let p = holder.errors.load(Ordering::Acquire);
    if p.is_null() {
        return None;
    }
    // SAFETY: freed with the loader only.
    let list = unsafe { &*p };
    let (class, message, cause) = {
        let list = list.lock();
        let e = list.iter().find(|e| e.index == index)?;
        (e.class, e.message.clone(), e.cause.clone())
    };
    let cause_object = match cause {
        None => ObjRef::NULL,
        Some((c, m)) => {
            let _ = match &m {
                Some(m) => exceptions::throw(t, &c.to_str(), m),
                None => exceptions::throw_bare(t, &c.to_str()),
            };
            exceptions::take_pending(t)
        }
    };
    Some(exceptions::throw_with_cause(t, &class.to_str(), message.as_deref(), cause_object))
}

/// Records the pending linkage error of linking a class, so that linking it again fails the same way.
pub fn record_link(t: &Thread, class: ClassRef) {
    // The index that no entry has, since a pool has at most 65535 entries with index 0 unused.
    const LINKING: u16 = u16::MAX;
    if (class.cp.len() as u32) < u32::from(LINKING) {
        record_without_state(t, class, LINKING);
    }
}

/// The error recorded for the failed initialisation of a class, null when there is none.
pub fn initialization_error(class: ClassRef) -> ObjRef {
    let p = class.errors.load(Ordering::Acquire);
    if p.is_null() {
        return ObjRef::NULL;
    }
    // SAFETY: freed with the loader only, as are its root slots.
    unsafe {
        let slot = (*p).lock().iter().find(|e| e.index == 0).map_or(0, |e| e.object);
        if slot == 0 { ObjRef::NULL } else { *(slot as *const ObjRef) }
    }
}
