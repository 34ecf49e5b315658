//! The hooks by which the kernel reaches the engines and faces.

use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::vm::EngineHooks;
use caturra_kernel::{ClassRef, ObjRef, Thread, Vm};

fn verify_class(_: &Thread, _: ClassRef) -> JResult<()> {
    Ok(())
}

fn resolve_constant(t: &Thread, _: ClassRef, _: u16) -> JResult<ObjRef> {
    Err(exceptions::throw(t, "java/lang/UnsupportedOperationException", "method handle constants"))
}

/// Installs the hooks in a new VM.
pub fn install(vm: &Vm) {
    caturra_jni::install(vm);
    let _ = caturra_jni::HOOKS.set(caturra_jni::JniHooks {
        to_reflected_method: caturra_exports::reflection::to_reflected_method,
        to_reflected_field: caturra_exports::reflection::to_reflected_field,
        destroy_java_vm: crate::destroy::destroy,
        tool_interface: None,
    });
    let _ = vm.engine.set(EngineHooks {
        invoke: caturra_interpreter::invoke,
        link_method: caturra_interpreter::link_method,
        verify_class,
        resolve_constant,
        internal_native: caturra_exports::internal::internal_native,
        link_native: caturra_jni::link_native,
    });
}
