//! What the loop does rarely: resolution and quickening, allocation that is no pointer bump, the poll.

use crate::calls::INVOKE_HOOKS;
use crate::fields;
use crate::link::{DynamicSite, HandleCall, InterfaceSite};
use crate::quick::op;
use caturra_bytecode::{BasicType, MethodDescriptor, arith};
use caturra_kernel::linking::resolve::{self, FieldAccess, InvokeKind};
use caturra_kernel::linking::{access, errors, init};
use caturra_kernel::loading::mirrors;
use caturra_kernel::oops::call_site::Outcome;
use caturra_kernel::oops::class::ClassFlags;
use caturra_kernel::oops::constant_pool::CpTag;
use caturra_kernel::oops::method::{MethodKind, external_name};
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::frames::Frame;
use caturra_kernel::runtime::{alloc, calls, safepoint, strings};
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Sym, Thread, Thrown};
use parking_lot::Mutex;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// Guards rewriting of opcodes together with operands, see [`crate::quick`]. A leaf: nothing but the bytes of
/// one instruction is touched while it is held.
pub static SITES: Mutex<()> = Mutex::new(());

/// Opcode and operand of the site, unless another thread has quickened it meanwhile.
///
/// # Safety
/// `pc` points to an instruction of private code.
unsafe fn site(pc: *const u8, expected: &[u8]) -> Option<(u8, u16)> {
    let _guard = SITES.lock();
    // SAFETY: the caller's promise; all expected instructions have an operand of at least one byte, and
    // `ldc`'s second byte is not used.
    unsafe {
        let opcode = *pc;
        if !expected.contains(&opcode) {
            return None;
        }
        let operand =
            if opcode == op::Ldc { u16::from(*pc.add(1)) } else { pc.add(1).cast::<u16>().read_unaligned() };
        Some((opcode, operand))
    }
}

/// Rewrites a site that still has the opcode `old`.
///
/// # Safety
/// As [`site`]; `new` and `operand` mean what the old instruction means.
unsafe fn quicken(pc: *const u8, old: u8, new: u8, operand: Option<u16>) {
    let _guard = SITES.lock();
    // SAFETY: private code is writable; the order of the stores is explained in `quick`.
    unsafe {
        if *pc != old {
            return;
        }
        if let Some(operand) = operand {
            pc.add(1).cast_mut().cast::<u16>().write_unaligned(operand);
        }
        (*pc.cast::<AtomicU8>()).store(new, Ordering::Release);
    }
}

/// `aload_0` before a `getfield`: becomes one instruction with it once that is quick.
///
/// # Safety
/// As [`site`], for an `Aload0Probe` followed by a `getfield`, slow or quick.
#[cold]
#[inline(never)]
pub unsafe fn pair(pc: *const u8) {
    // SAFETY: the caller's promise.
    unsafe {
        let paired = match (*pc.add(1).cast::<AtomicU8>()).load(Ordering::Acquire) {
            op::Getfield => return,
            op::GetfieldW => op::Aload0GetfieldW,
            op::GetfieldL => op::Aload0GetfieldL,
            op::GetfieldB => op::Aload0GetfieldB,
            _ => op::Aload0,
        };
        (*pc.cast::<AtomicU8>()).store(paired, Ordering::Release);
    }
}

/// The running method and the class whose constant pool it uses.
///
/// # Safety
/// `frame` is a bytecode frame.
unsafe fn method_of(frame: *mut Frame) -> (MethodRef, ClassRef) {
    // SAFETY: the caller's promise.
    let method = unsafe { MethodRef::from_raw((*frame).method) };
    (method, method.holder)
}

/// The poll's slow path; whether an exception is pending after it.
#[cold]
#[inline(never)]
pub fn poll(t: &Thread) -> bool {
    safepoint::poll_slow(t);
    t.has_pending()
}

#[cold]
#[inline(never)]
pub fn stack_overflow(t: &Thread) {
    let _pending = exceptions::stack_overflow(t);
}

