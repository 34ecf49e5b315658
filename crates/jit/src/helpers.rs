//! What compiled code calls in the VM. The thread is the last argument of all that can throw; see `runtime_calls`.

use crate::Jit;
pub use crate::big_integers::{
    montgomery_multiply, montgomery_square, multiply_add, multiply_to_len, square_to_len,
};
pub use crate::checksums::{crc32_of_buffer, crc32_of_byte, crc32_of_bytes, crc32c_of_bytes};
pub use crate::string_helpers::{
    bytes_equal, compress_bytes, compress_chars, has_negatives, inflate_to_bytes, inflate_to_chars,
};
pub use crate::tier2::deopt::deoptimise;
use caturra_bytecode::{BasicType, arith};
use caturra_kernel::linking::resolve::{self, FieldAccess, InvokeKind};
use caturra_kernel::linking::{errors, init};
use caturra_kernel::loading::mirrors;
use caturra_kernel::oops::class::{ClassFlags, ClassKind};
use caturra_kernel::oops::method::MethodKind;
use caturra_kernel::runtime::exceptions::{self, JResult, Thrown};
use caturra_kernel::runtime::{alloc, calls, frames, monitor, safepoint};
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Thread};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

// SAFETY (for this whole file): compiled code passes what the table in `runtime_calls` says: methods and classes that
// are loaded, since the code belongs to one whose loader keeps them, references that are null or live objects, and
// cells of the code. The stubs pass the current thread.

/// The result of an anchored call that may have thrown.
fn value<T: Default>(result: JResult<T>) -> T {
    result.unwrap_or_default()
}

fn thrown(_: Thrown) {}

pub extern "C" fn poll(t: &Thread) {
    safepoint::poll_slow(t);
}

pub extern "C" fn throw_null(t: &Thread) {
    thrown(exceptions::npe(t));
}

pub extern "C" fn throw_bounds(index: i32, length: i32, t: &Thread) {
    thrown(exceptions::throw(
        t,
        "java/lang/ArrayIndexOutOfBoundsException",
        &format!("Index {index} out of bounds for length {length}"),
    ));
}

pub extern "C" fn throw_divide_by_zero(t: &Thread) {
    thrown(exceptions::throw(t, "java/lang/ArithmeticException", "/ by zero"));
}

pub extern "C" fn throw_array_store(stored: ObjRef, t: &Thread) {
    // SAFETY: see the top.
    let class = unsafe { ClassRef::of(stored) };
    thrown(exceptions::throw(t, "java/lang/ArrayStoreException", &class.external_name()));
}

pub extern "C" fn throw_class_cast(object: ObjRef, target: u64, t: &Thread) {
    // SAFETY: see the top.
    thrown(errors::class_cast(t, object, unsafe { ClassRef::from_raw(target) }));
}

pub extern "C" fn throw_stack_overflow(t: &Thread) {
    thrown(exceptions::stack_overflow(t));
}

fn slow_result(t: &Thread, result: JResult<ObjRef>) {
    t.slow_result.set(u64::from(result.map_or(0, ObjRef::raw)));
}

pub extern "C" fn new_instance(class: u64, t: &Thread) {
    // SAFETY: see the top.
    slow_result(t, alloc::instance(t, unsafe { ClassRef::from_raw(class) }));
}

pub extern "C" fn new_array(class: u64, length: i32, t: &Thread) {
    // SAFETY: see the top.
    slow_result(t, alloc::array(t, unsafe { ClassRef::from_raw(class) }, length));
}

pub extern "C" fn monitor_enter(object: ObjRef, t: &Thread) {
    monitor::enter(t, object);
}

pub extern "C" fn monitor_exit(object: ObjRef, t: &Thread) {
    if let Err(e) = monitor::exit(t, object) {
        thrown(e);
    }
}

/// Compiled code has given up an inflated monitor that others want.
pub extern "C" fn monitor_released(object: ObjRef, t: &Thread) {
    monitor::wake_after_release(t, object);
}

/// Leaves the monitor of a synchronized method that completes abruptly (JVMS §2.11.10).
pub extern "C" fn unlock_unwinding(object: ObjRef, t: &Thread) {
    let exception = exceptions::take_pending(t);
    // Not the owner: IllegalMonitorStateException takes the exception's place.
    if monitor::exit(t, object).is_ok() {
        t.pending.set(exception);
    }
}

fn callee_of(raw: u64) -> MethodRef {
    // SAFETY: see the top.
    unsafe { MethodRef::from_raw(raw) }
}

