//! `-verbose` and `-Xlog` lines.

use crate::oops::class::ClassRef;
use crate::runtime::log_config::Level;
use crate::runtime::vm::Vm;
use caturra_heap::{GcEvent, GcKind};

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