/// The verifier and `link_method` let only known opcodes through, so this is a bug of the VM.
#[cold]
#[inline(never)]
pub fn unknown_opcode(frame: *mut Frame, opcode: u8) -> ! {
    // SAFETY: the loop's current frame.
    let (method, bci) = unsafe { (method_of(frame).0, (*frame).bci()) };
    panic!("opcode {opcode} in {}, last known bytecode index {bci}", method.describe());
}

/// Resolves `getfield` and `putfield` and quickens the site.
///
/// # Safety
/// `pc` is the current instruction of `frame`.
#[cold]
#[inline(never)]
pub unsafe fn instance_field(t: &Thread, frame: *mut Frame, pc: *const u8) -> JResult<()> {
    // SAFETY: the caller's promise.
    unsafe {
        let Some((opcode, index)) = site(pc, &[op::Getfield, op::Putfield]) else { return Ok(()) };
        let (method, holder) = method_of(frame);
        let get = opcode == op::Getfield;
        let access = if get { FieldAccess::GetField } else { FieldAccess::PutField };
        let field = resolve::resolve_field(t, holder, index, access, method)?;
        let quick = match (get, field.ty) {
            (true, BasicType::Boolean | BasicType::Byte) => op::GetfieldB,
            (true, BasicType::Char) => op::GetfieldC,
            (true, BasicType::Short) => op::GetfieldS,
            (true, BasicType::Long | BasicType::Double) => op::GetfieldL,
            (true, _) => op::GetfieldW,
            (false, BasicType::Boolean) => op::PutfieldZ,
            (false, BasicType::Byte) => op::PutfieldB,
            (false, BasicType::Char | BasicType::Short) => op::PutfieldS,
            (false, BasicType::Long | BasicType::Double) => op::PutfieldL,
            (false, BasicType::Reference) => op::PutfieldA,
            (false, _) => op::PutfieldW,
        };
        match u16::try_from(field.offset) {
            Ok(offset) if !field.is_volatile() => quicken(pc, opcode, quick, Some(offset)),
            _ => {
                let description = fields::describe(field, u64::from(field.offset));
                holder.cp.slot(index).quick.store(description, Ordering::Release);
                quicken(pc, opcode, if get { op::GetfieldCp } else { op::PutfieldCp }, None);
            }
        }
        Ok(())
    }
}

/// Resolves `getstatic` and `putstatic`, which initialises the field's class. The site is quickened unless the
/// class is still being initialised: other threads have to wait for that at this very instruction. Gives the
/// field's description for this execution.
///
/// # Safety
/// As [`instance_field`].
#[cold]
#[inline(never)]
pub unsafe fn static_field(t: &Thread, frame: *mut Frame, pc: *const u8) -> JResult<u64> {
    // SAFETY: the caller's promise.
    unsafe {
        let (method, holder) = method_of(frame);
        // The operand of a static access never changes, so it may be read whatever the opcode is by now.
        let index = pc.add(1).cast::<u16>().read_unaligned();
        let opcode = bytecode_at(method, pc);
        let get = opcode == op::Getstatic;
        let access = if get { FieldAccess::GetStatic } else { FieldAccess::PutStatic };
        let field = resolve::resolve_field(t, holder, index, access, method)?;
        let address = field.holder.mirror().field_addr(field.offset as usize) as u64;
        let description = fields::describe(field, address);
        if field.holder.is_initialized() {
            let (quick, cached) = match (get, field.ty) {
                _ if field.is_volatile() => {
                    (if get { op::GetstaticAny } else { op::PutstaticAny }, description)
                }
                (true, BasicType::Int | BasicType::Float | BasicType::Reference) => (op::GetstaticW, address),
                (true, BasicType::Long | BasicType::Double) => (op::GetstaticL, address),
                (true, _) => (op::GetstaticAny, description),
                (false, BasicType::Int | BasicType::Float) => (op::PutstaticW, address),
                (false, BasicType::Reference) => (op::PutstaticA, address),
                (false, BasicType::Long | BasicType::Double) => (op::PutstaticL, address),
                (false, _) => (op::PutstaticAny, description),
            };
            holder.cp.slot(index).quick.store(cached, Ordering::Release);
            quicken(pc, opcode, quick, None);
        }
        Ok(description)
    }
}

