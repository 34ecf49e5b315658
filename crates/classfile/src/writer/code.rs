//! Code in the making: instructions with labels, exception handlers, line numbers, stack map frames.

use caturra_bytecode::encode;
use caturra_bytecode::{Format, Opcode, Operands};

use super::{Attributes, ConstantPoolBuilder, WriteProblem, push_count, push_u2};
use crate::stack_map::VerificationTypeInfo;

/// The greatest length of a code array (JVMS §4.7.3).
const MAX_CODE_LENGTH: usize = 65535;

/// A place in the code, to be bound to an instruction by [`CodeBuilder::bind`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Label(u32);

/// A verification type for a frame (JVMS §4.7.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VerificationType {
    /// `top`
    Top,
    /// `int`
    Integer,
    /// `float`
    Float,
    /// `double`, both slots.
    Double,
    /// `long`, both slots.
    Long,
    /// `null`
    Null,
    /// `uninitializedThis`
    UninitializedThis,
    /// A class, by the index of its `CONSTANT_Class`.
    Object(u16),
    /// What the `new` at this label has created.
    Uninitialized(Label),
}

/// A frame of `StackMapTable`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Frame {
    /// The locals of the previous frame, an empty stack.
    Same,
    /// The locals of the previous frame, one type on the stack.
    SameLocals1StackItem(VerificationType),
    /// The previous frame's locals without the last one to three, an empty stack.
    Chop(u8),
    /// The previous frame's locals and one to three more, an empty stack.
    Append(Vec<VerificationType>),
    /// Everything.
    Full {
        /// The locals.
        locals: Vec<VerificationType>,
        /// The stack, bottom first.
        stack: Vec<VerificationType>,
    },
}

/// A piece of code whose bytes are known, or depend on where labels end up.
#[derive(Clone, Debug)]
enum Item {
    /// Whole instructions.
    Bytes(Vec<u8>),
    /// `goto` and `jsr`, `goto_w` and `jsr_w` once they are found to be too long.
    Branch {
        opcode: Opcode,
        target: Label,
        wide: bool,
    },
    TableSwitch {
        default: Label,
        low: i32,
        targets: Vec<Label>,
    },
    LookupSwitch {
        default: Label,
        pairs: Vec<(i32, Label)>,
    },
    Bind(Label),
    Line(u16),
    Frame(Frame),
}

impl Item {
    /// Length in bytes of the item at `pc`.
    fn length(&self, pc: usize) -> usize {
        let padding = (pc + 1).next_multiple_of(4) - (pc + 1);
        match self {
            Item::Bytes(bytes) => bytes.len(),
            Item::Branch { opcode, wide, .. } => {
                if *wide || opcode.format() == Format::BranchWide {
                    5
                } else {
                    3
                }
            }
            Item::TableSwitch { targets, .. } => 1 + padding + 12 + 4 * targets.len(),
            Item::LookupSwitch { pairs, .. } => 1 + padding + 8 + 8 * pairs.len(),
            Item::Bind(_) | Item::Line(_) | Item::Frame(_) => 0,
        }
    }
}

#[derive(Clone, Debug)]
struct Handler {
    start: Label,
    end: Label,
    handler: Label,
    catch_type: u16,
}

#[derive(Clone, Debug)]
struct Variable {
    start: Label,
    end: Label,
    name_index: u16,
    descriptor_index: u16,
    index: u16,
}

/// Code in the making. Constant-pool indices come from the class's
/// [`ConstantPoolBuilder`](super::ConstantPoolBuilder). Add it to a method by
/// [`MemberWriter::code`](super::MemberWriter::code).
#[derive(Clone, Default, Debug)]
pub struct CodeBuilder {
    items: Vec<Item>,
    labels: u32,
    max_stack: u16,
    max_locals: u16,
    handlers: Vec<Handler>,
    variables: Vec<Variable>,
    attributes: Vec<(String, Vec<u8>)>,
    problem: Option<WriteProblem>,
}

/// Where everything is once the branches have their lengths.
struct Layout {
    /// Code-array index by label.
    labels: Vec<Option<u32>>,
    length: usize,
}

