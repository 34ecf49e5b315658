//! Helpful messages of `NullPointerException` (JEP 358): which action failed, and which expression was null.
//!
//! The code is simulated forward from its start to the failing instruction, keeping for each operand-stack slot
//! the instruction that pushed it; the expression is then printed by going back from pusher to pusher.

use crate::boundary::{c, local, non_null};
use caturra_bytecode::access::ACC_STATIC;
use caturra_bytecode::decode::{Instruction, Operands, decode};
use caturra_bytecode::descriptor::{FieldType, MethodDescriptor};
use caturra_bytecode::opcode::Opcode;
use caturra_kernel::oops::constant_pool::CpTag;
use caturra_kernel::oops::method::{LocalVariable, external_type};
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::{stack_trace, strings};
use caturra_kernel::{MethodRef, ObjRef, Sym, Thread};
use std::fmt::Write;

/// What the analysis needs to know of a constant pool.
pub trait Constants {
    /// Class name, member name and descriptor of a member entry.
    fn member(&self, index: u16) -> Option<(Name, Name, Name)>;
    /// Slots of a loadable constant.
    fn loadable_slots(&self, index: u16) -> usize;
    /// Descriptor of an `invokedynamic` entry.
    fn call_site_descriptor(&self, index: u16) -> Option<Name>;
}

/// Modified UTF-8 of a constant.
pub type Name = std::borrow::Cow<'static, [u8]>;

/// The code under analysis.
pub struct Code<'a> {
    pub bytecode: &'a [u8],
    /// Start of each exception handler.
    pub handlers: Vec<u16>,
    pub constants: &'a dyn Constants,
    pub is_static: bool,
    /// The method's own descriptor.
    pub descriptor: &'a [u8],
    /// (start, end, slot, name) rows of `LocalVariableTable`.
    pub locals: Vec<(u32, u32, u16, String)>,
}

/// Depth of the printed expression.
const MAX_DETAIL: u32 = 5;
/// Stack entries kept at most; beyond it the analysis gives up.
const MAX_ENTRIES: usize = 1_000_000;
/// Local variables whose writing is tracked; others count as written.
const TRACKED_LOCALS: u16 = 64;

/// The operand stack before an instruction: for each slot the instruction that pushed it, if it is one.
#[derive(Clone, Default)]
struct Stack {
    slots: Vec<Option<u32>>,
    /// Local variables written so far: such a slot may no longer be the parameter that it was.
    written: u64,
}

impl Stack {
    fn push(&mut self, pusher: u32, slots: usize) {
        self.slots.extend(std::iter::repeat_n(Some(pusher), slots));
    }
    fn pop(&mut self, slots: usize) {
        self.slots.truncate(self.slots.len().saturating_sub(slots));
    }
    /// The slot `depth` below the top.
    fn at(&self, depth: usize) -> Option<u32> {
        self.slots.len().checked_sub(depth + 1).and_then(|i| self.slots[i])
    }
    fn mark_written(&mut self, local: u16) {
        if local < TRACKED_LOCALS {
            self.written |= 1 << local;
        }
    }
    fn is_written(&self, local: u16) -> bool {
        local >= TRACKED_LOCALS || self.written & 1 << local != 0
    }
    fn merge(&mut self, other: &Stack) {
        for (slot, theirs) in self.slots.iter_mut().zip(&other.slots) {
            if slot != theirs {
                *slot = None;
            }
        }
        self.written |= other.written;
    }
    /// `dup` family: copies the top `count` slots below the `below` slots under them.
    fn dup(&mut self, count: usize, below: usize) {
        let len = self.slots.len();
        if len < count + below {
            return;
        }
        let top = self.slots[len - count..].to_vec();
        self.slots.splice(len - count - below..len - count - below, top);
    }
}

/// Which slot holds the null, by the failing instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum NullSlot {
    At(usize),
    /// A constructor call: the exception was made by the program.
    Explicit,
    /// The instruction dereferences nothing.
    None,
}

struct Analysis<'a> {
    code: &'a Code<'a>,
    stacks: Vec<Option<Stack>>,
    entries: usize,
    added: bool,
    complete: bool,
}