/// The instruction at `pc` as the class file has it.
///
/// # Safety
/// `pc` points into the private code of `method`.
unsafe fn bytecode_at(method: MethodRef, pc: *const u8) -> u8 {
    // SAFETY: the caller's promise.
    let bci = unsafe { pc.offset_from(method.code.load(Ordering::Acquire)) };
    method.bytecode[bci as usize]
}

/// Value and slots of a constant; quickens the site except for dynamic constants.
///
/// # Safety
/// As [`instance_field`].
#[cold]
#[inline(never)]
pub unsafe fn ldc(t: &Thread, frame: *mut Frame, pc: *const u8) -> JResult<(u64, usize)> {
    // SAFETY: the caller's promise.
    unsafe {
        let (method, holder) = method_of(frame);
        // The operand of a constant load never changes.
        let opcode = bytecode_at(method, pc);
        let index =
            if opcode == op::Ldc { u16::from(*pc.add(1)) } else { pc.add(1).cast::<u16>().read_unaligned() };
        let constant = resolve::resolve_loadable(t, holder, index)?;
        let quick = match (opcode, holder.cp.tag(index)) {
            (_, CpTag::Dynamic) => opcode,
            (op::Ldc, CpTag::Class) => op::LdcClass,
            (op::LdcW, CpTag::Class) => op::LdcWClass,
            (op::Ldc, _) => op::LdcFast,
            (op::LdcW, _) => op::LdcWFast,
            _ => op::Ldc2WFast,
        };
        if quick != opcode {
            quicken(pc, opcode, quick, None);
        }
        Ok((constant.value, constant.ty.slots()))
    }
}

/// Whether an `invokevirtual` by the constant at `index`, of which `m` is the method that an `invokespecial` selects, may
/// keep in the constant pool's cache what selects among the overriding methods.
fn selects_by_cache(holder: ClassRef, index: u16, m: MethodRef) -> bool {
    if m.is_statically_bound() {
        // A final method may override the one that the constant names.
        return holder.cp.resolved_class(holder.cp.pair(index).0) != Some(m.holder);
    }
    let small = |n: i32| u8::try_from(n).is_ok();
    !small(i32::from(m.arg_slots)) || !small(m.vtable_index())
}

/// Resolves `invokestatic`, `invokespecial` and `invokevirtual`. `None`: the site is quick now. `Some`: call
/// this method, which the site does not remember: its class is being initialised by this thread, or the place for it is
/// another instruction's.
///
/// # Safety
/// As [`instance_field`].
#[cold]
#[inline(never)]
pub unsafe fn invoke(t: &Thread, frame: *mut Frame, pc: *const u8) -> JResult<Option<MethodRef>> {
    // SAFETY: the caller's promise.
    unsafe {
        let Some((opcode, index)) = site(pc, &[op::Invokestatic, op::Invokespecial, op::Invokevirtual])
        else {
            return Ok(None);
        };
        let (method, holder) = method_of(frame);
        if invoke_polymorphic(t, frame, pc, opcode, index)? {
            return Ok(None);
        }
        let slot = holder.cp.slot(index);
        match opcode {
            op::Invokestatic => {
                let m = resolve::resolve_method(t, holder, index, InvokeKind::Static, method)?;
                if !m.holder.is_initialized() {
                    return Ok(Some(m));
                }
                quicken(pc, opcode, op::InvokestaticDirect, None);
            }
            op::Invokespecial => {
                let m = resolve::resolve_method(t, holder, index, InvokeKind::Special, method)?;
                if selects_by_cache(holder, index, m) {
                    return Ok(Some(m));
                }
                slot.quick.store(m.as_raw(), Ordering::Release);
                quicken(pc, opcode, op::InvokeDirect, None);
            }
            _ => {
                let m = resolve::resolve_method(t, holder, index, InvokeKind::Virtual, method)?;
                if m.is_statically_bound() {
                    slot.quick.store(m.as_raw(), Ordering::Release);
                    quicken(pc, opcode, op::InvokeDirect, None);
                    return Ok(None);
                }
                let Ok(vtable_index) = usize::try_from(m.vtable_index()) else {
                    let site =
                        InterfaceSite { cache: AtomicU64::new(0), cp_index: index, arg_slots: m.arg_slots };
                    let site =
                        holder.loader.arena().alloc(site).map_err(|_| exceptions::metaspace_full(t))?;
                    slot.quick.store(site.as_ptr() as u64, Ordering::Release);
                    quicken(pc, opcode, op::InvokevirtualInterface, None);
                    return Ok(None);
                };
                let args = m.arg_slots;
                match (u8::try_from(args), u8::try_from(vtable_index)) {
                    (Ok(args), Ok(i)) => {
                        quicken(pc, opcode, op::InvokevirtualTable, Some(u16::from_le_bytes([args, i])));
                    }
                    _ => {
                        let quick = (vtable_index as u64) << 16 | u64::from(args);
                        slot.quick.store(quick, Ordering::Release);
                        quicken(pc, opcode, op::InvokevirtualCp, None);
                    }
                }
            }
        }
        Ok(None)
    }
}

