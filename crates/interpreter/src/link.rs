//! Linking of a method's code: the private copy that the loop runs and rewrites.

use crate::quick::op;
use crate::{intrinsics, locks, observe};
use caturra_bytecode::{BasicType, Instructions, Opcode, Operands};
pub use caturra_kernel::oops::call_site::{DynamicSite, HandleCall};
use caturra_kernel::oops::constant_pool::CpSlot;
use caturra_kernel::oops::metaspace::MetaspaceFull;
use caturra_kernel::oops::method::{MethodFlags, MethodKind};
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::frames::FRAME_SLOTS;
use caturra_kernel::runtime::vm::INVOCATION_NOTIFICATION;
use caturra_kernel::{MethodRef, Thread, Vm};
use parking_lot::Mutex;
use std::alloc::Layout;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a call needs to know of its callee, in front of the private code so that one cache line has it all.
#[repr(C)]
pub struct CodeHeader {
    /// Run-time constant pool of the method's class.
    pub cp: *const CpSlot,
    /// Bytes of the arguments.
    pub args_bytes: u32,
    /// Bytes of the local variables, arguments included.
    pub locals_bytes: u32,
    /// Bytes from the first local variable to the end of the operand stack.
    pub frame_bytes: u32,
    /// [`CODE_SYNCHRONIZED`].
    pub flags: u32,
    /// Length of the code in bytes.
    pub length: u32,
    reserved: u32,
}

pub const CODE_SYNCHRONIZED: u32 = 1;

#[cfg(not(target_endian = "little"))]
compile_error!("the switch tables of the private code are turned round for little-endian machines");

const HEADER: usize = size_of::<CodeHeader>();

impl CodeHeader {
    /// The header of private code.
    ///
    /// # Safety
    /// `code` is the `code` of a linked bytecode method.
    #[inline(always)]
    pub unsafe fn of<'a>(code: *const u8) -> &'a CodeHeader {
        // SAFETY: `link_method` puts the header right in front of the code.
        unsafe { &*code.sub(HEADER).cast::<CodeHeader>() }
    }
}

/// An `invokeinterface` site; its address is the instruction's operand.
#[repr(C)]
pub struct InterfaceSite {
    /// The last receiver class (low half) and the method selected for it (high half), 0 when empty. One word,
    /// so that class and method are always read together; refilled at every miss.
    pub cache: AtomicU64,
    pub cp_index: u16,
    pub arg_slots: u16,
}

static LINKING: Mutex<()> = Mutex::new(());

/// Makes the private code of `m`. Does nothing when that has been done. Never reaches a safepoint.
///
/// # Errors
/// `VerifyError` when the code cannot be decoded (unverified classes only), `OutOfMemoryError` (metaspace).
pub fn link_method(t: &Thread, m: MethodRef) -> JResult<()> {
    let result = {
        let _guard = LINKING.lock();
        if m.kind() != MethodKind::Unlinked {
            return Ok(());
        }
        if let Some(function) = intrinsics::intrinsic(m) {
            // Function before kind: whoever sees the kind finds the function.
            m.native_fn.store(function as *mut u8, Ordering::Release);
            m.set_kind(MethodKind::Internal);
            return Ok(());
        }
        if t.vm().options.jit.compile_all {
            // The first call is the one that makes the policy look.
            m.invocations.store(INVOCATION_NOTIFICATION - 1, Ordering::Relaxed);
        }
        build(m, !observe::is_wanted(t))
    };
    match result {
        Ok(()) => Ok(()),
        Err(LinkError::Full) => Err(exceptions::metaspace_full(t)),
        Err(LinkError::Malformed(why)) => {
            Err(exceptions::throw(t, "java/lang/VerifyError", &format!("{} in {}", why, m.describe())))
        }
    }
}

enum LinkError {
    Full,
    Malformed(String),
}

impl From<MetaspaceFull> for LinkError {
    fn from(_: MetaspaceFull) -> LinkError {
        LinkError::Full
    }
}

