//! Verification of a class, method by method.

use std::fmt;

use caturra_bytecode::access::{ACC_ABSTRACT, ACC_NATIVE, ACC_STATIC};
use caturra_bytecode::{BasicType, FieldType, MethodDescriptor, Opcode, mutf8};

use crate::fault::{Checked, Context, Origin, Stop, stop};
use crate::frame::Frame;
use crate::hierarchy::ClassHierarchy;
use crate::instructions::{Flow, instruction_length, is_new};
use crate::pool::{Pool, push_slots};
use crate::report;
use crate::stack_map::{BOUNDARY, HANDLER_START, Limits, NEW, StackMaps};
use crate::types::{Type, Types};
use crate::view::{ClassView, CodeView, Handler, MethodView};

/// Why a class is not verified. The texts are the messages of the errors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure<E> {
    /// A `VerifyError`.
    VerifyError(String),
    /// A `ClassFormatError`. As after a `VerifyError`, a class file of version 50 may still be accepted by the
    /// verification by type inference (JVMS §4.10.1).
    ClassFormatError(String),
    /// A `ClassFormatError` for a `StackMapTable` that cannot be read, which nothing makes good.
    MalformedStackMap(String),
    /// A class could not be loaded.
    Hierarchy(E),
    /// The frames of a method would take too much memory: an `OutOfMemoryError`.
    TooLarge,
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::VerifyError(message) => write!(f, "java.lang.VerifyError: {message}"),
            Failure::ClassFormatError(message) | Failure::MalformedStackMap(message) => {
                write!(f, "java.lang.ClassFormatError: {message}")
            }
            Failure::Hierarchy(error) => error.fmt(f),
            Failure::TooLarge => f.write_str("java.lang.OutOfMemoryError: stack map frames"),
        }
    }
}

/// Verifies all methods of a class whose class file has version 50 or newer, in the order of the class file.
///
/// # Errors
/// The first violation of a constraint, or the first class that cannot be loaded.
pub fn verify<'a, C: ClassView<'a>, H: ClassHierarchy>(
    class: &C,
    hierarchy: &mut H,
) -> Result<(), Failure<H::Error>> {
    let mut types = Types::new(hierarchy);
    let this_type = types.of_name(class.name());
    let mut verifier = Verifier {
        class,
        this_type,
        super_type: None,
        types,
        pool: Pool::new(class.pool()),
        maps: StackMaps::default(),
        frame: Frame::new(),
        marks: Vec::new(),
        handlers: Vec::new(),
        handler_range: (0, 0),
        handler_this_uninit: false,
        code: &[],
        is_initializer: false,
        return_type: Type::TOP,
    };
    for index in 0..class.method_count() {
        let method = class.method(index);
        if method.access_flags() & (ACC_NATIVE | ACC_ABSTRACT) != 0 {
            continue;
        }
        let Some(code) = method.code() else { continue };
        verifier.method(&method, &code).map_err(|stop| verifier.failure(stop, &method, &code))?;
    }
    Ok(())
}

/// A row of the exception table with the type that the handler gets.
pub(crate) struct CheckedHandler {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) pc: u16,
    pub(crate) caught: Type,
    /// The number of the stack map's frame at the handler, once it was looked for.
    pub(crate) frame: Option<usize>,
}

/// The state of a class's verification; from `maps` on that of the method at hand.
pub(crate) struct Verifier<'a, 'v, C: ClassView<'a>, H: ClassHierarchy> {
    pub(crate) class: &'v C,
    pub(crate) this_type: Type,
    /// The superclass's type once it was asked for.
    super_type: Option<Type>,
    pub(crate) types: Types<'a, 'v, H>,
    pub(crate) pool: Pool<'a, 'v, C::Pool>,
    pub(crate) maps: StackMaps,
    pub(crate) frame: Frame,
    /// What is at each index of the code array.
    pub(crate) marks: Vec<u8>,
    pub(crate) handlers: Vec<CheckedHandler>,
    /// From the first start of a handler's range to the last end.
    pub(crate) handler_range: (u32, u32),
    /// `flagThisUninit` when handlers were last compared with the frame.
    pub(crate) handler_this_uninit: bool,
    pub(crate) code: &'a [u8],
    /// The method is `<init>`.
    pub(crate) is_initializer: bool,
    /// The first slot of the result, with the small integer types kept apart; `top` for `void`.
    pub(crate) return_type: Type,
}

impl<'a, C: ClassView<'a>, H: ClassHierarchy> Verifier<'a, '_, C, H> {
    /// The type of the superclass.
    pub(crate) fn super_type(&mut self) -> Option<Type> {
        if self.super_type.is_none() {
            self.super_type = self.class.super_name().map(|name| self.types.of_name(name));
        }
        self.super_type
    }

