//! `-verbose` and `-Xlog` lines.

use crate::oops::class::ClassRef;
use crate::oops::method::MethodRef;
use crate::runtime::frames;
use crate::runtime::log_config::Level;
use crate::runtime::thread::Thread;
use crate::runtime::vm::Vm;
use crate::runtime::{strings, thread_list};
use caturra_heap::{GcEvent, GcKind, ObjRef};

/// Logs a line under tags separated by commas: `[0.012s][info][class,load] text`, wherever `-Xlog` sends it.
pub fn line(vm: &Vm, level: Level, tags: &str, text: &str) {
    vm.options.log.write(level, tags, text);
}

/// A warning of the VM itself, on standard error; `-XX:-PrintWarnings` silences them.
pub fn warning(vm: &Vm, text: &str) {
    vm.options.warning(text);
}

/// `-verbose:class`, `-Xlog:class+load`.
pub fn class_loaded(vm: &Vm, class: ClassRef, source: Option<&str>) {
    if vm.options.verbose_class_load {
        line(
            vm,
            Level::Info,
            "class,load",
            &format!("{} source: {}", class.external_name(), source.unwrap_or("__JVM_DefineClass__")),
        );
    }
}

/// `-Xlog:class+init`.
pub fn class_init(vm: &Vm, class: ClassRef) {
    if vm.options.verbose_class_init {
        line(vm, Level::Info, "class,init", &format!("Initializing '{}'", class.external_name()));
    }
}

/// `-verbose:gc`, `-Xlog:gc`.
pub fn collection(vm: &Vm, e: &GcEvent) {
    if !vm.options.verbose_gc {
        return;
    }
    let kind = match e.kind {
        GcKind::Minor => "Pause Young",
        GcKind::Full => "Pause Full",
    };
    let text = format!(
        "GC({}) {kind} ({}) {}M->{}M({}M) {:.3}ms",
        e.id,
        e.cause.name(),
        e.used_before >> 20,
        e.used_after >> 20,
        e.committed >> 20,
        e.pause.as_secs_f64() * 1000.0
    );
    line(vm, Level::Info, "gc", &text);
}

/// "<a 'java/lang/RuntimeException'{0x…}: message>".
fn exception_text(vm: &Vm, exception: ObjRef) -> String {
    // SAFETY: a live throwable.
    let (class, message) =
        unsafe { (ClassRef::of(exception), exception.load_ref(vm.off.throwable_detail_message() as usize)) };
    let message = if message.is_null() { String::new() } else { format!(": {}", strings::to_rust(message)) };
    format!("<a '{}'{{{:#018x}}}{message}>", class.name, exception.addr() as usize)
}

/// `-Xlog:exceptions`: an exception goes through a method, where a handler catches it, or none.
pub fn exception_in(t: &Thread, exception: ObjRef, method: MethodRef, bci: usize, handler: Option<u16>) {
    let vm = t.vm();
    let text = format!(
        "Exception {}\n thrown in interpreter method <{{method}} {{{:#018x}}} '{}' '{}' in '{}'>\n at bci {bci} for thread {:#018x} ({})",
        exception_text(vm, exception),
        method.as_raw(),
        method.name,
        method.signature.symbol,
        method.holder.name,
        std::ptr::from_ref(t) as usize,
        thread_list::name_of(vm, t.object.get()),
    );
    line(vm, Level::Info, "exceptions", &text);
    if let Some(handler) = handler {
        // SAFETY: a live throwable.
        let class = unsafe { ClassRef::of(exception) }.external_name();
        let text = format!(
            "Found matching handler for exception of type \"{class}\" in method \"{}\" at BCI: {handler}",
            method.name
        );
        line(vm, Level::Info, "exceptions", &text);
    }
}

/// `-Xlog:class+resolve=debug`: a class constant was resolved, on behalf of the code that runs.
pub fn class_resolved(t: &Thread, holder: ClassRef, resolved: ClassRef) {
    let top = frames::walk(t).next().filter(|a| a.class() == holder);
    let place = top.and_then(|a| {
        let line = a.method.line_number(u16::try_from(a.bci).ok()?)?;
        Some(format!(" {}:{line}", holder.extra.source_file?))
    });
    let text =
        format!("{} {}{}", holder.external_name(), resolved.external_name(), place.unwrap_or_default());
    line(t.vm(), Level::Debug, "class,resolve", &text);
}

/// `-Xlog:os+thread`: what happened to the calling thread.
pub fn thread_event(t: &Thread, event: &str) {
    let text = format!("Thread {event} (tid: {}, pthread id: {}).", t.os_tid.get(), t.os_thread.get());
    line(t.vm(), Level::Info, "os,thread", &text);
}

/// As [`thread_event`] for a thread that begins to run: its stack too, at level debug.
pub fn thread_alive(t: &Thread) {
    thread_event(t, "is alive");
    let (base, size) = (t.native_base.get(), t.native_size.get());
    let text = format!(
        "Thread {} stack dimensions: {:#018x}-{base:#018x} ({}k).",
        t.os_tid.get(),
        base - size,
        size >> 10
    );
    line(t.vm(), Level::Debug, "os,thread", &text);
    let text =
        format!("Thread {} stack guard pages activated: {:#018x}.", t.os_tid.get(), t.native_limit.get());
    line(t.vm(), Level::Debug, "os,thread", &text);
}
