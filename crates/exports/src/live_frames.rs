//! Frames whose local variables and operands can be looked at: `LiveStackFrameInfo`, of `StackWalker`'s internal option
//! `LOCALS_AND_OPERANDS`.

use crate::slot_kinds::{self, Code, Descriptors, Kind};
use crate::stack_walk::fill_stack_frame_info;
use caturra_bytecode::access::ACC_STATIC;
use caturra_bytecode::opcode::Opcode;
use caturra_heap::layout::ARRAY_BASE;
use caturra_kernel::loading::loader;
use caturra_kernel::oops::constant_pool::CpTag;
use caturra_kernel::runtime::exceptions::{JResult, throw};
use caturra_kernel::runtime::frames::{Activation, FRAME_LOCKED, Frame};
use caturra_kernel::runtime::{alloc, calls, monitor};
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Thread};

/// `LiveStackFrameInfo.MODE_INTERPRETED`.
const MODE_INTERPRETED: i32 = 1;

/// A class's constant pool for the analysis.
struct Pool(MethodRef);

impl Descriptors for Pool {
    fn member(&self, index: u16) -> Option<&[u8]> {
        let cp = self.0.holder.cp;
        let has_descriptor = matches!(
            cp.tag(index),
            CpTag::Field | CpTag::Method | CpTag::InterfaceMethod | CpTag::InvokeDynamic
        );
        has_descriptor.then(|| cp.member_name_and_type(index).1.bytes())
    }

    fn loadable(&self, index: u16) -> &[u8] {
        let cp = self.0.holder.cp;
        match cp.tag(index) {
            CpTag::Integer => b"I",
            CpTag::Float => b"F",
            CpTag::Long => b"J",
            CpTag::Double => b"D",
            CpTag::Dynamic => cp.member_name_and_type(index).1.bytes(),
            _ => b"Ljava/lang/Object;",
        }
    }
}

/// Fills a `LiveStackFrameInfo`.
///
/// # Errors
/// `UnsupportedOperationException` for frames of compiled code, which keep no such values, and of methods with
/// subroutines.
///
/// # Safety
/// `info` is null or a live LiveStackFrameInfo; the activation is one of the current thread.
pub unsafe fn fill(t: &Thread, info: ObjRef, activation: &Activation<'_>) -> JResult<()> {
    // SAFETY: the caller's promise.
    unsafe { fill_stack_frame_info(t, info, activation.method, activation.bci) }?;
    let method = activation.method;
    if method.is_native() {
        return Ok(());
    }
    let unsupported = |what: &str| {
        let message = format!("LiveStackFrame: locals and operands of {what} are not available");
        Err(throw(t, "java/lang/UnsupportedOperationException", &message))
    };
    if activation.frame.is_null() {
        return unsupported("compiled frames");
    }
    let code = Code {
        bytecode: method.bytecode,
        handlers: (method.exception_table.iter())
            .map(|e| (u32::from(e.start), u32::from(e.end), u32::from(e.handler)))
            .collect(),
        is_static: method.access & ACC_STATIC != 0,
        descriptor: method.signature.symbol.bytes(),
        max_locals: usize::from(method.max_locals),
        constants: &Pool(method),
    };
    let bci = activation.bci.max(0) as u32;
    let Some(mut slots) = slot_kinds::before(&code, bci) else {
        return unsupported("methods with subroutines");
    };
    let arguments = slot_kinds::arguments_at(&code, bci);
    slots.stack.truncate(slots.stack.len().saturating_sub(arguments));
    let frame = activation.frame;
    // SAFETY: an interpreter frame of this thread has as many locals and operands as the analysis says.
    let (locals, stack) = unsafe {
        let read = |base: *mut u64, count: usize| (0..count).map(|n| *base.add(n)).collect::<Vec<u64>>();
        (read((*frame).locals, slots.locals.len()), read(Frame::stack_base(frame), slots.stack.len()))
    };
    let class =
        loader::load_class(t, t.vm().loaders.boot(), t.vm().symbols.intern("java/lang/LiveStackFrameInfo"))?;
    let held = monitors(t, activation, &slots.locals, &locals);
    let held: Vec<(Kind, u64)> = held.iter().map(|o| (Kind::Reference, u64::from(o.raw()))).collect();
    let pairs = |kinds: &[Kind], values: &[u64]| -> Vec<(Kind, u64)> {
        // A second slot shows the value of the pair, as on HotSpot for 64 bits; the first one is unused.
        (0..kinds.len())
            .map(|n| match kinds[n] {
                Kind::WideEnd if n > 0 => (Kind::WideEnd, values[n - 1]),
                kind => (kind, values[n]),
            })
            .collect()
    };
    let arrays = [
        ("monitors", held),
        ("locals", pairs(&slots.locals, &locals)),
        ("operands", pairs(&slots.stack, &stack)),
    ];
    for (field, values) in arrays.iter().filter(|(_, values)| !values.is_empty()) {
        let array = object_array(t, class, values)?;
        let offset = offset_of(t, class, field, "[Ljava/lang/Object;")?;
        // SAFETY: a live LiveStackFrameInfo.
        unsafe { t.vm().heap.store_ref(info, offset, array) };
    }
    let offset = offset_of(t, class, "mode", "I")?;
    // SAFETY: as above.
    unsafe { info.store(offset, MODE_INTERPRETED) };
    Ok(())
}

