//! A line for every instruction executed, in a form that does not depend on addresses, so that the traces of
//! two engines or two runs can be compared: thread, depth, method, bytecode index, mnemonic, operands.

use caturra_bytecode::{Instruction, Operands, decode};
use caturra_kernel::oops::constant_pool::CpTag;
use caturra_kernel::runtime::frames::{Frame, walk};
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Thread};
use std::fmt::Write as _;
use std::io::Write as _;

/// Prints the instruction that `frame` is about to run.
///
/// # Safety
/// `frame` is the youngest frame, with its `pc` saved; `sp` is its first free operand slot.
#[cold]
#[inline(never)]
pub unsafe fn instruction(t: &Thread, frame: *mut Frame, sp: *const u64) {
    // SAFETY: the caller's promise.
    unsafe {
        let method = MethodRef::from_raw((*frame).method);
        let bci = (*frame).bci();
        let depth = walk(t).count();
        let mut line = format!("[{} {depth}] {} {bci}: ", t.id, method.describe());
        match decode::decode(method.bytecode, bci as usize) {
            Ok(i) => {
                line.push_str(i.opcode.mnemonic());
                describe_operands(&mut line, method, &i);
                describe_stack(&mut line, i.opcode.stack_effect(), sp);
            }
            Err(e) => line.push_str(&e.to_string()),
        }
        line.push('\n');
        // A trace that cannot be written is lost; the program goes on.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

fn describe_operands(line: &mut String, method: MethodRef, i: &Instruction<'_>) {
    let result = match i.operands {
        Operands::None | Operands::TableSwitch(_) | Operands::LookupSwitch(_) => Ok(()),
        Operands::Immediate(v) => write!(line, " {v}"),
        Operands::Local(v) => write!(line, " {v}"),
        Operands::Iinc { index, delta } => write!(line, " {index} {delta}"),
        Operands::NewArray(code) => write!(line, " {code}"),
        Operands::Branch(_) => write!(line, " {}", i.branch_target().unwrap_or(0)),
        Operands::Constant(index)
        | Operands::InvokeInterface { index, .. }
        | Operands::InvokeDynamic { index, .. }
        | Operands::MultiNewArray { index, .. } => {
            let cp = method.holder.cp;
            match cp.tag(index) {
                CpTag::Field | CpTag::Method | CpTag::InterfaceMethod => {
                    let (name, signature) = cp.member_name_and_type(index);
                    write!(line, " {}.{name}{signature}", cp.member_class_name(index))
                }
                CpTag::InvokeDynamic | CpTag::Dynamic => {
                    let (name, signature) = cp.member_name_and_type(index);
                    write!(line, " {name}{signature}")
                }
                CpTag::Class | CpTag::String | CpTag::MethodType => write!(line, " {:?}", cp.symbol(index)),
                _ => write!(line, " #{index}"),
            }
        }
    };
    debug_assert!(result.is_ok(), "writing to a string does not fail");
}

/// The operands that the instruction pops, where the bytecode table tells their types.
///
/// # Safety
/// The operand stack below `sp` is that of the instruction.
unsafe fn describe_stack(line: &mut String, effect: &str, sp: *const u64) {
    let pops = effect.split('>').next().unwrap_or("");
    if pops.is_empty() || pops.starts_with('?') {
        return;
    }
    let slots: usize = pops.chars().map(|c| if matches!(c, 'L' | 'D') { 2 } else { 1 }).sum();
    line.push_str(" [");
    // SAFETY: the caller's promise; reference operands are null or live.
    unsafe {
        let mut at = sp.sub(slots);
        for (n, c) in pops.chars().enumerate() {
            let value = *at;
            let separator = if n == 0 { "" } else { ", " };
            let result = match c {
                'I' => write!(line, "{separator}{}", value as i32),
                'L' => write!(line, "{separator}{}L", value as i64),
                'F' => write!(line, "{separator}{:?}f", f32::from_bits(value as u32)),
                'D' => write!(line, "{separator}{:?}", f64::from_bits(value)),
                'A' => match ObjRef::from_raw(value as u32) {
                    ObjRef::NULL => write!(line, "{separator}null"),
                    object => write!(line, "{separator}{}", ClassRef::of(object).external_name()),
                },
                // One slot of any type: only its presence can be told.
                _ => write!(line, "{separator}_"),
            };
            debug_assert!(result.is_ok(), "writing to a string does not fail");
            at = at.add(if matches!(c, 'L' | 'D') { 2 } else { 1 });
        }
    }
    line.push(']');
}