/// The method whose code calls: the one that the code names, unless its class got another definition since. Then the
/// activation has the old one, which the code was made of.
fn method_of(raw: u64, t: &Thread) -> MethodRef {
    let named = callee_of(raw);
    if t.vm().redefinitions.load(Ordering::Relaxed) == 0 {
        return named;
    }
    let is_version = |m: &MethodRef| {
        m.name == named.name
            && m.signature.symbol == named.signature.symbol
            && m.holder.name == named.holder.name
    };
    frames::walk(t).next().map(|a| a.method).filter(is_version).unwrap_or(named)
}

fn cell<'a>(address: *const AtomicU64) -> &'a AtomicU64 {
    // SAFETY: see the top.
    unsafe { &*address }
}

/// `new` of a class that was not initialised when the code was made (JVMS §6.5).
pub extern "C" fn new_unresolved(method: u64, index: i32, t: &Thread) -> u32 {
    let make = || {
        let class = resolve::resolve_class(t, method_of(method, t).holder, index as u16)?;
        if class.is_abstract() || class.is_interface() || !class.is_instance_class() {
            return Err(exceptions::throw(t, "java/lang/InstantiationError", &class.external_name()));
        }
        init::initialize(t, class)?;
        alloc::instance(t, class)
    };
    value(make()).raw()
}

pub extern "C" fn new_array_unresolved(method: u64, index: i32, length: i32, t: &Thread) -> u32 {
    let make = || {
        let element = resolve::resolve_class(t, method_of(method, t).holder, index as u16)?;
        alloc::array(t, mirrors::array_class_of(t, element)?, length)
    };
    value(make()).raw()
}

pub extern "C" fn new_multi_array(
    method: u64,
    index: i32,
    lengths: *const i32,
    count: i32,
    t: &Thread,
) -> u32 {
    // SAFETY: see the top: an array in the caller's frame.
    let lengths = unsafe { std::slice::from_raw_parts(lengths, count as usize) };
    let make = || {
        let class = resolve::resolve_class(t, method_of(method, t).holder, index as u16)?;
        alloc::multi_array(t, class, lengths)
    };
    value(make()).raw()
}

/// `multianewarray` of a known class.
pub extern "C" fn new_multi_array_of(class: u64, lengths: *const i32, count: i32, t: &Thread) -> u32 {
    // SAFETY: see the top: an array in the caller's frame.
    let (class, lengths) =
        unsafe { (ClassRef::from_raw(class), std::slice::from_raw_parts(lengths, count as usize)) };
    value(alloc::multi_array(t, class, lengths)).raw()
}

pub extern "C" fn load_constant(method: u64, index: i32, t: &Thread) -> u64 {
    value(resolve::resolve_loadable(t, method_of(method, t).holder, index as u16).map(|c| c.value))
}

/// Address of a static field; kept in the cell once its class is initialised.
pub extern "C" fn static_field(
    method: u64,
    index: i32,
    put: i32,
    place: *const AtomicU64,
    t: &Thread,
) -> u64 {
    let method = method_of(method, t);
    let access = if put != 0 { FieldAccess::PutStatic } else { FieldAccess::GetStatic };
    let find = || {
        let field = resolve::resolve_field(t, method.holder, index as u16, access, method)?;
        let address = field.holder.mirror().field_addr(field.offset as usize) as u64;
        if field.holder.is_initialized() {
            cell(place).store(address, Ordering::Release);
        }
        Ok(address)
    };
    value(find())
}

/// Offset of an instance field, kept in the cell.
pub extern "C" fn instance_field(
    method: u64,
    index: i32,
    put: i32,
    place: *const AtomicU64,
    t: &Thread,
) -> u64 {
    let method = method_of(method, t);
    let access = if put != 0 { FieldAccess::PutField } else { FieldAccess::GetField };
    match resolve::resolve_field(t, method.holder, index as u16, access, method) {
        Ok(field) => {
            cell(place).store(u64::from(field.offset), Ordering::Release);
            u64::from(field.offset)
        }
        Err(_) => 0,
    }
}

/// The method of an `invokestatic`; kept in the cell once its class is initialised.
pub extern "C" fn resolve_static(method: u64, index: i32, place: *const AtomicU64, t: &Thread) -> u64 {
    let method = method_of(method, t);
    match resolve::resolve_method(t, method.holder, index as u16, InvokeKind::Static, method) {
        Ok(m) => {
            if m.holder.is_initialized() {
                cell(place).store(m.as_raw(), Ordering::Release);
            }
            m.as_raw()
        }
        Err(_) => 0,
    }
}