/// The message for a null dereference at `bci`; `None` where there is nothing to say.
pub fn message(code: &Code<'_>, bci: u32) -> Option<String> {
    let failing = decode(code.bytecode, bci as usize).ok()?;
    let NullSlot::At(slot) = null_slot(code, &failing) else { return None };
    let mut text = failed_action(code, &failing)?;
    let analysis = Analysis::run(code, bci);
    if let Some(cause) = analysis.cause(bci, slot) {
        text.push_str(&cause);
    }
    Some(text)
}

fn member_descriptor(code: &Code<'_>, insn: &Instruction<'_>) -> Option<Name> {
    Some(code.constants.member(insn.constant_index()?)?.2)
}

fn field_slots(code: &Code<'_>, insn: &Instruction<'_>) -> usize {
    member_descriptor(code, insn).and_then(|d| FieldType::parse(&d).map(|f| f.slots())).unwrap_or(1)
}

/// Slots of the arguments, without receiver, and of the result.
fn call_slots(descriptor: &[u8]) -> (usize, usize) {
    MethodDescriptor::parse(descriptor).map_or((0, 0), |d| (d.parameter_slots(), d.return_type().slots()))
}

fn null_slot(code: &Code<'_>, insn: &Instruction<'_>) -> NullSlot {
    use Opcode::*;
    match insn.opcode {
        Getfield | Arraylength | Athrow | Monitorenter | Monitorexit => NullSlot::At(0),
        Iaload | Faload | Aaload | Baload | Caload | Saload | Laload | Daload => NullSlot::At(1),
        Iastore | Fastore | Aastore | Bastore | Castore | Sastore => NullSlot::At(2),
        Lastore | Dastore => NullSlot::At(3),
        Putfield => NullSlot::At(field_slots(code, insn)),
        Invokevirtual | Invokespecial | Invokeinterface => {
            match insn.constant_index().and_then(|i| code.constants.member(i)) {
                Some((_, name, _)) if *name == *b"<init>" => NullSlot::Explicit,
                Some((_, _, descriptor)) => NullSlot::At(call_slots(&descriptor).0),
                None => NullSlot::None,
            }
        }
        _ => NullSlot::None,
    }
}

/// "Cannot read field "x"" and its like.
fn failed_action(code: &Code<'_>, insn: &Instruction<'_>) -> Option<String> {
    use Opcode::*;
    let array = |verb: &str, kind: &str| Some(format!("Cannot {verb} {kind} array"));
    let fixed = |text: &str| Some(text.to_string());
    let kind = match insn.opcode {
        Iaload | Iastore => "int",
        Faload | Fastore => "float",
        Aaload | Aastore => "object",
        Baload | Bastore => "byte/boolean",
        Caload | Castore => "char",
        Saload | Sastore => "short",
        Laload | Lastore => "long",
        Daload | Dastore => "double",
        _ => "",
    };
    match insn.opcode {
        Iaload | Faload | Aaload | Baload | Caload | Saload | Laload | Daload => array("load from", kind),
        Iastore | Fastore | Aastore | Bastore | Castore | Sastore | Lastore | Dastore => {
            array("store to", kind)
        }
        Arraylength => fixed("Cannot read the array length"),
        Athrow => fixed("Cannot throw exception"),
        Monitorenter => fixed("Cannot enter synchronized block"),
        Monitorexit => fixed("Cannot exit synchronized block"),
        Getfield => Some(format!("Cannot read field \"{}\"", member_name(code, insn)?)),
        Putfield => Some(format!("Cannot assign field \"{}\"", member_name(code, insn)?)),
        Invokevirtual | Invokespecial | Invokeinterface => {
            Some(format!("Cannot invoke \"{}\"", method_text(code, insn)?))
        }
        _ => None,
    }
}

fn text(bytes: &[u8]) -> String {
    caturra_bytecode::mutf8::to_string_lossy(bytes)
}

fn member_name(code: &Code<'_>, insn: &Instruction<'_>) -> Option<String> {
    Some(text(&code.constants.member(insn.constant_index()?)?.1))
}

/// A class with dots; `Object` and `String` without their package.
fn class_text(name: &[u8]) -> String {
    match name {
        b"java/lang/Object" => "Object".to_string(),
        b"java/lang/String" => "String".to_string(),
        _ => text(name).replace('/', "."),
    }
}