/// Links a site that names a signature-polymorphic method (JVMS §2.9.3); `false` when it does not.
///
/// # Safety
/// As [`instance_field`].
unsafe fn invoke_polymorphic(
    t: &Thread,
    frame: *mut Frame,
    pc: *const u8,
    opcode: u8,
    index: u16,
) -> JResult<bool> {
    // SAFETY: the caller's promise.
    unsafe {
        let (method, holder) = method_of(frame);
        let (vm, cp) = (t.vm(), holder.cp);
        let class_name = cp.member_class_name(index);
        let class = if class_name == vm.sym.java_lang_invoke_method_handle {
            vm.wk.method_handle()
        } else if class_name == vm.sym.java_lang_invoke_var_handle {
            vm.wk.var_handle()
        } else {
            return Ok(false);
        };
        let (name, signature) = cp.member_name_and_type(index);
        if !class.declared_methods_named(name).any(is_signature_polymorphic) {
            return Ok(false);
        }
        let slot = cp.slot(index);
        if opcode == op::Invokestatic {
            let Some(kind) = link_to_kind(t, name) else { return Ok(false) };
            check_intrinsic_access(t, holder, class, name, signature)?;
            slot.quick.store(kind as u64, Ordering::Release);
            quicken(pc, opcode, op::LinkTo, None);
            return Ok(true);
        }
        if opcode != op::Invokevirtual {
            return Ok(false);
        }
        if name == vm.sym.invoke_basic {
            check_intrinsic_access(t, holder, class, name, signature)?;
            let slots = MethodDescriptor::parse(signature.bytes()).map_or(0, |d| d.parameter_slots());
            slot.quick.store(slots as u64 + 1, Ordering::Release);
            quicken(pc, opcode, op::InvokeBasic, None);
            return Ok(true);
        }
        link_handle_site(t, method, index)?;
        quicken(pc, opcode, op::Invokehandle, None);
        Ok(true)
    }
}

/// Links the `invokevirtual` of a signature-polymorphic method other than `invokeBasic`, at that index of `method`'s
/// constant pool; for compiled code too.
pub fn link_handle_site(t: &Thread, method: MethodRef, index: u16) -> JResult<*const HandleCall> {
    let holder = method.holder;
    let quick = &holder.cp.slot(index).quick;
    if quick.load(Ordering::Acquire) == 0 {
        let hooks = INVOKE_HOOKS.get().expect("method-handle hooks are installed before Java code runs");
        let (adapter, appendix) = (hooks.link_handle_call)(t, holder, index, method)?;
        let call = handle_call(t, holder, adapter, appendix)?;
        // The first to link decides for all.
        let _ = quick.compare_exchange(0, call as u64, Ordering::AcqRel, Ordering::Acquire);
    }
    Ok(quick.load(Ordering::Acquire) as *const HandleCall)
}