/// The method of an `invokespecial`, kept in the cell.
pub extern "C" fn resolve_special(method: u64, index: i32, place: *const AtomicU64, t: &Thread) -> u64 {
    let method = method_of(method, t);
    match resolve::resolve_method(t, method.holder, index as u16, InvokeKind::Special, method) {
        Ok(m) => {
            cell(place).store(m.as_raw(), Ordering::Release);
            m.as_raw()
        }
        Err(_) => 0,
    }
}

/// Keeps a selection in an empty cell of a call site's two. When both are taken they stay: a site with many classes
/// would only fill and miss them.
fn remember(cells: *const AtomicU64, class: ClassRef, selected: MethodRef) {
    let entry = selected.as_raw() << 32 | u64::from(class.id());
    for i in 0..2 {
        let before =
            cell(cells.wrapping_add(i)).compare_exchange(0, entry, Ordering::AcqRel, Ordering::Acquire);
        if before.is_ok() || before == Err(entry) {
            return;
        }
    }
}

pub extern "C" fn select_virtual(
    method: u64,
    index: i32,
    receiver: ObjRef,
    cells: *const AtomicU64,
    t: &Thread,
) -> u64 {
    let caller = method_of(method, t);
    let select = || {
        let mut m = resolve::resolve_method(t, caller.holder, index as u16, InvokeKind::Virtual, caller)?;
        if receiver.is_null() {
            return Err(exceptions::npe(t));
        }
        // SAFETY: see the top.
        let class = unsafe { ClassRef::of(receiver) };
        m = calls::select(t, class, m)?;
        remember(cells, class, m);
        Ok(m.as_raw())
    };
    value(select())
}

pub extern "C" fn select_interface(
    method: u64,
    index: i32,
    receiver: ObjRef,
    cells: *const AtomicU64,
    t: &Thread,
) -> u64 {
    let caller = method_of(method, t);
    let select = || {
        // The first cell is filled where the constant has been resolved and checked for this instruction.
        let known = if cell(cells).load(Ordering::Acquire) == 0 {
            None
        } else {
            caller.holder.cp.resolved_method(index as u16)
        };
        let resolved = match known {
            Some(m) => m,
            None => resolve::resolve_method(t, caller.holder, index as u16, InvokeKind::Interface, caller)?,
        };
        if receiver.is_null() {
            return Err(exceptions::npe(t));
        }
        // SAFETY: see the top.
        let class = unsafe { ClassRef::of(receiver) };
        if resolved.is_statically_bound() && !class.is_subclass_of(resolved.holder) {
            return Err(errors::class_lacks_interface(t, class, resolved));
        }
        let selected = calls::select_interface(t, class, resolved)?;
        remember(cells, class, selected);
        Ok(selected.as_raw())
    };
    value(select())
}

/// Selects for an interface method resolved when the code was made; the receiver is not null. An empty cell is filled.
pub extern "C" fn select_resolved(method: u64, receiver: ObjRef, place: *const AtomicU64, t: &Thread) -> u64 {
    let resolved = callee_of(method);
    // SAFETY: see the top.
    let class = unsafe { ClassRef::of(receiver) };
    let select = || {
        if resolved.is_statically_bound() && !class.is_subclass_of(resolved.holder) {
            return Err(errors::class_lacks_interface(t, class, resolved));
        }
        calls::select_interface(t, class, resolved)
    };
    match select() {
        Ok(m) => {
            let entry = m.as_raw() << 32 | u64::from(class.id());
            let _ = cell(place).compare_exchange(0, entry, Ordering::AcqRel, Ordering::Acquire);
            m.as_raw()
        }
        Err(_) => 0,
    }
}

/// Tier 1 code has counted another round of loop iterations: optimised code that goes on at the loop header, or 0.
pub extern "C" fn back_edge(method: u64, bci: i32, t: &Thread) -> u64 {
    crate::tier2::policy::looped(t, method_of(method, t), bci as u32) as u64
}

/// Tier 1 code has counted another round of calls.
pub extern "C" fn entered(method: u64, t: &Thread) {
    crate::tier2::policy::entered(t, method_of(method, t));
}

/// A class that has no row of its own yet at a profiled place.
pub extern "C" fn profile_type(cells: *const AtomicU32, class: i32) {
    // SAFETY: see the top: the cells of a site.
    crate::profile::Site::count_class(unsafe { &*cells.cast() }, class as u32);
}

pub use profile_type as profile_receiver;

/// `checkcast` of a non-null reference to a class not resolved when the code was made.
pub extern "C" fn check_cast(method: u64, index: i32, object: ObjRef, t: &Thread) {
    if let Ok(target) = resolve::resolve_class(t, method_of(method, t).holder, index as u16) {
        // SAFETY: see the top.
        if !unsafe { ClassRef::of(object) }.is_subclass_of(target) {
            thrown(errors::class_cast(t, object, target));
        }
    }
}

