//! The end of a VM: `DestroyJavaVM`.

use caturra_kernel::runtime::safepoint::JavaScope;
use caturra_kernel::runtime::thread_list::{self, AttachRequest};
use caturra_kernel::runtime::vm::Phase;
use caturra_kernel::runtime::{alloc, calls, ending, exceptions, signals, tools};
use caturra_kernel::{Thread, Vm};

/// Waits for all non-daemon threads, runs the shutdown hooks and ends the VM. 0 when done.
pub fn destroy(vm: &'static Vm) -> i32 {
    let t = match Thread::current() {
        Some(t) => t,
        None => {
            let request = AttachRequest {
                name: Some("DestroyJavaVM".into()),
                group: std::ptr::null_mut(),
                daemon: false,
            };
            match thread_list::attach(vm, request) {
                Some(t) => t,
                None => return -1,
            }
        }
    };
    {
        let _java = JavaScope::enter(t);
        vm.threads.wait_for_non_daemons(t);
        shut_down(t);
        tools::vm_death(t);
    }
    signals::stop_dispatcher();
    vm.set_phase(Phase::Dead);
    if vm.options.is_launcher() {
        // The process ends next, and the system cleans up faster.
        ending::run_callbacks(vm);
        return 0;
    }
    let gone = {
        let _java = JavaScope::enter(t);
        let exception = alloc::new_object(t, vm.wk.throwable(), "()V", &[])
            .unwrap_or_else(|_| exceptions::take_pending(t));
        ending::end_other_threads(t, exception)
    };
    ending::run_callbacks(vm);
    if gone {
        caturra_jni::forget_java_vm(vm);
        // SAFETY: no thread is left, and JNI forbids the host to use the VM any more.
        unsafe { ending::free(t) };
        crate::invocation::forget(vm);
    }
    0
}

/// Runs the shutdown hooks through `java.lang.Shutdown.shutdown()`.
fn shut_down(t: &Thread) {
    let vm = t.vm();
    let name = vm.symbols.intern("java/lang/Shutdown");
    let result = caturra_kernel::loading::loader::load_class(t, vm.loaders.boot(), name)
        .and_then(|c| calls::call_static(t, c, "shutdown", "()V", &[]));
    if result.is_err() {
        exceptions::take_pending(t);
    }
}