/// "Class.method(types)".
fn method_text(code: &Code<'_>, insn: &Instruction<'_>) -> Option<String> {
    let (class, name, descriptor) = code.constants.member(insn.constant_index()?)?;
    let parameters: Vec<String> = MethodDescriptor::parse(&descriptor)?
        .parameters()
        .map(|ty| {
            let name = external_type(ty);
            // The reference implementation compares the beginning only, so `StringBuilder` is shortened too.
            let short = name.starts_with("java.lang.Object") || name.starts_with("java.lang.String");
            if short { name["java.lang.".len()..].to_string() } else { name }
        })
        .collect();
    Some(format!("{}.{}({})", class_text(&class), text(&name), parameters.join(", ")))
}

impl<'a> Analysis<'a> {
    /// Simulates until the stack before `bci` is known. Code behind it is not looked at, unless the way to it
    /// leads there.
    fn run(code: &'a Code<'a>, bci: u32) -> Analysis<'a> {
        let length = code.bytecode.len();
        let mut a =
            Analysis { code, stacks: vec![None; length + 1], entries: 0, added: true, complete: false };
        a.stacks[0] = Some(Stack::default());
        for &handler in &code.handlers {
            let stack = &mut a.stacks[usize::from(handler).min(length)];
            // The exception is pushed by the handler's own first instruction, as far as printing goes.
            stack.get_or_insert_with(|| Stack { slots: vec![Some(handler.into())], written: 0 });
        }
        while !a.complete && a.added {
            a.complete = true;
            a.added = false;
            let mut at = 0;
            while at < length {
                match a.instruction(at as u32) {
                    Some(next) => at = next as usize,
                    None => return a,
                }
                if at == bci as usize && a.stacks[at].is_some() {
                    a.complete = true;
                    break;
                }
                if a.entries > MAX_ENTRIES {
                    return a;
                }
            }
        }
        a
    }

    fn flow_to(&mut self, target: u32, stack: &mut Stack) {
        let Some(known) = self.stacks.get_mut(target as usize) else { return };
        match known {
            Some(other) => stack.merge(other),
            None => {
                self.added = true;
                self.entries += stack.slots.len();
            }
        }
        *known = Some(stack.clone());
    }

    /// Simulates one instruction; gives the index of the next, `None` where the code cannot be decoded.
    fn instruction(&mut self, bci: u32) -> Option<u32> {
        let insn = decode(self.code.bytecode, bci as usize).ok()?;
        let Some(stack) = &self.stacks[bci as usize] else {
            self.complete = false;
            return Some(insn.next_pc);
        };
        let mut stack = stack.clone();
        self.apply(&insn, &mut stack);
        // The subroutine's way back is not tracked: code behind a `jsr` may stay unknown.
        let falls_through = !insn.opcode.ends_block() && !matches!(insn.opcode, Opcode::Jsr | Opcode::JsrW);
        if falls_through {
            self.flow_to(insn.next_pc, &mut stack);
        }
        let mut targets = Vec::new();
        insn.for_each_target(|target| targets.push(target));
        for target in targets {
            self.flow_to(target, &mut stack);
        }
        Some(insn.next_pc)
    }

    /// The instruction's effect on the stack.
    fn apply(&self, insn: &Instruction<'_>, stack: &mut Stack) {
        use Opcode::*;
        let bci = insn.pc;
        let constants = self.code.constants;
        match insn.opcode {
            Ldc | LdcW | Ldc2W => {
                let slots = insn.constant_index().map_or(1, |i| constants.loadable_slots(i));
                stack.push(bci, slots);
            }
            Dup => stack.dup(1, 0),
            DupX1 => stack.dup(1, 1),
            DupX2 => stack.dup(1, 2),
            Dup2 => stack.dup(2, 0),
            Dup2X1 => stack.dup(2, 1),
            Dup2X2 => stack.dup(2, 2),
            Swap => {
                let len = stack.slots.len();
                if len >= 2 {
                    stack.slots.swap(len - 1, len - 2);
                }
            }
            // The value stays what it was: its pusher is not the cast.
            Checkcast => {}
            Getstatic => stack.push(bci, field_slots(self.code, insn)),
            Getfield => {
                stack.pop(1);
                stack.push(bci, field_slots(self.code, insn));
            }
            Putstatic => stack.pop(field_slots(self.code, insn)),
            Putfield => stack.pop(1 + field_slots(self.code, insn)),
            Invokevirtual | Invokespecial | Invokestatic | Invokeinterface | Invokedynamic => {
                let descriptor = if insn.opcode == Invokedynamic {
                    insn.constant_index().and_then(|i| constants.call_site_descriptor(i))
                } else {
                    member_descriptor(self.code, insn)
                };
                let (arguments, result) = descriptor.map_or((0, 0), |d| call_slots(&d));
                let receiver = usize::from(!matches!(insn.opcode, Invokestatic | Invokedynamic));
                stack.pop(arguments + receiver);
                stack.push(bci, result);
            }
            Multianewarray => {
                if let Operands::MultiNewArray { dimensions, .. } = insn.operands {
                    stack.pop(dimensions.into());
                }
                stack.push(bci, 1);
            }
            opcode => {
                if ((Istore..=Astore).contains(&opcode) || (Istore0..=Astore3).contains(&opcode))
                    && let Some(local) = insn.local_index()
                {
                    stack.mark_written(local);
                }
                if let Some((pops, pushes)) = opcode.stack_slots() {
                    stack.pop(pops.into());
                    stack.push(bci, pushes.into());
                }
            }
        }
    }

    /// " because "…" is null", or the variant for return values.
    fn cause(&self, bci: u32, slot: usize) -> Option<String> {
        let pusher = self.pusher(bci, slot)?;
        let mut out = String::new();
        if is_call(decode(self.code.bytecode, pusher as usize).ok()?.opcode) {
            out.push_str(" because the return value of \"");
        } else {
            out.push_str(" because \"");
        }
        out.push_str(&self.expression(bci, slot, MAX_DETAIL)?);
        out.push_str("\" is null");
        Some(out)
    }

    fn pusher(&self, bci: u32, slot: usize) -> Option<u32> {
        self.stacks.get(bci as usize)?.as_ref()?.at(slot)
    }

    /// The expression whose value lies `slot` slots below the top before `bci`; `None` when it is too deep or
    /// not of a form that is printed.
    fn expression(&self, bci: u32, slot: usize, detail: u32) -> Option<String> {
        use Opcode::*;
        if detail == 0 {
            return None;
        }
        let stack = self.stacks.get(bci as usize)?.as_ref()?;
        let source = stack.at(slot)?;
        let insn = decode(self.code.bytecode, source as usize).ok()?;
        match insn.opcode {
            Iload | Aload | Iload0 | Iload1 | Iload2 | Iload3 | Aload0 | Aload1 | Aload2 | Aload3 => {
                let local = insn.local_index()?;
                Some(self.local_text(source, local, !stack.is_written(local)))
            }
            AconstNull => Some("null".to_string()),
            IconstM1 => Some("-1".to_string()),
            Iconst0 | Iconst1 | Iconst2 | Iconst3 | Iconst4 | Iconst5 => {
                Some((insn.opcode as u8 - Iconst0 as u8).to_string())
            }
            Bipush | Sipush => {
                let Operands::Immediate(value) = insn.operands else { return None };
                // The reference implementation prints the operand of `sipush` without its sign.
                Some(if insn.opcode == Sipush { (value as u16).to_string() } else { value.to_string() })
            }
            Iaload | Aaload => {
                let array = self.expression(source, 1, detail - 1).unwrap_or_else(|| "<array>".to_string());
                // The index costs no detail, so that there is always something between the brackets.
                let index = self.expression(source, 0, detail).unwrap_or_else(|| "...".to_string());
                Some(format!("{array}[{index}]"))
            }
            Getstatic => {
                let (class, name, _) = self.code.constants.member(insn.constant_index()?)?;
                Some(format!("{}.{}", class_text(&class), text(&name)))
            }
            Getfield => {
                let mut out = String::new();
                if let Some(object) = self.expression(source, 0, detail - 1) {
                    let _ = write!(out, "{object}.");
                }
                out.push_str(&member_name(self.code, &insn)?);
                Some(out)
            }
            opcode if is_call(opcode) => method_text(self.code, &insn),
            _ => None,
        }
    }

    /// A local variable by name where the class file has it, else "this", "<parameter1>" or "<local4>".
    fn local_text(&self, bci: u32, local: u16, untouched: bool) -> String {
        let code = self.code;
        let named =
            code.locals.iter().find(|(start, end, slot, _)| (*start..*end).contains(&bci) && *slot == local);
        if let Some((_, _, _, name)) = named {
            return name.clone();
        }
        if !untouched {
            return format!("<local{local}>");
        }
        if !code.is_static && local == 0 {
            return "this".to_string();
        }
        let mut first = usize::from(!code.is_static);
        let parameters = MethodDescriptor::parse(code.descriptor);
        for (i, parameter) in parameters.iter().flat_map(|d| d.parameters()).enumerate() {
            let slots = parameter.slots();
            if (first..first + slots).contains(&usize::from(local)) {
                return format!("<parameter{}>", i + 1);
            }
            first += slots;
        }
        format!("<local{local}>")
    }
}