pub extern "C" fn instance_of(method: u64, index: i32, object: ObjRef, t: &Thread) -> i32 {
    match resolve::resolve_class(t, method_of(method, t).holder, index as u16) {
        // SAFETY: see the top.
        Ok(target) => i32::from(unsafe { ClassRef::of(object) }.is_subclass_of(target)),
        Err(_) => 0,
    }
}

/// The stub does it all.
pub extern "C" fn scrub() {}

/// Whether the pending exception is of the catch type at `index`. 2: resolving that threw, and the new exception is
/// pending in place of the old one.
pub extern "C" fn catch_matches(method: u64, index: i32, t: &Thread) -> i32 {
    let exception = exceptions::take_pending(t);
    match resolve::resolve_class(t, method_of(method, t).holder, index as u16) {
        Ok(class) => {
            t.pending.set(exception);
            i32::from(exceptions::pending_is(t, class))
        }
        Err(_) => 2,
    }
}

pub extern "C" fn link_dynamic(method: u64, bci: i32, t: &Thread) -> u64 {
    (Jit::of(t.vm()).sites.link_dynamic)(t, method_of(method, t), bci as u32).map_or(0, |call| call as u64)
}

pub extern "C" fn link_handle(method: u64, index: i32, t: &Thread) -> u64 {
    (Jit::of(t.vm()).sites.link_handle)(t, method_of(method, t), index as u16).map_or(0, |call| call as u64)
}

pub extern "C" fn check_intrinsic(method: u64, index: i32, t: &Thread) {
    if let Err(e) = (Jit::of(t.vm()).sites.check_intrinsic)(t, method_of(method, t), index as u16) {
        thrown(e);
    }
}

/// The method that a `linkTo*` intrinsic of that kind (a [`MethodKind`]) calls (JVMS §2.9.3).
pub extern "C" fn link_to(kind: i32, member: ObjRef, receiver: ObjRef, t: &Thread) -> u64 {
    let kind = MethodKind::from_u8(kind as u8);
    let select = || {
        if member.is_null() {
            return Err(exceptions::npe(t));
        }
        let off = &t.vm().off;
        // SAFETY: see the top; a resolved MemberName has a ResolvedMethodName, whose target is a method.
        let target = unsafe {
            let resolved = member.load_ref(off.member_name_method() as usize);
            MethodRef::from_raw(resolved.load::<u64>(off.resolved_method_vmtarget() as usize))
        };
        if kind == MethodKind::LinkToStatic {
            return Ok(target);
        }
        if receiver.is_null() {
            return Err(exceptions::npe(t));
        }
        if kind == MethodKind::LinkToSpecial || target.is_statically_bound() {
            return Ok(target);
        }
        // SAFETY: see the top.
        let class = unsafe { ClassRef::of(receiver) };
        match usize::try_from(target.vtable_index()) {
            // SAFETY: the receiver is of the member's class.
            Ok(index) => Ok(unsafe { class.vtable_entry(index) }),
            Err(_) => calls::select(t, class, target),
        }
    };
    select().map_or(0, MethodRef::as_raw)
}

/// Registers an object whose class has a finalizer, at the end of `Object.<init>` (JLS §12.6).
pub extern "C" fn register_finalizer(object: ObjRef, t: &Thread) {
    // SAFETY: see the top.
    if !unsafe { ClassRef::of(object) }.has(ClassFlags::FINALIZABLE) {
        return;
    }
    let register = t.vm().methods.finalizer_register();
    let result = init::initialize(t, register.holder)
        .and_then(|()| calls::invoke(t, register, &[u64::from(object.raw())]));
    if let Err(e) = result {
        thrown(e);
    }
}

/// `System.arraycopy` where nothing can go wrong: two arrays of one type, and the ranges inside them. 0: do it the long
/// way.
pub extern "C" fn array_copy(from: ObjRef, at: i32, to: ObjRef, to_at: i32, length: i32, t: &Thread) -> i32 {
    if from.is_null() || to.is_null() || (at | to_at | length) < 0 {
        return 0;
    }
    // SAFETY: see the top; the ranges are inside the arrays.
    unsafe {
        let class = ClassRef::of(from);
        if !class.is_array() || ClassRef::of(to) != class {
            return 0;
        }
        let inside =
            |array: ObjRef, at: i32| i64::from(at) + i64::from(length) <= i64::from(array.array_length());
        if !inside(from, at) || !inside(to, to_at) {
            return 0;
        }
        let shift = class.prefix.elem_shift;
        let base = caturra_heap::layout::array_base(shift);
        let source = from.field_addr(base + ((at as usize) << shift));
        let target = to.field_addr(base + ((to_at as usize) << shift));
        let count = length as usize;
        // Elements are copied whole, so that no thread sees a torn one.
        match shift {
            0 => target.copy_from(source, count),
            1 => target.cast::<u16>().copy_from(source.cast(), count),
            2 => target.cast::<u32>().copy_from(source.cast(), count),
            _ => target.cast::<u64>().copy_from(source.cast(), count),
        }
        if class.kind == ClassKind::ObjArray {
            t.vm().heap.cards().mark_range(target, count << shift);
        }
    }
    1
}

