//! Compiled code when classes get other definitions (`kernel::loading::redefine`): code made of the old ones is not
//! entered any more, and its activations go on with the old methods.

use crate::Jit;
use crate::nmethod::State;
use caturra_kernel::{MethodRef, Vm};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;

/// Gives the code of redefined methods over to their old copies. The world is stopped.
pub fn redefined(vm: &Vm, moved: &HashMap<u64, MethodRef>) {
    let jit = Jit::of(vm);
    // Compilations that run now end first; what they install is found below.
    let _compilations = jit.metadata.write();
    let is_moved = |m: MethodRef| moved.contains_key(&m.as_raw());
    jit.queue.forget(&is_moved);
    jit.optimising_queue.forget(&is_moved);
    let mut left: HashSet<MethodRef> = HashSet::new();
    jit.for_each_method_mut(|n| {
        if !n.scopes.iter().any(|s| is_moved(s.method)) {
            return;
        }
        if let Some(cell) = n.speculation.invalid {
            // Optimised code gives itself up at the next place where it can.
            cell.store(1, Ordering::Release);
        }
        n.set_state(State::NotEntrant);
        left.insert(n.method);
        if let Some(old) = moved.get(&n.method.as_raw()) {
            n.method = *old;
        }
        for scope in n.scopes.iter_mut() {
            if let Some(old) = moved.get(&scope.method.as_raw()) {
                scope.method = *old;
            }
        }
    });
    for method in left {
        jit.forget_code(method);
        method.invocations.store(0, Ordering::Relaxed);
        method.back_edges.store(0, Ordering::Relaxed);
    }
}