    #[cold]
    fn failure(&self, stop: Stop<H::Error>, method: &C::Method, code: &CodeView<'a>) -> Failure<H::Error> {
        match stop {
            Stop::Fault(fault) => {
                let mut text = fault.message;
                text.truncate(report::MOST_BYTES);
                report::details(&mut text, &fault.context, self.class.name(), method, code, &self.types);
                Failure::VerifyError(mutf8::to_string_lossy(&text))
            }
            Stop::Format(message) => {
                let mut text = message.into_bytes();
                text.truncate(report::MOST_BYTES);
                text.extend_from_slice(b" in method '");
                report::external_name(&mut text, &self.class.external_name(), method);
                text.push(b'\'');
                Failure::ClassFormatError(mutf8::to_string_lossy(&text))
            }
            Stop::Malformed(message) => {
                Failure::MalformedStackMap(format!("StackMapTable format error: {message}"))
            }
            Stop::Hierarchy(error) => Failure::Hierarchy(error),
            Stop::TooLarge => Failure::TooLarge,
        }
    }

    fn method(&mut self, method: &C::Method, code: &CodeView<'a>) -> Checked<(), H> {
        self.code = code.bytes;
        self.is_initializer = method.name() == b"<init>";
        self.enter(method, code);
        self.mark_instructions()?;
        self.exception_table(method)?;
        self.local_variables(method)?;
        let limits = Limits {
            max_locals: code.max_locals.into(),
            max_stack: code.max_stack.into(),
            marks: &self.marks,
        };
        self.maps.read(code.stack_map_table, &self.frame, &limits, &mut self.pool, &mut self.types)?;
        self.instructions()
    }

    /// The frame at the start of a method (JVMS §4.10.1.6).
    fn enter(&mut self, method: &C::Method, code: &CodeView<'a>) {
        let is_static = method.access_flags() & ACC_STATIC != 0;
        let descriptor = MethodDescriptor::parse(method.descriptor());
        let slots = descriptor.map_or(0, |descriptor| descriptor.parameter_slots()) + usize::from(!is_static);
        // The reader has checked that the arguments fit.
        self.frame.reset(slots.max(code.max_locals.into()), code.max_stack.into());
        self.frame.locals.clear();
        if !is_static {
            let uninitialized = self.is_initializer && self.this_type != Type::OBJECT;
            self.frame.this_uninit = uninitialized;
            self.frame.locals.push(if uninitialized { Type::UNINITIALIZED_THIS } else { self.this_type });
        }
        self.return_type = Type::TOP;
        if let Some(descriptor) = descriptor {
            for parameter in descriptor.parameters() {
                push_slots(&mut self.frame.locals, parameter, &mut self.types);
            }
            self.return_type = match descriptor.return_type() {
                FieldType::Primitive(BasicType::Boolean) => Type::BOOLEAN,
                FieldType::Primitive(BasicType::Byte) => Type::BYTE,
                FieldType::Primitive(BasicType::Short) => Type::SHORT,
                FieldType::Primitive(BasicType::Char) => Type::CHAR,
                other => self.types.of_field(other).unwrap_or(Type::TOP),
            };
        }
        self.frame.locals_size = self.frame.locals.len();
        self.frame.locals.resize(slots.max(code.max_locals.into()), Type::TOP);
    }

    /// Finds where instructions start; the whole code array must be instructions (JVMS §4.9.1).
    fn mark_instructions(&mut self) -> Checked<(), H> {
        self.marks.clear();
        self.marks.resize(self.code.len(), 0);
        let mut pc = 0;
        while let Some(&byte) = self.code.get(pc) {
            let length = instruction_length(self.code, pc);
            if length == 0 {
                return Err(stop(Context::bad_code(pc as u32), "Bad instruction"));
            }
            self.marks[pc] = if is_new(byte) { BOUNDARY | NEW } else { BOUNDARY };
            pc += length;
        }
        Ok(())
    }

    fn is_boundary(&self, pc: u32) -> bool {
        self.marks.get(pc as usize).is_some_and(|&marks| marks != 0)
    }

