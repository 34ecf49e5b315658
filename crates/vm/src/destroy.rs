//! The end of a VM: `DestroyJavaVM`.

use caturra_kernel::runtime::safepoint::JavaScope;
use caturra_kernel::runtime::thread_list::{self, AttachRequest};
use caturra_kernel::runtime::vm::Phase;
use caturra_kernel::runtime::{calls, exceptions};
use caturra_kernel::{Thread, Vm};
use parking_lot::Mutex;
use std::collections::HashMap;

type Callback = Box<dyn FnOnce() + Send>;

static CALLBACKS: Mutex<Option<HashMap<usize, Callback>>> = Mutex::new(None);

/// Has `f` called when `vm` has ended.
pub fn on_destroy(vm: &Vm, f: Callback) {
    CALLBACKS.lock().get_or_insert_default().insert(std::ptr::from_ref(vm) as usize, f);
}

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
    }
    caturra_kernel::runtime::signals::stop_dispatcher();
    vm.set_phase(Phase::Dead);
    if let Some(f) = CALLBACKS.lock().as_mut().and_then(|m| m.remove(&(std::ptr::from_ref(vm) as usize))) {
        f();
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