impl Layout {
    fn pc(&self, label: Label) -> Result<u32, WriteProblem> {
        self.labels.get(label.0 as usize).copied().flatten().ok_or(WriteProblem::UnboundLabel)
    }

    fn pc_u2(&self, label: Label) -> Result<u16, WriteProblem> {
        u16::try_from(self.pc(label)?).map_err(|_| WriteProblem::CodeTooLarge)
    }

    fn offset(&self, from: usize, target: Label) -> Result<i32, WriteProblem> {
        Ok(self.pc(target)? as i32 - from as i32)
    }
}

impl CodeBuilder {
    /// Code with these sizes of operand stack and local variables, in slots.
    pub fn new(max_stack: u16, max_locals: u16) -> Self {
        CodeBuilder { max_stack, max_locals, ..Default::default() }
    }

    /// Sets the size of the operand stack in slots.
    pub fn max_stack(&mut self, slots: u16) -> &mut Self {
        self.max_stack = slots;
        self
    }

    /// Sets the size of the local variables in slots.
    pub fn max_locals(&mut self, slots: u16) -> &mut Self {
        self.max_locals = slots;
        self
    }

    /// A new label.
    pub fn label(&mut self) -> Label {
        self.labels += 1;
        Label(self.labels - 1)
    }

    /// Binds a label to the next instruction (or the end of the code).
    pub fn bind(&mut self, label: Label) -> &mut Self {
        self.items.push(Item::Bind(label));
        self
    }

    /// A new label that is bound to the next instruction.
    pub fn here(&mut self) -> Label {
        let label = self.label();
        self.bind(label);
        label
    }

    fn bytes(&mut self) -> &mut Vec<u8> {
        if !matches!(self.items.last(), Some(Item::Bytes(_))) {
            self.items.push(Item::Bytes(Vec::new()));
        }
        match self.items.last_mut() {
            Some(Item::Bytes(bytes)) => bytes,
            _ => unreachable!("the last item has just been made one of bytes"),
        }
    }

    fn instruction(&mut self, opcode: Opcode, wide: bool, operands: Operands<'_>) -> &mut Self {
        if let Err(error) = encode::encode(self.bytes(), opcode, wide, &operands) {
            self.problem.get_or_insert(error.into());
        }
        self
    }

    /// An instruction without operands.
    pub fn op(&mut self, opcode: Opcode) -> &mut Self {
        self.instruction(opcode, false, Operands::None)
    }