    /// Handlers lie on instructions, and what they catch is a `Throwable` (JVMS §4.7.3, §4.10.1.6).
    fn exception_table(&mut self, method: &C::Method) -> Checked<(), H> {
        let mut rows = std::mem::take(&mut self.handlers);
        rows.clear();
        let mut result = Ok(());
        let mut range = (self.code.len() as u32, 0);
        method.for_each_handler(&mut |row| {
            if result.is_ok() {
                result = self.handler(row).map(|caught| {
                    let (start, end) = (row.start_pc.into(), row.end_pc.into());
                    range = (range.0.min(start), range.1.max(end));
                    rows.push(CheckedHandler { start, end, pc: row.handler_pc, caught, frame: None });
                });
            }
        });
        for row in &rows {
            self.marks[row.start as usize] |= HANDLER_START;
        }
        self.handlers = rows;
        self.handler_range = range;
        self.handler_this_uninit = self.frame.this_uninit;
        result
    }

    /// Checks a row of the exception table; the type that is caught.
    fn handler(&mut self, row: Handler) -> Checked<Type, H> {
        let format =
            |what: &str, pc: u16| Err(Stop::Format(Box::new(format!("Illegal exception table {what} {pc}"))));
        if !self.is_boundary(row.start_pc.into()) {
            return format("start_pc", row.start_pc);
        }
        if row.end_pc as usize != self.code.len() && !self.is_boundary(row.end_pc.into()) {
            return format("end_pc", row.end_pc);
        }
        if !self.is_boundary(row.handler_pc.into()) {
            return format("handler_pc", row.handler_pc);
        }
        if row.catch_type == 0 {
            return Ok(Type::THROWABLE);
        }
        let caught = self.pool.class_type(row.catch_type, &mut self.types);
        if caught == Type::THROWABLE {
            self.types.hierarchy.resolve_throwable(row.catch_type).map_err(Stop::Hierarchy)?;
        }
        if !self.types.is_assignable(caught, Type::THROWABLE, false)? {
            let context = Context::type_mismatch(
                row.handler_pc.into(),
                Origin::constant(row.catch_type, caught),
                Origin::implicit(Type::THROWABLE),
            );
            let message =
                format!("Catch type is not a subclass of Throwable in exception handler {}", row.handler_pc);
            return Err(stop(context, message));
        }
        Ok(caught)
    }

    /// The ranges of `LocalVariableTable` start and end on instructions.
    fn local_variables(&mut self, method: &C::Method) -> Checked<(), H> {
        let mut problem = None;
        method.for_each_local_variable(&mut |start, length| {
            if problem.is_some() {
                return;
            }
            let end = u32::from(start) + u32::from(length);
            if !self.is_boundary(start.into()) {
                problem = Some(format!("Illegal local variable table start_pc {start}"));
            } else if end as usize != self.code.len() && !self.is_boundary(end) {
                problem = Some(format!("Illegal local variable table length {length}"));
            }
        });
        problem.map_or(Ok(()), |message| Err(Stop::Format(Box::new(message))))
    }

    /// Checks the instructions one after the other (JVMS §4.10.1.6, `mergedCodeIsTypeSafe`).
    fn instructions(&mut self) -> Checked<(), H> {
        let mut next_frame = 0;
        let mut falls_through = true;
        let mut pc = 0;
        while pc < self.code.len() {
            self.frame.begin(pc as u32);
            next_frame = self.merge(next_frame, pc as u32, falls_through)?;
            let length = instruction_length(self.code, pc);
            let number = self.code[pc];
            let wide = number == Opcode::Wide as u8;
            let number = if wide { self.code[pc + 1] } else { number };
            falls_through = self.instruction(pc as u32, number, wide)? == Flow::Next;
            pc += length;
        }
        if falls_through {
            let end = self.code.len() as u32;
            return Err(stop(Context::bad_code(end), "Control flow falls through code end"));
        }
        Ok(())
    }

    /// Merges the current frame with the stack map's for the instruction, if there is one; the number of the next
    /// frame of the stack map.
    #[inline]
    fn merge(&mut self, next_frame: usize, pc: u32, falls_through: bool) -> Checked<usize, H> {
        let Some(frame_pc) = self.maps.pc(next_frame) else {
            if !falls_through {
                return Err(stop(Context::bad_code(pc), "Expecting a stack map frame"));
            }
            return Ok(next_frame);
        };
        if frame_pc == pc {
            if falls_through
                && let Some(context) = self.maps.compare(&self.frame, next_frame, &mut self.types)?
            {
                return Err(stop(context, "Instruction type does not match stack map"));
            }
            self.maps.enter(next_frame, &mut self.frame);
            return Ok(next_frame + 1);
        }
        // Every frame is at an instruction and the frames are in order, so none was passed over.
        if !falls_through {
            return Err(stop(Context::missing_stack_map(pc), "Expecting a stack map frame"));
        }
        Ok(next_frame)
    }
}