fn build(m: MethodRef, pairs: bool) -> Result<(), LinkError> {
    let source = m.bytecode;
    let arena = m.holder.loader.arena();
    let layout = Layout::from_size_align(HEADER + source.len(), 8)
        .map_err(|_| LinkError::Malformed("code too long".into()))?;
    let mut code = source.to_vec();
    let (mut loops, mut locks) = (false, false);
    let narrow = m.ret.is_int_like() && m.ret != BasicType::Int;
    for instruction in Instructions::new(source) {
        let i = instruction.map_err(|e| LinkError::Malformed(e.to_string()))?;
        if i.opcode == Opcode::Breakpoint {
            return Err(LinkError::Malformed("reserved opcode".into()));
        }
        let at = i.pc as usize;
        i.for_each_target(|target| loops |= target <= i.pc);
        locks |= matches!(i.opcode, Opcode::Monitorenter | Opcode::Monitorexit);
        let operand = at + 1 + usize::from(i.wide);
        match i.operands {
            Operands::Immediate(v) if i.opcode == Opcode::Sipush => put(&mut code, operand, &v.to_ne_bytes()),
            Operands::Local(v) if i.wide => put(&mut code, operand, &v.to_ne_bytes()),
            Operands::Iinc { index, delta } if i.wide => {
                put(&mut code, operand, &index.to_ne_bytes());
                put(&mut code, operand + 2, &delta.to_ne_bytes());
            }
            Operands::Constant(index) if i.len() == 3 => put(&mut code, operand, &index.to_ne_bytes()),
            Operands::MultiNewArray { index, .. } => put(&mut code, operand, &index.to_ne_bytes()),
            Operands::Branch(offset) if i.len() == 3 => {
                put(&mut code, operand, &(offset as i16).to_ne_bytes())
            }
            Operands::Branch(offset) => put(&mut code, operand, &offset.to_ne_bytes()),
            Operands::InvokeInterface { index, count, .. } => {
                let site = arena.alloc(InterfaceSite {
                    cache: AtomicU64::new(0),
                    cp_index: index,
                    arg_slots: u16::from(count),
                })?;
                put(&mut code, operand, &(site.as_ptr() as usize as u32).to_ne_bytes());
            }
            Operands::InvokeDynamic { index, .. } => {
                let site = arena.alloc(DynamicSite::new(index))?;
                put(&mut code, operand, &(site.as_ptr() as usize as u32).to_ne_bytes());
            }
            Operands::TableSwitch(_) | Operands::LookupSwitch(_) => {
                let first = (at + 4) & !3;
                for word in code[first..i.next_pc as usize].chunks_exact_mut(4) {
                    word.reverse();
                }
            }
            _ => {}
        }
        if matches!(i.opcode, Opcode::Jsr | Opcode::JsrW) {
            m.set(MethodFlags::HAS_JSR);
        }
        if i.opcode == Opcode::Aload0 && pairs && source.get(at + 1) == Some(&op::Getfield) {
            code[at] = op::Aload0Probe;
        }
        if narrow && i.opcode == Opcode::Ireturn {
            code[at] = op::IreturnNarrow;
        }
        if m.has(MethodFlags::OBJECT_INITIALIZER) && i.opcode == Opcode::Return {
            code[at] = op::ReturnFinalizer;
        }
    }
    if locks && !locks::are_structured(m) {
        m.set(MethodFlags::UNSTRUCTURED_LOCKS | MethodFlags::NOT_COMPILABLE);
    }
    if loops {
        m.set(MethodFlags::HAS_LOOPS);
    }
    if source.len() == 1 && source[0] == op::Return {
        m.set(MethodFlags::EMPTY);
    }
    let p = arena.alloc_raw(layout)?.as_ptr();
    let locals = usize::from(m.max_locals.max(m.arg_slots));
    let flags = if m.is_synchronized() { CODE_SYNCHRONIZED } else { 0 };
    // SAFETY: fresh arena memory of header plus code.
    unsafe {
        p.cast::<CodeHeader>().write(CodeHeader {
            cp: m.holder.cp.slots.as_ptr(),
            args_bytes: u32::from(m.arg_slots) * 8,
            locals_bytes: locals as u32 * 8,
            frame_bytes: (locals + FRAME_SLOTS + usize::from(m.max_stack)) as u32 * 8,
            flags,
            length: code.len() as u32,
            reserved: 0,
        });
        p.add(HEADER).copy_from_nonoverlapping(code.as_ptr(), code.len());
        m.code.store(p.add(HEADER), Ordering::Release);
    }
    m.set_kind(MethodKind::Bytecode);
    Ok(())
}

fn put(code: &mut [u8], at: usize, bytes: &[u8]) {
    code[at..at + bytes.len()].copy_from_slice(bytes);
}

/// Empties the inline caches of all linked code, since a class record freed by unloading may be reused at the
/// same address. Called with the world stopped, after dead loaders are gone from `vm`.
pub fn clear_inline_caches(vm: &Vm) {
    for class in vm.loaders.all_classes() {
        for method in class.methods.iter().filter(|m| m.kind() == MethodKind::Bytecode) {
            let code = method.code.load(Ordering::Acquire);
            for instruction in Instructions::new(method.bytecode).flatten() {
                if let Operands::InvokeInterface { .. } = instruction.operands {
                    // SAFETY: linked code holds the address of the site's record as operand of this instruction.
                    let site = unsafe {
                        let operand = code.add(instruction.pc as usize + 1).cast::<u32>().read_unaligned();
                        &*(operand as usize as *const InterfaceSite)
                    };
                    site.cache.store(0, Ordering::Release);
                }
                // SAFETY: linked code as long as the bytecode; such a site's slot holds its record's address.
                unsafe {
                    let pc = code.add(instruction.pc as usize);
                    if *pc == op::InvokevirtualInterface {
                        let index = pc.add(1).cast::<u16>().read_unaligned();
                        let site = class.cp.slot(index).quick.load(Ordering::Acquire);
                        (*(site as *const InterfaceSite)).cache.store(0, Ordering::Release);
                    }
                }
            }
        }
    }
}