    /// Bytes that are taken as they are; for tests of the verifier.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes().extend_from_slice(bytes);
        self
    }

    /// `bipush` or `sipush`.
    pub fn immediate(&mut self, opcode: Opcode, value: i16) -> &mut Self {
        self.instruction(opcode, false, Operands::Immediate(value))
    }

    /// Pushes an int by the shortest instruction.
    pub fn push_int(&mut self, pool: &mut ConstantPoolBuilder, value: i32) -> &mut Self {
        match i16::try_from(value) {
            Ok(small @ -1..=5) => {
                let number = (Opcode::Iconst0 as i16 + small) as u8;
                self.bytes().push(number);
                self
            }
            Ok(value) if i8::try_from(value).is_ok() => self.immediate(Opcode::Bipush, value),
            Ok(value) => self.immediate(Opcode::Sipush, value),
            Err(_) => {
                let index = pool.integer(value);
                self.ldc(index)
            }
        }
    }

    /// Pushes a long by the shortest instruction.
    pub fn push_long(&mut self, pool: &mut ConstantPoolBuilder, value: i64) -> &mut Self {
        match value {
            0 => self.op(Opcode::Lconst0),
            1 => self.op(Opcode::Lconst1),
            _ => {
                let index = pool.long(value);
                self.constant(Opcode::Ldc2W, index)
            }
        }
    }

    /// `ldc`, or `ldc_w` where the index needs it.
    pub fn ldc(&mut self, index: u16) -> &mut Self {
        let opcode = if index < 256 { Opcode::Ldc } else { Opcode::LdcW };
        self.constant(opcode, index)
    }

    /// A load, store or `ret`; with `wide` where the index needs it.
    pub fn local(&mut self, opcode: Opcode, index: u16) -> &mut Self {
        self.instruction(opcode, index > 255, Operands::Local(index))
    }

    /// `iinc`; with `wide` where an operand needs it.
    pub fn iinc(&mut self, index: u16, delta: i16) -> &mut Self {
        let wide = index > 255 || i8::try_from(delta).is_err();
        self.instruction(Opcode::Iinc, wide, Operands::Iinc { index, delta })
    }

    /// Any instruction whose operand is a constant-pool index alone.
    pub fn constant(&mut self, opcode: Opcode, index: u16) -> &mut Self {
        self.instruction(opcode, false, Operands::Constant(index))
    }

    /// `invokeinterface`; `count` is the slots of the arguments, the receiver included.
    pub fn invoke_interface(&mut self, index: u16, count: u8) -> &mut Self {
        let operands = Operands::InvokeInterface { index, count, zero: 0 };
        self.instruction(Opcode::Invokeinterface, false, operands)
    }

    /// `invokedynamic`
    pub fn invoke_dynamic(&mut self, index: u16) -> &mut Self {
        self.instruction(Opcode::Invokedynamic, false, Operands::InvokeDynamic { index, zero: 0 })
    }

    /// `newarray`, by the array type code (JVMS table 6.5.newarray-A).
    pub fn new_array(&mut self, code: u8) -> &mut Self {
        self.instruction(Opcode::Newarray, false, Operands::NewArray(code))
    }

    /// `multianewarray`
    pub fn multi_new_array(&mut self, index: u16, dimensions: u8) -> &mut Self {
        let operands = Operands::MultiNewArray { index, dimensions };
        self.instruction(Opcode::Multianewarray, false, operands)
    }

    /// A branch. `goto` and `jsr` become their wide forms where the target is too far for them.
    pub fn branch(&mut self, opcode: Opcode, target: Label) -> &mut Self {
        if !matches!(opcode.format(), Format::Branch | Format::BranchWide) {
            self.problem.get_or_insert(encode::EncodeError::WrongOperands(opcode).into());
            return self;
        }
        self.items.push(Item::Branch { opcode, target, wide: false });
        self
    }

    /// `tableswitch`, with one target for each key from `low` on.
    pub fn table_switch(&mut self, default: Label, low: i32, targets: &[Label]) -> &mut Self {
        let last = i64::from(low) + targets.len() as i64 - 1;
        if targets.is_empty() || i32::try_from(last).is_err() {
            self.problem.get_or_insert(encode::EncodeError::OutOfRange(Opcode::Tableswitch).into());
            return self;
        }
        self.items.push(Item::TableSwitch { default, low, targets: targets.to_vec() });
        self
    }

    /// `lookupswitch`; the pairs are sorted by their matches.
    pub fn lookup_switch(&mut self, default: Label, pairs: &[(i32, Label)]) -> &mut Self {
        let mut pairs = pairs.to_vec();
        pairs.sort_by_key(|&(matched, _)| matched);
        self.items.push(Item::LookupSwitch { default, pairs });
        self
    }

    /// The next instruction starts this source line.
    pub fn line(&mut self, line: u16) -> &mut Self {
        self.items.push(Item::Line(line));
        self
    }

    /// A stack map frame for the next instruction.
    pub fn frame(&mut self, frame: Frame) -> &mut Self {
        self.items.push(Item::Frame(frame));
        self
    }

    /// Adds an exception handler after those there are; `catch_type` is the index of a class, 0 for all.
    pub fn exception_handler(
        &mut self,
        start: Label,
        end: Label,
        handler: Label,
        catch_type: u16,
    ) -> &mut Self {
        self.handlers.push(Handler { start, end, handler, catch_type });
        self
    }

    /// Adds an entry of `LocalVariableTable`.
    pub fn local_variable(
        &mut self,
        pool: &mut ConstantPoolBuilder,
        name: &str,
        descriptor: &str,
        index: u16,
        range: (Label, Label),
    ) -> &mut Self {
        let variable = Variable {
            start: range.0,
            end: range.1,
            name_index: pool.utf8(name),
            descriptor_index: pool.utf8(descriptor),
            index,
        };
        self.variables.push(variable);
        self
    }

    /// Adds an attribute of `Code`.
    pub fn attribute(&mut self, name: &str, info: Vec<u8>) -> &mut Self {
        self.attributes.push((name.to_owned(), info));
        self
    }

    /// Gives labels their places. A branch only ever grows, so this ends.
    fn layout(items: &mut [Item], labels: u32) -> Result<Layout, WriteProblem> {
        loop {
            let mut layout = Layout { labels: vec![None; labels as usize], length: 0 };
            for item in items.iter() {
                if let Item::Bind(label) = item
                    && let Some(place) = layout.labels.get_mut(label.0 as usize)
                {
                    *place = u32::try_from(layout.length).ok();
                }
                layout.length += item.length(layout.length);
            }
            if layout.length > MAX_CODE_LENGTH {
                return Err(WriteProblem::CodeTooLarge);
            }
            let mut grown = false;
            let mut pc = 0;
            for item in items.iter_mut() {
                let length = item.length(pc);
                if let Item::Branch { opcode: Opcode::Goto | Opcode::Jsr, target, wide: wide @ false } = item
                    && i16::try_from(layout.offset(pc, *target)?).is_err()
                {
                    *wide = true;
                    grown = true;
                }
                pc += length;
            }
            if !grown {
                return Ok(layout);
            }
        }
    }

    /// The content of the attribute `Code`.
    pub(super) fn assemble(&self, pool: &mut ConstantPoolBuilder) -> Result<Vec<u8>, WriteProblem> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let mut items = self.items.clone();
        let layout = Self::layout(&mut items, self.labels)?;
        let mut code = Vec::with_capacity(layout.length);
        let mut lines = Vec::new();
        let mut frames = Frames::default();
        for item in &items {
            match item {
                Item::Bind(_) => {}
                Item::Line(line) => {
                    push_count(&mut lines, code.len())?;
                    push_u2(&mut lines, *line);
                }
                Item::Frame(frame) => frames.add(code.len(), frame, &layout)?,
                _ => Self::emit(&mut code, item, &layout)?,
            }
        }

        let mut info = Vec::with_capacity(code.len() + 32);
        push_u2(&mut info, self.max_stack);
        push_u2(&mut info, self.max_locals);
        info.extend((code.len() as u32).to_be_bytes());
        info.extend_from_slice(&code);
        push_count(&mut info, self.handlers.len())?;
        for handler in &self.handlers {
            for label in [handler.start, handler.end, handler.handler] {
                push_u2(&mut info, layout.pc_u2(label)?);
            }
            push_u2(&mut info, handler.catch_type);
        }
        let mut attributes = Attributes::default();
        let mut table = |name: &str, entries: usize, bytes: &[u8]| {
            if entries > 0 {
                let mut info = Vec::with_capacity(bytes.len() + 2);
                push_count(&mut info, entries)?;
                info.extend_from_slice(bytes);
                attributes.0.push((pool.utf8(name), info));
            }
            Ok::<(), WriteProblem>(())
        };
        table("LineNumberTable", lines.len() / 4, &lines)?;
        let mut variables = Vec::new();
        for variable in &self.variables {
            let (start, end) = (layout.pc_u2(variable.start)?, layout.pc_u2(variable.end)?);
            push_u2(&mut variables, start);
            push_u2(&mut variables, end.saturating_sub(start));
            for value in [variable.name_index, variable.descriptor_index, variable.index] {
                push_u2(&mut variables, value);
            }
        }
        table("LocalVariableTable", self.variables.len(), &variables)?;
        table("StackMapTable", frames.count, &frames.bytes)?;
        for (name, info) in &self.attributes {
            attributes.0.push((pool.utf8(name), info.clone()));
        }
        attributes.write(&mut info)?;
        Ok(info)
    }

    /// Appends the bytes of an instruction item.
    fn emit(code: &mut Vec<u8>, item: &Item, layout: &Layout) -> Result<(), WriteProblem> {
        let pc = code.len();
        match item {
            Item::Bytes(bytes) => code.extend_from_slice(bytes),
            Item::Branch { opcode, target, wide } => {
                let offset = layout.offset(pc, *target)?;
                let opcode = match opcode {
                    Opcode::Goto if *wide => Opcode::GotoW,
                    Opcode::Jsr if *wide => Opcode::JsrW,
                    opcode => *opcode,
                };
                encode::encode(code, opcode, false, &Operands::Branch(offset)).map_err(
                    |error| match error {
                        encode::EncodeError::OutOfRange(_) => WriteProblem::BranchTooFar,
                        other => other.into(),
                    },
                )?;
            }
            Item::TableSwitch { default, low, targets } => {
                code.push(Opcode::Tableswitch as u8);
                code.resize(code.len().next_multiple_of(4), 0);
                code.extend(layout.offset(pc, *default)?.to_be_bytes());
                code.extend(low.to_be_bytes());
                // `table_switch` has checked that the last key is an int.
                code.extend(low.wrapping_add(targets.len() as i32 - 1).to_be_bytes());
                for &target in targets {
                    code.extend(layout.offset(pc, target)?.to_be_bytes());
                }
            }
            Item::LookupSwitch { default, pairs } => {
                code.push(Opcode::Lookupswitch as u8);
                code.resize(code.len().next_multiple_of(4), 0);
                code.extend(layout.offset(pc, *default)?.to_be_bytes());
                code.extend((pairs.len() as u32).to_be_bytes());
                for &(matched, target) in pairs {
                    code.extend(matched.to_be_bytes());
                    code.extend(layout.offset(pc, target)?.to_be_bytes());
                }
            }
            Item::Bind(_) | Item::Line(_) | Item::Frame(_) => {}
        }
        Ok(())
    }
}