/// Whether `method` may use the intrinsic of `MethodHandle` that the constant at `index` names; for compiled code.
///
/// # Errors
/// `IllegalAccessError`.
pub fn check_intrinsic_site(t: &Thread, method: MethodRef, index: u16) -> JResult<()> {
    let (name, signature) = method.holder.cp.member_name_and_type(index);
    check_intrinsic_access(t, method.holder, t.vm().wk.method_handle(), name, signature)
}

/// `invokeBasic` and `linkTo*` check nothing and are for the class library's own use.
#[inline(never)]
fn check_intrinsic_access(
    t: &Thread,
    from: ClassRef,
    class: ClassRef,
    name: Sym,
    signature: Sym,
) -> JResult<()> {
    let declared = class.declared_methods_named(name).next();
    let flags = declared.map_or(0, |m| m.access);
    if access::member_accessible(t, from, class, flags, class)? {
        return Ok(());
    }
    let what = format!("method '{}'", external_name(&class.external_name(), name, signature));
    Err(errors::member_inaccessible(t, from, class, flags, &what))
}

/// JVMS §2.9.3: of `MethodHandle` or `VarHandle`, one parameter `Object[]`, `ACC_VARARGS` and `ACC_NATIVE`.
fn is_signature_polymorphic(m: MethodRef) -> bool {
    m.is_native() && m.is_varargs() && m.signature.symbol.bytes().starts_with(b"([Ljava/lang/Object;)")
}

fn link_to_kind(t: &Thread, name: Sym) -> Option<MethodKind> {
    let sym = &t.vm().sym;
    [
        (sym.link_to_virtual, MethodKind::LinkToVirtual),
        (sym.link_to_static, MethodKind::LinkToStatic),
        (sym.link_to_special, MethodKind::LinkToSpecial),
        (sym.link_to_interface, MethodKind::LinkToInterface),
        (sym.link_to_native, MethodKind::LinkToNative),
    ]
    .into_iter()
    .find_map(|(s, kind)| (s == name).then_some(kind))
}

/// A linked call in the loader's arena, its appendix in a handle of the loader.
fn handle_call(
    t: &Thread,
    holder: ClassRef,
    adapter: MethodRef,
    appendix: ObjRef,
) -> JResult<*mut HandleCall> {
    holder.loader.record_dependency(adapter.holder);
    let appendix = if appendix.is_null() { std::ptr::null() } else { holder.loader.add_handle(appendix) };
    match holder.loader.arena().alloc(HandleCall { adapter, appendix }) {
        Ok(call) => Ok(call.as_ptr()),
        Err(_) => Err(exceptions::metaspace_full(t)),
    }
}

/// Links an `invokedynamic` site; the first thread to finish decides for all (JVMS §6.5).
///
/// # Safety
/// `frame` runs the site and has its `pc` saved.
#[cold]
#[inline(never)]
pub unsafe fn link_dynamic(t: &Thread, frame: *mut Frame, site: &DynamicSite) -> JResult<*const HandleCall> {
    // SAFETY: the caller's promise.
    let (method, bci) = unsafe { (method_of(frame).0, (*frame).bci()) };
    link_dynamic_site(t, method, bci, site)
}

/// As [`link_dynamic`], for compiled code: the site of `method` at `bci`.
pub fn link_dynamic_at(t: &Thread, method: MethodRef, bci: u32) -> JResult<*const HandleCall> {
    let code = method.code.load(Ordering::Acquire);
    // SAFETY: compiled methods are linked, and their code holds the address of the site's record as operand.
    let site = unsafe {
        let operand = code.add(bci as usize + 1).cast::<u32>().read_unaligned();
        &*(operand as usize as *const DynamicSite)
    };
    let linked = site.linked.load(Ordering::Acquire);
    if linked.is_null() { link_dynamic_site(t, method, bci as i32, site) } else { Ok(linked) }
}

