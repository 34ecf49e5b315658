//! Calls that are no plain push of a bytecode frame: unlinked and native methods, the intrinsics of
//! `MethodHandle` (JVMS §2.9.3), and methods that raise an error.

use crate::intrinsics::intrinsic;
use crate::link;
use caturra_bytecode::BasicType;
use caturra_kernel::oops::method::MethodKind;
use caturra_kernel::platform;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::frames::{FRAME_SLOTS, Frame};
use caturra_kernel::runtime::vm::{INVOCATION_NOTIFICATION, InternalNative};
use caturra_kernel::runtime::{calls, monitor, native_call};
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Sym, Thread, Thrown};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use crate::invoke::lock_frame;

/// An adapter and its appendix, or null.
pub type Linkage = (MethodRef, ObjRef);

/// What the interpreter asks of the room for method handles; installed once at boot.
pub struct InvokeHooks {
    /// Links an `invokevirtual` of a signature-polymorphic method other than the intrinsics (JVMS §5.4.3.3):
    /// holder of the constant pool, index, calling method; gives the adapter and the appendix or null.
    pub link_handle_call: fn(&Thread, ClassRef, u16, MethodRef) -> JResult<Linkage>,
    /// Links an `invokedynamic` site (JVMS §6.5): holder, index, calling method, bytecode index.
    pub link_call_site: fn(&Thread, ClassRef, u16, MethodRef, i32) -> JResult<Linkage>,
}

/// Functions only, the same for every VM of the process.
pub static INVOKE_HOOKS: OnceLock<InvokeHooks> = OnceLock::new();

/// What is left to do after [`call_other`]: both null, an exception is pending; a callee, go on with it and the
/// arguments below `sp`; no callee, the call is complete and its result lies below `sp`.
#[repr(C)]
pub struct Next {
    pub callee: Option<MethodRef>,
    pub sp: *mut u64,
}

impl Next {
    fn thrown(_: Thrown) -> Next {
        Next { callee: None, sp: null_mut() }
    }
}

/// Calls a method without private code.
///
/// # Safety
/// `frame` is the youngest frame, with its `pc` saved; `callee`'s arguments lie below `sp`.
#[inline(never)]
pub unsafe fn call_other(t: &Thread, frame: *mut Frame, callee: MethodRef, sp: *mut u64) -> Next {
    // SAFETY: the caller's promise: the arguments are there, and of the callee's types.
    unsafe {
        let args = sp.sub(callee.arg_slots as usize);
        match callee.kind() {
            MethodKind::Native | MethodKind::Internal => call_native(t, frame, callee, sp),
            MethodKind::Bytecode => Next { callee: Some(callee), sp },
            MethodKind::Unlinked => match link::link_method(t, callee) {
                Ok(()) => Next { callee: Some(callee), sp },
                Err(thrown) => Next::thrown(thrown),
            },
            MethodKind::InvokeBasic => {
                let handle = ObjRef::from_raw(*args as u32);
                if handle.is_null() {
                    return Next::thrown(exceptions::npe(t));
                }
                Next { callee: Some(target_of_handle(t, handle)), sp }
            }
            kind @ (MethodKind::LinkToVirtual
            | MethodKind::LinkToStatic
            | MethodKind::LinkToSpecial
            | MethodKind::LinkToInterface
            | MethodKind::LinkToNative) => match link_to(t, kind as u64, sp) {
                Ok(m) => Next { callee: Some(m), sp: sp.sub(1) },
                Err(thrown) => Next::thrown(thrown),
            },
            MethodKind::Abstract => {
                // Reached through a vtable entry that no class implements: the receiver tells which class.
                let class = ClassRef::of(ObjRef::from_raw(*args as u32));
                Next::thrown(caturra_kernel::linking::errors::abstract_method(t, class, callee, callee))
            }
            MethodKind::Erroneous => {
                // The linker leaves the error's text, a symbol, in a field that such a method has no use for.
                let text = Sym::from_raw(callee.profile.load(Ordering::Acquire) as u64);
                let class = "java/lang/IncompatibleClassChangeError";
                Next::thrown(exceptions::throw(t, class, &text.to_str()))
            }
        }
    }
}

/// Calls compiled code with the arguments below `sp`.
///
/// # Safety
/// As [`call_other`]; `callee` is compiled.
#[inline(always)]
pub unsafe fn call_compiled(t: &Thread, callee: MethodRef, code: *const u8, sp: *mut u64) -> *mut u64 {
    // SAFETY: the caller's promise; the stub is stored before the code.
    unsafe {
        let args = sp.sub(callee.arg_slots as usize);
        let stub = callee.from_slots.load(Ordering::Acquire);
        let thread = std::ptr::from_ref(t).cast();
        let value = platform::enter_compiled(thread, stub, code as u64, args as u64, 0);
        if t.has_pending() {
            return null_mut();
        }
        if callee.ret == BasicType::Void {
            return args;
        }
        *args = value;
        args.add(callee.ret.slots())
    }
}

/// Counts a call, and lets the compilation policy look at the method now and then. True when it is compiled now.
#[inline(always)]
pub fn count_call(t: &Thread, callee: MethodRef) -> bool {
    let n = callee.invocations.load(Ordering::Relaxed).saturating_add(1);
    callee.invocations.store(n, Ordering::Relaxed);
    n.is_multiple_of(INVOCATION_NOTIFICATION) && notify_call(t, callee)
}

#[cold]
#[inline(never)]
fn notify_call(t: &Thread, callee: MethodRef) -> bool {
    if let Some(compiler) = t.vm().compiler.get() {
        (compiler.invoked)(t, callee);
    }
    !callee.compiled.load(Ordering::Acquire).is_null()
}