/// The content of `StackMapTable` without the count.
#[derive(Default)]
struct Frames {
    bytes: Vec<u8>,
    count: usize,
    /// The least index that the next frame may have.
    next_pc: usize,
}

impl Frames {
    fn add(&mut self, pc: usize, frame: &Frame, layout: &Layout) -> Result<(), WriteProblem> {
        let delta = pc.checked_sub(self.next_pc).ok_or(WriteProblem::MisplacedFrame)?;
        let delta = u16::try_from(delta).map_err(|_| WriteProblem::MisplacedFrame)?;
        self.next_pc = pc + 1;
        self.count += 1;
        let out = &mut self.bytes;
        let types = |out: &mut Vec<u8>, types: &[VerificationType]| {
            types.iter().try_for_each(|&verification_type| encode_type(out, verification_type, layout))
        };
        match frame {
            Frame::Same if delta < 64 => out.push(delta as u8),
            Frame::Same => {
                out.push(251);
                push_u2(out, delta);
            }
            Frame::SameLocals1StackItem(stack) => {
                if delta < 64 {
                    out.push(64 + delta as u8);
                } else {
                    out.push(247);
                    push_u2(out, delta);
                }
                types(out, &[*stack])?;
            }
            Frame::Chop(count) => {
                if !(1..=3).contains(count) {
                    return Err(WriteProblem::MisplacedFrame);
                }
                out.push(251 - count);
                push_u2(out, delta);
            }
            Frame::Append(locals) => {
                if !(1..=3).contains(&locals.len()) {
                    return Err(WriteProblem::MisplacedFrame);
                }
                out.push(251 + locals.len() as u8);
                push_u2(out, delta);
                types(out, locals)?;
            }
            Frame::Full { locals, stack } => {
                out.push(255);
                push_u2(out, delta);
                for list in [locals, stack] {
                    push_count(out, list.len())?;
                    types(out, list)?;
                }
            }
        }
        Ok(())
    }
}

fn encode_type(
    out: &mut Vec<u8>,
    verification_type: VerificationType,
    layout: &Layout,
) -> Result<(), WriteProblem> {
    let encoded = match verification_type {
        VerificationType::Top => VerificationTypeInfo::Top,
        VerificationType::Integer => VerificationTypeInfo::Integer,
        VerificationType::Float => VerificationTypeInfo::Float,
        VerificationType::Double => VerificationTypeInfo::Double,
        VerificationType::Long => VerificationTypeInfo::Long,
        VerificationType::Null => VerificationTypeInfo::Null,
        VerificationType::UninitializedThis => VerificationTypeInfo::UninitializedThis,
        VerificationType::Object(index) => VerificationTypeInfo::Object(index),
        VerificationType::Uninitialized(label) => VerificationTypeInfo::Uninitialized(layout.pc_u2(label)?),
    };
    encoded.encode(out);
    Ok(())
}