pub extern "C" fn clone_array(array: ObjRef, t: &Thread) -> u32 {
    value(alloc::clone_object(t, array)).raw()
}

pub extern "C" fn identity_hash(object: ObjRef, t: &Thread) -> i32 {
    monitor::identity_hash(t, object)
}

/// As `identity_hash`, called without ceremony.
pub extern "C" fn hash_of(object: ObjRef, t: &Thread) -> i32 {
    monitor::identity_hash(t, object)
}

pub extern "C" fn is_subclass(class: u64, other: u64) -> i32 {
    // SAFETY: see the top.
    i32::from(unsafe { ClassRef::from_raw(class).is_subclass_of(ClassRef::from_raw(other)) })
}

/// The public, implemented method of the class for the `index`th of an interface; 0 when there is none.
pub extern "C" fn search_itable(class: u64, interface: u64, index: i32) -> u64 {
    // SAFETY: see the top.
    let (class, interface) = unsafe { (ClassRef::from_raw(class), ClassRef::from_raw(interface)) };
    match class.itable_for(interface).map(|methods| methods[index as usize]) {
        Some(m) if m.is_public() && !m.is_abstract() && m.kind() != MethodKind::Erroneous => m.as_raw(),
        _ => 0,
    }
}

pub extern "C" fn may_store(array: ObjRef, stored: ObjRef) -> i32 {
    // SAFETY: see the top.
    unsafe {
        let class = ClassRef::of(stored);
        i32::from(ClassRef::of(array).component.is_some_and(|component| class.is_subclass_of(component)))
    }
}

pub extern "C" fn frem(a: f32, b: f32) -> f32 {
    arith::frem(a, b)
}

pub extern "C" fn drem(a: f64, b: f64) -> f64 {
    arith::drem(a, b)
}

/// Calls `Thread::callee`, which is not compiled, with the arguments in the saved registers and on the stack.
pub unsafe extern "C" fn call_interpreter(registers: *const u64, stack: *const u64, t: &Thread) -> u64 {
    let method = callee_of(t.callee.get());
    if t.native_stack_low() {
        thrown(exceptions::stack_overflow(t));
        return 0;
    }
    // Recursion through both engines has this on the stack each time, so it is no larger than it must be.
    if usize::from(method.arg_slots) <= FEW_SLOTS {
        call_with_slots::<FEW_SLOTS>(method, registers, stack, t)
    } else {
        call_with_slots::<MAX_SLOTS>(method, registers, stack, t)
    }
}

/// Slots of the arguments of most methods, and of any method (JVMS §4.11).
const FEW_SLOTS: usize = 8;
const MAX_SLOTS: usize = 255;

#[inline(never)]
fn call_with_slots<const ROOM: usize>(
    method: MethodRef,
    registers: *const u64,
    stack: *const u64,
    t: &Thread,
) -> u64 {
    let mut slots = [0u64; ROOM];
    let (mut integers, mut floats, mut stacked) = (0, 0, 0);
    // The stub saves six integer registers, then eight floating-point ones (x86_64).
    let mut next = |float: bool| {
        let (count, limit, base) = if float { (&mut floats, 8, 6) } else { (&mut integers, 6, 0) };
        *count += 1;
        // SAFETY: the registers saved by the stub, and the caller's outgoing arguments, as the signature has them.
        unsafe {
            if *count <= limit {
                *registers.add(base + *count - 1)
            } else {
                stacked += 1;
                *stack.add(stacked - 1)
            }
        }
    };
    let mut slot = 0;
    if !method.is_static() {
        slots[0] = next(false) & 0xffff_ffff;
        slot = 1;
    }
    for &ty in method.signature.params {
        slots[slot] = match ty {
            BasicType::Long => next(false),
            BasicType::Double => next(true),
            BasicType::Float => next(true) & 0xffff_ffff,
            _ => next(false) & 0xffff_ffff,
        };
        slot += ty.slots();
    }
    value((t.vm().engine().invoke)(t, method, &slots[..slot]))
}