/// The selected method of an `invokespecial` that has been executed; for the compilers.
pub fn special_target(method: MethodRef, bci: u32) -> Option<MethodRef> {
    let code = method.code.load(Ordering::Acquire);
    // SAFETY: linked code; a site that is quick keeps its method in the constant pool's cache, as the loop reads it.
    unsafe {
        let pc = code.add(bci as usize);
        if (*pc.cast::<AtomicU8>()).load(Ordering::Acquire) != op::InvokeDirect {
            return None;
        }
        let index = pc.add(1).cast::<u16>().read_unaligned();
        Some(MethodRef::from_raw(method.holder.cp.slot(index).quick.load(Ordering::Acquire)))
    }
}

/// As [`link_dynamic`], for a site of `method` at `bci`.
fn link_dynamic_site(
    t: &Thread,
    method: MethodRef,
    bci: i32,
    site: &DynamicSite,
) -> JResult<*const HandleCall> {
    let holder = method.holder;
    let known = site.outcome.load(Ordering::Acquire);
    if !known.is_null() {
        return conclude(t, site, known);
    }
    let hooks = INVOKE_HOOKS.get().expect("method-handle hooks are installed before Java code runs");
    let (outcome, thrown) = match (hooks.link_call_site)(t, holder, site.cp_index, method, bci) {
        Ok((adapter, appendix)) => (Outcome::Linked(handle_call(t, holder, adapter, appendix)?), None),
        Err(thrown) => (failure(t, holder, thrown)?, Some(thrown)),
    };
    let Ok(outcome) = holder.loader.arena().alloc(outcome) else {
        exceptions::take_pending(t);
        return Err(exceptions::metaspace_full(t));
    };
    let outcome = outcome.as_ptr();
    match (site.outcome.compare_exchange(null_mut(), outcome, Ordering::AcqRel, Ordering::Acquire), thrown) {
        (Ok(_), Some(thrown)) => Err(thrown),
        (Ok(_), None) => conclude(t, site, outcome),
        (Err(first), _) => {
            exceptions::take_pending(t);
            conclude(t, site, first)
        }
    }
}

/// The pending error as a site's outcome, when it is one to remember: other errors may go away.
fn failure(t: &Thread, holder: ClassRef, thrown: Thrown) -> JResult<Outcome> {
    if !exceptions::pending_is(t, t.vm().wk.linkage_error()) {
        return Err(thrown);
    }
    let error = t.pending.get();
    // SAFETY: the pending exception is a live Throwable.
    let (class, message) =
        unsafe { (ClassRef::of(error).name, error.load_ref(t.vm().off.throwable_detail_message() as usize)) };
    if message.is_null() {
        return Ok(Outcome::Failed { class, message: None });
    }
    match holder.loader.arena().copy_bytes(strings::to_rust(message).as_bytes()) {
        Ok(text) => Ok(Outcome::Failed { class, message: Some(text) }),
        // Without room to remember the error it is raised this time only.
        Err(_) => Err(thrown),
    }
}

/// Does what a site's outcome says.
fn conclude(t: &Thread, site: &DynamicSite, outcome: *const Outcome) -> JResult<*const HandleCall> {
    // SAFETY: outcomes live in the arena of the site's loader and do not change.
    match unsafe { &*outcome } {
        Outcome::Linked(call) => {
            site.linked.store(*call, Ordering::Release);
            Ok(*call)
        }
        Outcome::Failed { class, message: None } => Err(exceptions::throw_bare(t, &class.to_str())),
        Outcome::Failed { class, message: Some(text) } => {
            Err(exceptions::throw(t, &class.to_str(), &String::from_utf8_lossy(text)))
        }
    }
}