fn is_call(opcode: Opcode) -> bool {
    opcode.is_invoke() && opcode != Opcode::Invokedynamic
}

/// A class's constant pool for the analysis.
struct Pool(MethodRef);

impl Constants for Pool {
    fn member(&self, index: u16) -> Option<(Name, Name, Name)> {
        let cp = self.0.holder.cp;
        if !matches!(cp.tag(index), CpTag::Field | CpTag::Method | CpTag::InterfaceMethod) {
            return None;
        }
        let (name, descriptor) = cp.member_name_and_type(index);
        let bytes = |s: Sym| Name::Borrowed(s.bytes());
        Some((bytes(cp.member_class_name(index)), bytes(name), bytes(descriptor)))
    }
    fn loadable_slots(&self, index: u16) -> usize {
        let cp = self.0.holder.cp;
        match cp.tag(index) {
            CpTag::Long | CpTag::Double => 2,
            CpTag::Dynamic => {
                FieldType::parse(cp.member_name_and_type(index).1.bytes()).map_or(1, FieldType::slots)
            }
            _ => 1,
        }
    }
    fn call_site_descriptor(&self, index: u16) -> Option<Name> {
        let cp = self.0.holder.cp;
        (cp.tag(index) == CpTag::InvokeDynamic)
            .then(|| Name::Borrowed(cp.member_name_and_type(index).1.bytes()))
    }
}

