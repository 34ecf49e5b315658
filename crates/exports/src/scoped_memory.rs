//! `jdk.internal.misc.ScopedMemoryAccess`: closing a memory segment that other threads may be accessing.

use crate::internal::{Args, ClassTable, bool_slot};
use caturra_heap::ObjRef;
use caturra_kernel::Thread;
use caturra_kernel::oops::method::MethodFlags;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::{frames, safepoint};

pub(crate) const INTERNAL: &[ClassTable] = &[(
    "jdk/internal/misc/ScopedMemoryAccess",
    &[(
        "closeScope0",
        "(Ljdk/internal/misc/ScopedMemoryAccess$Scope;Ljdk/internal/misc/ScopedMemoryAccess$Scope$ScopedAccessError;)Z",
        close_scope,
    )],
)];

/// An access is a `@Scoped` method with few calls below it (the class library promises at most that many).
const DEPTH: usize = 10;

/// Whether no thread is inside an access to memory of the scope. A scoped method checks the scope before the
/// access and has it in a local variable until after it, so with the world stopped the frames tell.
///
/// # Safety
/// Called as an internal native.
unsafe fn close_scope(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let scope = unsafe { Args::new(slots) }.obj(1);
    let vm = t.vm();
    let in_use =
        safepoint::stop_the_world(t, || vm.threads.with_all(|all| all.iter().any(|x| accesses(x, scope))));
    Ok(bool_slot(!in_use))
}

/// Whether a stopped thread is inside a scoped access with that scope.
fn accesses(thread: &Thread, scope: ObjRef) -> bool {
    let Some(access) = frames::walk(thread).take(DEPTH).find(|a| a.method.has(MethodFlags::SCOPED)) else {
        return false;
    };
    if access.frame.is_null() {
        // Compiled: which scope it is cannot be seen.
        return true;
    }
    // SAFETY: the local variables of a frame of a stopped thread.
    let locals =
        unsafe { std::slice::from_raw_parts((*access.frame).locals, usize::from(access.method.max_locals)) };
    locals.contains(&u64::from(scope.raw()))
}
