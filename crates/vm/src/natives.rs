//! The hooks by which the kernel reaches the engines and faces.

use caturra_kernel::runtime::vm::{EngineHooks, InternalNative};
use caturra_kernel::{MethodRef, Vm};

/// The VM's own implementation of a native method: of the exported ones, else of the room for method handles.
fn internal_native(m: MethodRef) -> Option<InternalNative> {
    caturra_exports::internal_native(m).or_else(|| caturra_invoke::internal_native(m))
}

/// Installs the hooks in a new VM.
pub fn install(vm: &Vm) {
    install_with(vm, internal_native);
}

/// As [`install`], with another table of the native methods that the VM implements itself.
pub fn install_with(vm: &Vm, internal_native: fn(MethodRef) -> Option<InternalNative>) {
    caturra_jni::install(vm);
    let _ = caturra_jni::HOOKS.set(caturra_jni::JniHooks {
        to_reflected_method: caturra_exports::reflection::to_reflected_method,
        to_reflected_field: caturra_exports::reflection::to_reflected_field,
        destroy_java_vm: crate::destroy::destroy,
        tool_interface: Some(caturra_tooling::jvmti::get_env),
    });
    let _ = caturra_interpreter::INVOKE_HOOKS.set(caturra_interpreter::InvokeHooks {
        link_handle_call: caturra_invoke::link_handle_call,
        link_call_site: caturra_invoke::link_call_site,
    });
    caturra_tooling::install(vm);
    if vm.options.print_string_table_statistics {
        vm.ending.at_end(|vm| print!("{}", crate::statistics::tables(vm)));
    }
    let _ = vm.engine.set(EngineHooks {
        invoke: caturra_interpreter::invoke,
        link_method: caturra_interpreter::link_method,
        verify_class: crate::verify::verify_class,
        resolve_constant: caturra_invoke::resolve_constant,
        internal_native,
        link_native: caturra_jni::link_native,
        classes_unloaded: caturra_interpreter::clear_inline_caches,
    });
}

/// Gives a new VM its compilers, unless options forbid them.
pub fn install_compilers(vm: &'static Vm) -> Result<(), String> {
    let sites = caturra_jit::SiteHooks {
        link_dynamic: caturra_interpreter::link_dynamic_at,
        link_handle: caturra_interpreter::link_handle_site,
        check_intrinsic: caturra_interpreter::check_intrinsic_site,
        special_target: caturra_interpreter::special_target,
        push_frames: caturra_interpreter::push_frames,
        resume: caturra_interpreter::resume,
    };
    caturra_jit::install(vm, sites)
}