/// The message for a null dereference in `method` at `bci`.
pub fn method_message(method: MethodRef, bci: u32) -> Option<String> {
    // Constructors called by reflection on behalf of native code have no null of their own.
    if method.holder.name == "jdk/internal/reflect/NativeConstructorAccessorImpl" {
        return None;
    }
    let row = |v: &LocalVariable| {
        let start = u32::from(v.start);
        (start, start + u32::from(v.length), v.slot, v.name.to_str().to_string())
    };
    let code = Code {
        bytecode: method.bytecode,
        handlers: method.exception_table.iter().map(|e| e.handler).collect(),
        constants: &Pool(method),
        is_static: method.access & ACC_STATIC != 0,
        descriptor: method.signature.symbol.bytes(),
        locals: method.extra().local_variables.iter().map(row).collect(),
    };
    message(&code, bci)
}

/// `NullPointerException.getExtendedNPEMessage`: null when the top frame tells nothing.
fn extended_message(t: &Thread, throwable: ObjRef) -> JResult<ObjRef> {
    if !t.vm().options.show_code_details {
        return Ok(ObjRef::NULL);
    }
    let Some((method, bci)) = stack_trace::top_frame(t, throwable) else { return Ok(ObjRef::NULL) };
    let Ok(bci) = u32::try_from(bci) else { return Ok(ObjRef::NULL) };
    if method.bytecode.len() <= bci as usize {
        return Ok(ObjRef::NULL);
    }
    match method_message(method, bci) {
        Some(text) => strings::new_string(t, &text),
        None => Ok(ObjRef::NULL),
    }
}

