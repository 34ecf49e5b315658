//! What this room keeps for a VM: method types and intrinsics by signature.

use caturra_kernel::{MethodKind, MethodRef, ObjRef, Sym, Vm};
use hashbrown::HashMap;
use parking_lot::Mutex;

/// A handle of the boot loader: a root slot that never goes away.
pub struct Root(*const ObjRef);

// SAFETY: the slot is written by the collector only, with the world stopped.
unsafe impl Send for Root {}
// SAFETY: as above.
unsafe impl Sync for Root {}

impl Root {
    pub fn new(vm: &Vm, object: ObjRef) -> Root {
        Root(vm.loaders.boot().add_handle(object))
    }
    pub fn get(&self) -> ObjRef {
        // SAFETY: the boot loader's handles live as long as the VM.
        unsafe { *self.0 }
    }
}

#[derive(Default)]
pub struct State {
    /// `MethodType`s whose classes are the same for every loader, by descriptor.
    pub method_types: Mutex<HashMap<Sym, Root>>,
    /// Intrinsics of `MethodHandle` by kind and basic signature.
    pub intrinsics: Mutex<HashMap<(MethodKindKey, Sym), MethodRef>>,
}

/// A [`MethodKind`] as a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MethodKindKey(u8);

impl From<MethodKind> for MethodKindKey {
    fn from(kind: MethodKind) -> MethodKindKey {
        MethodKindKey(kind as u8)
    }
}

pub fn of(vm: &'static Vm) -> &'static State {
    let any = vm.invoke_data.get_or_init(|| Box::<State>::default());
    any.downcast_ref::<State>().expect("nobody else uses this place")
}