/// `invokeinterface`, or `invokevirtual` of an interface's method, where the site's cache does not help: resolution, selection, refill.
///
/// # Safety
/// As [`link_dynamic`]; `receiver` is null or a live object.
#[inline(never)]
pub unsafe fn interface_call(
    t: &Thread,
    frame: *mut Frame,
    site: &InterfaceSite,
    receiver: ObjRef,
) -> JResult<MethodRef> {
    // SAFETY: the caller's promise.
    unsafe {
        let (method, holder) = method_of(frame);
        let is_virtual = bytecode_at(method, (*frame).pc) == op::Invokevirtual;
        let known = if site.cache.load(Ordering::Acquire) == 0 {
            None
        } else {
            holder.cp.resolved_method(site.cp_index)
        };
        let resolved = match known {
            Some(m) => m,
            None => {
                let kind = if is_virtual { InvokeKind::Virtual } else { InvokeKind::Interface };
                resolve::resolve_method(t, holder, site.cp_index, kind, method)?
            }
        };
        if receiver.is_null() {
            return Err(exceptions::npe(t));
        }
        let class = ClassRef::of(receiver);
        if resolved.is_statically_bound() && !class.is_subclass_of(resolved.holder) {
            return Err(errors::class_lacks_interface(t, class, resolved));
        }
        let select = if is_virtual { calls::select } else { calls::select_interface };
        let selected = select(t, class, resolved)?;
        site.cache.store(selected.as_raw() << 32 | u64::from(class.id()), Ordering::Release);
        Ok(selected)
    }
}

/// `new` before its class is initialised (JVMS §6.5).
///
/// # Safety
/// As [`instance_field`].
#[cold]
#[inline(never)]
pub unsafe fn new(t: &Thread, frame: *mut Frame, pc: *const u8) -> JResult<ObjRef> {
    // SAFETY: the caller's promise; the operand of `new` never changes.
    unsafe {
        let holder = method_of(frame).1;
        let class = resolve::resolve_class(t, holder, pc.add(1).cast::<u16>().read_unaligned())?;
        if class.is_abstract() || class.is_interface() || !class.is_instance_class() {
            return Err(exceptions::throw(t, "java/lang/InstantiationError", &class.external_name()));
        }
        init::initialize(t, class)?;
        let object = alloc::instance(t, class)?;
        if class.is_initialized() {
            quicken(pc, op::New, op::NewFast, None);
        }
        Ok(object)
    }
}

/// `new` when the thread's buffer is used up.
#[cold]
#[inline(never)]
pub fn new_instance(t: &Thread, class: ClassRef) -> JResult<ObjRef> {
    alloc::instance(t, class)
}

#[inline(never)]
pub fn newarray(t: &Thread, code: u8, length: i32) -> JResult<ObjRef> {
    match BasicType::from_newarray_code(code) {
        Some(ty) => alloc::prim_array(t, ty, length),
        None => Err(exceptions::throw(t, "java/lang/VerifyError", "newarray with a bad type")),
    }
}

/// Resolves `anewarray`; the array class is kept with the element class's constant.
///
/// # Safety
/// As [`instance_field`].
#[cold]
#[inline(never)]
pub unsafe fn anewarray(t: &Thread, frame: *mut Frame, pc: *const u8) -> JResult<()> {
    // SAFETY: the caller's promise.
    unsafe {
        let Some((opcode, index)) = site(pc, &[op::Anewarray]) else { return Ok(()) };
        let holder = method_of(frame).1;
        let element = resolve::resolve_class(t, holder, index)?;
        let array = mirrors::array_class_of(t, element)?;
        holder.cp.slot(index).quick.store(array.as_raw(), Ordering::Release);
        quicken(pc, opcode, op::AnewarrayFast, None);
        Ok(())
    }
}

/// `multianewarray`: the lengths are the `dimensions` slots from `base` on.
///
/// # Safety
/// As [`instance_field`].
#[cold]
#[inline(never)]
pub unsafe fn multianewarray(
    t: &Thread,
    frame: *mut Frame,
    index: usize,
    base: *mut u64,
    dimensions: usize,
) -> JResult<ObjRef> {
    // SAFETY: the caller's promise.
    unsafe {
        let class = resolve::resolve_class(t, method_of(frame).1, index as u16)?;
        let lengths: Vec<i32> = (0..dimensions).map(|i| *base.add(i) as i32).collect();
        alloc::multi_array(t, class, &lengths)
    }
}