fn offset_of(t: &Thread, class: ClassRef, name: &str, signature: &str) -> JResult<usize> {
    let symbols = &t.vm().symbols;
    match class.declared_field(symbols.intern(name), symbols.intern(signature)) {
        Some(field) => Ok(field.offset as usize),
        None => Err(throw(t, "java/lang/NoSuchFieldError", name)),
    }
}

/// An array of objects and of `PrimitiveSlot`s for everything else.
fn object_array(t: &Thread, info: ClassRef, values: &[(Kind, u64)]) -> JResult<ObjRef> {
    let array = alloc::ref_array(t, t.vm().wk.object(), values.len() as i32)?;
    for (n, &(kind, raw)) in values.iter().enumerate() {
        let value = match kind {
            Kind::Reference => ObjRef::from_raw(raw as u32),
            _ => {
                let number = match kind {
                    Kind::Word => i64::from(raw as u32 as i32),
                    Kind::WideEnd => raw as i64,
                    _ => 0,
                };
                let signature = "(J)Ljava/lang/LiveStackFrame$PrimitiveSlot;";
                let slot = calls::call_static(t, info, "asPrimitive", signature, &[number as u64, 0])?;
                ObjRef::from_raw(slot as u32)
            }
        };
        // SAFETY: a live array with more than `n` elements; what a frame refers to is alive.
        unsafe { t.vm().heap.store_ref(array, ARRAY_BASE + 4 * n, value) };
    }
    Ok(array)
}

/// The monitors that an activation has entered: its method's, and what a `synchronized` block keeps in a local variable of
/// its own for its end.
fn monitors(t: &Thread, activation: &Activation<'_>, kinds: &[Kind], values: &[u64]) -> Vec<ObjRef> {
    let method = activation.method;
    let mut held = Vec::new();
    // SAFETY: an interpreter frame of this thread.
    let frame = unsafe { &*activation.frame };
    if frame.flags & FRAME_LOCKED != 0 && !frame.lock.is_null() {
        held.push(frame.lock);
    }
    let has_blocks = caturra_bytecode::Instructions::new(method.bytecode)
        .any(|insn| insn.is_ok_and(|i| i.opcode == Opcode::Monitorenter));
    if has_blocks {
        for n in usize::from(method.arg_slots)..kinds.len() {
            let object = ObjRef::from_raw(values[n] as u32);
            if kinds[n] == Kind::Reference && !object.is_null() && !held.contains(&object) {
                held.extend(monitor::holds(t, object).then_some(object));
            }
        }
    }
    held
}