jvm_entry! {
    /// `NullPointerException.getExtendedNPEMessage`.
    fn JVM_GetExtendedNPEMessage(t; throwable: c::jthrowable) -> c::jstring {
        // SAFETY: a handle of the caller.
        let throwable = unsafe { non_null(t, throwable)? };
        Ok(local(t, extended_message(t, throwable)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Member entries by index, from 1; an entry without class is a call site.
    struct Table(&'static [(&'static str, &'static str, &'static str)]);

    impl Constants for Table {
        fn member(&self, index: u16) -> Option<(Name, Name, Name)> {
            let (class, name, descriptor) = *self.0.get(usize::from(index) - 1)?;
            let bytes = |s: &'static str| Name::Borrowed(s.as_bytes());
            Some((bytes(class), bytes(name), bytes(descriptor)))
        }
        fn loadable_slots(&self, _index: u16) -> usize {
            1
        }
        fn call_site_descriptor(&self, index: u16) -> Option<Name> {
            self.member(index).map(|m| m.2)
        }
    }

    fn text_at(
        bytecode: &[u8],
        bci: u32,
        descriptor: &str,
        is_static: bool,
        table: &Table,
    ) -> Option<String> {
        let code = Code {
            bytecode,
            handlers: Vec::new(),
            constants: table,
            is_static,
            descriptor: descriptor.as_bytes(),
            locals: vec![(0, 100, 9, "named".to_string())],
        };
        message(&code, bci)
    }

    #[test]
    fn fields_through_a_parameter() {
        let table = Table(&[("A", "b", "LB;"), ("B", "c", "J")]);
        // aload_1, getfield b, lconst_1, putfield c
        let code = [0x2b, 0xb4, 0, 1, 0x0a, 0xb5, 0, 2, 0xb1];
        let text = text_at(&code, 5, "(LA;)V", false, &table);
        assert_eq!(text.as_deref(), Some("Cannot assign field \"c\" because \"<parameter1>.b\" is null"));
        let text = text_at(&code, 1, "(LA;)V", false, &table);
        assert_eq!(text.as_deref(), Some("Cannot read field \"b\" because \"<parameter1>\" is null"));
    }

    #[test]
    fn arrays_with_indexes() {
        let table = Table(&[]);
        // aload_0, iload_1, aaload, sipush 300, iaload
        let code = [0x2a, 0x1b, 0x32, 0x11, 1, 44, 0x2e, 0xac];
        let text = text_at(&code, 6, "([[II)I", true, &table);
        let expected = "Cannot load from int array because \"<parameter1>[<parameter2>]\" is null";
        assert_eq!(text.as_deref(), Some(expected));
        // aload 9, bipush -3, aaload, arraylength
        let code = [0x19, 9, 0x10, 0xfd, 0x32, 0xbe, 0xac];
        let text = text_at(&code, 5, "()I", true, &table);
        assert_eq!(text.as_deref(), Some("Cannot read the array length because \"named[-3]\" is null"));
    }

    #[test]
    fn return_values_and_shortened_types() {
        let table = Table(&[
            ("pkg/Foo", "bar", "()Ljava/lang/String;"),
            ("java/lang/String", "baz", "(Ljava/lang/Object;[Ljava/lang/StringBuilder;J)V"),
        ]);
        // invokestatic bar, aconst_null, aconst_null, lconst_0, invokevirtual baz
        let code = [0xb8, 0, 1, 1, 1, 9, 0xb6, 0, 2, 0xb1];
        let text = text_at(&code, 6, "()V", true, &table);
        let expected = "Cannot invoke \"String.baz(Object, StringBuilder[], long)\" \
                        because the return value of \"pkg.Foo.bar()\" is null";
        assert_eq!(text.as_deref(), Some(expected));
    }

    #[test]
    fn merged_values_and_overwritten_parameters_have_no_name() {
        let table = Table(&[]);
        // iload_0, ifeq +7, aconst_null, goto +4, aload_1, arraylength, ireturn
        let code = [0x1a, 0x99, 0, 7, 1, 0xa7, 0, 4, 0x2b, 0xbe, 0xac];
        let text = text_at(&code, 9, "(Z[I)I", true, &table);
        assert_eq!(text.as_deref(), Some("Cannot read the array length"));
        // aconst_null, astore_0, aload_0, athrow
        let text = text_at(&[1, 0x4b, 0x2a, 0xbf], 3, "(LA;)V", true, &table);
        assert_eq!(text.as_deref(), Some("Cannot throw exception because \"<local0>\" is null"));
        assert_eq!(text_at(&[0x60, 0xac], 0, "()I", true, &table), None);
    }
}