/// Resolves `checkcast` and `instanceof`.
///
/// # Safety
/// As [`instance_field`].
#[cold]
#[inline(never)]
pub unsafe fn type_check(t: &Thread, frame: *mut Frame, pc: *const u8) -> JResult<()> {
    // SAFETY: the caller's promise.
    unsafe {
        let Some((opcode, index)) = site(pc, &[op::Checkcast, op::Instanceof]) else { return Ok(()) };
        resolve::resolve_class(t, method_of(frame).1, index)?;
        let quick = if opcode == op::Checkcast { op::CheckcastFast } else { op::InstanceofFast };
        quicken(pc, opcode, quick, None);
        Ok(())
    }
}

/// Whether an element of `class` may go into `array` (JVMS §6.5 aastore).
///
/// # Safety
/// `array` is a live array of references.
#[inline(never)]
pub unsafe fn may_store(array: ObjRef, class: ClassRef) -> bool {
    // SAFETY: the caller's promise.
    unsafe { ClassRef::of(array) }.component.is_some_and(|component| class.is_subclass_of(component))
}

/// Registers an object whose class has a finalizer, at the end of `Object.<init>` (JLS §12.6).
///
/// # Safety
/// `frame` runs `Object.<init>`.
#[inline(never)]
pub unsafe fn register_finalizer(t: &Thread, frame: *mut Frame) -> JResult<()> {
    // SAFETY: the caller's promise: the first local is the new object.
    unsafe {
        let object = ObjRef::from_raw(*(*frame).locals as u32);
        if !ClassRef::of(object).has(ClassFlags::FINALIZABLE) {
            return Ok(());
        }
        let register = t.vm().methods.finalizer_register();
        init::initialize(t, register.holder)?;
        calls::invoke(t, register, &[u64::from(object.raw())])?;
        Ok(())
    }
}

/// Narrows an `ireturn`'s value to the method's type (JVMS §6.5 ireturn).
///
/// # Safety
/// `frame` is a bytecode frame.
#[inline]
pub unsafe fn narrow(frame: *mut Frame, value: i32) -> i32 {
    // SAFETY: the caller's promise.
    match unsafe { method_of(frame) }.0.ret {
        BasicType::Boolean => value & 1,
        BasicType::Byte => arith::i2b(value),
        BasicType::Char => arith::i2c(value),
        BasicType::Short => arith::i2s(value),
        _ => value,
    }
}

/// The operands of the switch at `pc`, behind its padding: private code begins at a multiple of eight.
#[inline(always)]
pub fn switch_table(pc: *const u8) -> *const i32 {
    ((pc as usize + 4) & !3) as *const i32
}

/// The branch offset of `lookupswitch` for `key`: default, count, then pairs sorted by match.
///
/// # Safety
/// `table` points to the operands of a `lookupswitch`.
#[inline]
pub unsafe fn lookup(table: *const i32, key: i32) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let pairs = table.add(2);
        let (mut low, mut high) = (0, *table.add(1) as usize);
        while low < high {
            let middle = (low + high) / 2;
            let matched = *pairs.add(2 * middle);
            if matched == key {
                return *pairs.add(2 * middle + 1);
            }
            if matched < key { low = middle + 1 } else { high = middle }
        }
        *table
    }
}

#[inline(never)]
pub fn frem(a: f32, b: f32) -> f32 {
    arith::frem(a, b)
}

#[inline(never)]
pub fn drem(a: f64, b: f64) -> f64 {
    arith::drem(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookup_finds_every_pair_and_falls_back() {
        let table = [-1, 3, i32::MIN, 10, 5, 20, i32::MAX, 30];
        // SAFETY: a well-formed table.
        let find = |key| unsafe { lookup(table.as_ptr(), key) };
        assert_eq!((find(i32::MIN), find(5), find(i32::MAX)), (10, 20, 30));
        assert_eq!((find(0), find(6), find(-7)), (-1, -1, -1));
        let empty = [7, 0];
        // SAFETY: as above.
        assert_eq!(unsafe { lookup(empty.as_ptr(), 0) }, 7);
    }

    #[test]
    fn switch_tables_are_aligned_behind_the_opcode() {
        for at in 0..8usize {
            let table = switch_table(at as *const u8) as usize;
            assert!(table > at && table <= at + 4 && table.is_multiple_of(4));
        }
    }
}