/// The method behind a method handle's lambda form: `handle.form.vmentry.method.vmtarget`.
///
/// # Safety
/// `handle` is a live `MethodHandle`.
#[inline(always)]
pub unsafe fn target_of_handle(t: &Thread, handle: ObjRef) -> MethodRef {
    let off = &t.vm().off;
    // SAFETY: the class library prepares a form before a handle with it is published.
    unsafe {
        let form = handle.load_ref(off.method_handle_form() as usize);
        target_of_member(t, form.load_ref(off.lambda_form_vmentry() as usize))
    }
}

/// # Safety
/// `member` is a live, resolved `MemberName` of a method.
#[inline(always)]
unsafe fn target_of_member(t: &Thread, member: ObjRef) -> MethodRef {
    let off = &t.vm().off;
    // SAFETY: a resolved MemberName has a ResolvedMethodName, whose target is a method of a live class.
    unsafe {
        let method = member.load_ref(off.member_name_method() as usize);
        MethodRef::from_raw(method.load::<u64>(off.resolved_method_vmtarget() as usize))
    }
}

/// The method that a `linkTo*` intrinsic of that kind (a [`MethodKind`]) jumps to. The last argument, at
/// `sp - 1`, is the `MemberName`; the target's arguments lie below it.
///
/// # Safety
/// As [`call_other`].
pub unsafe fn link_to(t: &Thread, kind: u64, sp: *mut u64) -> JResult<MethodRef> {
    // SAFETY: the caller's promise.
    unsafe {
        let member = ObjRef::from_raw(*sp.sub(1) as u32);
        if member.is_null() {
            return Err(exceptions::npe(t));
        }
        if kind == MethodKind::LinkToNative as u64 {
            return Err(exceptions::throw(
                t,
                "java/lang/UnsupportedOperationException",
                "java.lang.invoke.MethodHandle.linkToNative",
            ));
        }
        let target = target_of_member(t, member);
        if kind == MethodKind::LinkToStatic as u64 {
            return Ok(target);
        }
        let receiver = ObjRef::from_raw(*sp.sub(1 + target.arg_slots as usize) as u32);
        if receiver.is_null() {
            return Err(exceptions::npe(t));
        }
        if kind == MethodKind::LinkToSpecial as u64 || target.is_statically_bound() {
            return Ok(target);
        }
        let class = ClassRef::of(receiver);
        match usize::try_from(target.vtable_index()) {
            Ok(index) => Ok(class.vtable_entry(index)),
            Err(_) => calls::select(t, class, target),
        }
    }
}

/// Calls a native method in a frame of its own.
///
/// # Safety
/// As [`call_other`].
unsafe fn call_native(t: &Thread, caller: *mut Frame, callee: MethodRef, sp: *mut u64) -> Next {
    // SAFETY: the caller's promise.
    unsafe {
        if sp.wrapping_add(FRAME_SLOTS + 2) > t.java_stack.limit.get() || t.native_stack_low() {
            return Next::thrown(exceptions::stack_overflow(t));
        }
        let args = sp.sub(callee.arg_slots as usize);
        let frame = sp.cast::<Frame>();
        frame.write(Frame {
            prev: caller,
            method: callee.as_raw(),
            pc: null(),
            locals: args,
            cp: callee.holder.cp.slots.as_ptr(),
            lock: ObjRef::NULL,
            flags: 0,
        });
        t.frame.set(frame);
        let n = callee.invocations.load(Ordering::Relaxed);
        callee.invocations.store(n.saturating_add(1), Ordering::Relaxed);
        if callee.is_synchronized() {
            lock_frame(t, frame);
        }
        let mut result = bind(t, callee).and_then(|function| {
            // `bind` has made the kind final.
            if callee.kind() == MethodKind::Internal {
                let function: InternalNative = std::mem::transmute::<*mut u8, InternalNative>(function);
                function(t, args)
            } else {
                native_call::call_jni(t, callee, args)
            }
        });
        let lock = (*frame).lock;
        if !lock.is_null() {
            // The native's own exception survives, unless the monitor is not held any more.
            let pending = exceptions::take_pending(t);
            let unlocked = monitor::exit(t, lock);
            result = match unlocked {
                Ok(()) if pending.is_null() => result,
                Ok(()) => Err(exceptions::throw_object(t, pending)),
                Err(thrown) => Err(thrown),
            };
        }
        t.frame.set(caller);
        match result {
            Ok(value) => {
                if callee.ret != BasicType::Void {
                    *args = value;
                }
                Next { callee: None, sp: args.add(callee.ret.slots()) }
            }
            Err(thrown) => Next::thrown(thrown),
        }
    }
}

/// The function of a native method, found at its first call: the VM's own, else the library's.
fn bind(t: &Thread, callee: MethodRef) -> JResult<*mut u8> {
    let bound = callee.native_fn.load(Ordering::Acquire);
    if !bound.is_null() {
        return Ok(bound);
    }
    let engine = t.vm().engine();
    if let Some(internal) = intrinsic(callee).or_else(|| (engine.internal_native)(callee)) {
        // Kind before function: whoever sees the function sees the kind.
        callee.set_kind(MethodKind::Internal);
        callee.native_fn.store(internal as *mut u8, Ordering::Release);
        return Ok(internal as *mut u8);
    }
    let function = (engine.link_native)(t, callee)?;
    callee.native_fn.store(function, Ordering::Release);
    Ok(function)
}
