//! The text of a `VerifyError`: message and details, as HotSpot prints them.

use caturra_bytecode::{FieldType, MethodDescriptor};

use crate::fault::{Context, Origin, Place, Reason};
use crate::frame::FrameCopy;
use crate::hierarchy::ClassHierarchy;
use crate::instructions::opcode_name;
use crate::types::{Type, Types};
use crate::view::{CodeView, MethodView};

/// HotSpot formats a piece of text in a buffer of 2000 bytes and cuts off what is too long for it.
const BUFFER: usize = 2000;
/// What is left of the buffer for a formatted piece, and for one that ends a line.
pub(crate) const MOST_BYTES: usize = BUFFER - 1;
const MOST_BYTES_OF_LINE: usize = BUFFER - 2;

/// Text with an indentation.
struct Text<'t> {
    out: &'t mut Vec<u8>,
    indentation: usize,
}

impl Text<'_> {
    fn indent(&mut self) {
        self.out.resize(self.out.len() + self.indentation, b' ');
    }

    /// A line that is formatted as a whole.
    fn line(&mut self, text: &[u8]) {
        self.indent();
        self.out.extend_from_slice(&text[..text.len().min(MOST_BYTES_OF_LINE)]);
        self.out.push(b'\n');
    }

    /// A piece of a line.
    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn nested(&mut self) -> Text<'_> {
        Text { indentation: self.indentation + 2, out: self.out }
    }
}

/// Formats into a piece of a line.
macro_rules! put {
    ($text:expr, $($format:tt)*) => {{
        let piece = format!($($format)*);
        $text.put(&piece);
    }};
}

/// Appends `Exception Details` to a message.
pub(crate) fn details<'a, H: ClassHierarchy>(
    out: &mut Vec<u8>,
    context: &Context,
    class_name: &[u8],
    method: &impl MethodView<'a>,
    code: &CodeView<'a>,
    types: &Types<'a, '_, H>,
) {
    out.extend_from_slice(b"\nException Details:\n");
    let mut text = Text { out, indentation: 2 };
    location(&mut text, context.pc, class_name, method, code);
    reason(&mut text, context, types);
    let frames = [("Current Frame:", &context.actual), ("Stackmap Frame:", &context.expected)];
    for (title, origin) in frames {
        if let Some(copy) = origin.as_ref().and_then(|origin| origin.frame.as_ref()) {
            text.line(title.as_bytes());
            frame(&mut text.nested(), copy, types);
        }
    }
    text.line(b"Bytecode:");
    bytecode(&mut text.nested(), code.bytes);
    handlers(&mut text, method);
    if let Some(table) = code.stack_map_table {
        text.line(b"Stackmap Table:");
        StackMapPrinter { bytes: table }.print(&mut text.nested());
    }
}

fn location<'a>(
    text: &mut Text<'_>,
    pc: u32,
    class_name: &[u8],
    method: &impl MethodView<'a>,
    code: &CodeView<'a>,
) {
    text.line(b"Location:");
    let mut line = class_name.to_vec();
    line.push(b'.');
    line.extend_from_slice(method.name());
    line.extend_from_slice(method.descriptor());
    let name = code.bytes.get(pc as usize).map_or("<invalid>", |&number| opcode_name(number));
    line.extend_from_slice(format!(" @{pc}: {name}").as_bytes());
    text.nested().line(&line);
}

fn reason<H: ClassHierarchy>(text: &mut Text<'_>, context: &Context, types: &Types<'_, '_, H>) {
    text.line(b"Reason:");
    let mut text = text.nested();
    text.indent();
    let index = match &context.actual {
        Some(Origin { place: Place::BadIndex(index), .. }) => *index,
        _ => 0,
    };
    match context.reason {
        Reason::InvalidBytecode => text.put("Error exists in the bytecode"),
        Reason::WrongType => match (&context.actual, &context.expected) {
            (Some(actual), Some(expected)) => {
                text.put("Type ");
                describe(&mut text, actual, types);
                text.put(" is not assignable to ");
                describe(&mut text, expected, types);
            }
            (actual, _) => {
                text.put("Invalid type: ");
                if let Some(actual) = actual {
                    describe(&mut text, actual, types);
                }
            }
        },
        Reason::FlagsMismatch => {
            text.put("Current frame's flags are not assignable to stack map frame's.");
        }
        Reason::BadConstantIndex => put!(text, "Constant pool index {index} is invalid"),
        Reason::BadLocalIndex => put!(text, "Local index {index} is invalid"),
        Reason::StackSizeMismatch => text.put("Current frame's stack size doesn't match stackmap."),
        Reason::StackOverflow => text.put("Exceeded max stack size."),
        Reason::StackUnderflow => text.put("Attempt to pop empty stack."),
        Reason::MissingStackMap => text.put("Expected stackmap frame at this location."),
        Reason::BadStackMap => text.put("Invalid stackmap specification."),
    }
    text.put("\n");
}

fn describe<H: ClassHierarchy>(text: &mut Text<'_>, origin: &Origin, types: &Types<'_, '_, H>) {
    types.describe(origin.of, text.out);
    match origin.place {
        Place::Local(index) => put!(text, " (current frame, locals[{index}])"),
        Place::Stack(index) => put!(text, " (current frame, stack[{index}])"),
        Place::MapLocal(index) => put!(text, " (stack map, locals[{index}])"),
        Place::MapStack(index) => put!(text, " (stack map, stack[{index}])"),
        Place::Constant(index) => put!(text, " (constant pool {index})"),
        Place::Signature => text.put(" (from method signature)"),
        Place::Implicit | Place::BadIndex(_) | Place::FrameOnly => {}
    }
}

fn frame<H: ClassHierarchy>(text: &mut Text<'_>, frame: &FrameCopy, types: &Types<'_, '_, H>) {
    text.line(format!("bci: @{}", frame.pc).as_bytes());
    text.line(if frame.this_uninit { b"flags: { flagThisUninit }" } else { b"flags: { }" });
    let mut list = |title: &str, list: &[Type]| {
        text.indent();
        text.put(title);
        for (index, &of) in list.iter().enumerate() {
            text.put(if index == 0 { " " } else { ", " });
            types.describe(of, text.out);
        }
        text.put(" }\n");
    };
    list("locals: {", &frame.locals);
    list("stack: {", &frame.stack);
}

/// In lines of 16 bytes. The last line is never full: it may consist of blanks alone.
fn bytecode(text: &mut Text<'_>, code: &[u8]) {
    const WIDTH: usize = 16;
    for start in (0..=code.len()).step_by(WIDTH) {
        text.indent();
        put!(text, "{start:07x}:");
        for at in start..start + WIDTH {
            if at % 2 == 0 {
                text.put(" ");
            }
            match code.get(at) {
                Some(byte) => put!(text, "{byte:02x}"),
                None => text.put("  "),
            }
        }
        text.put("\n");
    }
}

fn handlers<'a>(text: &mut Text<'_>, method: &impl MethodView<'a>) {
    let mut any = false;
    method.for_each_handler(&mut |row| {
        if !std::mem::replace(&mut any, true) {
            text.line(b"Exception Handler Table:");
        }
        let line = format!("bci [{}, {}] => handler: {}", row.start_pc, row.end_pc, row.handler_pc);
        text.nested().line(line.as_bytes());
    });
}

/// Prints a `StackMapTable` that may well be malformed.
struct StackMapPrinter<'a> {
    bytes: &'a [u8],
}

impl StackMapPrinter<'_> {
    /// A byte; beyond the end there are zeros.
    fn u1(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn u2(&self, at: usize) -> u16 {
        u16::from_be_bytes([self.u1(at), self.u1(at + 1)])
    }

    fn type_end(&self, at: usize) -> usize {
        at + if matches!(self.u1(at), 7 | 8) { 3 } else { 1 }
    }

    /// Whether a type lies inside the attribute; the end of it.
    fn whole_type(&self, at: usize) -> Option<usize> {
        let end = self.type_end(at);
        (end <= self.bytes.len()).then_some(end)
    }

    fn whole_types(&self, at: usize, count: usize) -> Option<usize> {
        (0..count).try_fold(at, |at, _| self.whole_type(at))
    }

    /// The end of the frame that starts at `at`, if it lies inside the attribute as far as HotSpot looks.
    fn frame_end(&self, at: usize) -> Option<usize> {
        let inside = |end: usize| (end <= self.bytes.len()).then_some(end);
        if at >= self.bytes.len() {
            return None;
        }
        match self.u1(at) {
            0..=63 => Some(at + 1),
            64..=127 => self.whole_type(at + 1),
            128..=246 => None,
            247 => self.whole_type(at + 3),
            248..=251 => inside(at + 3),
            appended @ 252..=254 => self.whole_types(at + 3, appended as usize - 251),
            255 => {
                if at + 5 >= self.bytes.len() {
                    return None;
                }
                let stack = self.whole_types(at + 5, self.u2(at + 3).into())?;
                let types = inside(stack + 2)?;
                self.whole_types(types, self.u2(stack).into())
            }
        }
    }

    fn print(&self, text: &mut Text<'_>) {
        let mut at = 2;
        let mut pc = -1;
        for _ in 0..self.u2(0) {
            text.indent();
            let frame_type = self.u1(at);
            let delta = match frame_type {
                0..=127 => i32::from(frame_type % 64) + 1,
                _ => i32::from(self.u2(at + 1)) + 1,
            };
            let end = self.frame_end(at);
            pc += delta;
            match end {
                Some(_) => self.print_frame(text, at, frame_type, pc),
                None => return Self::print_truncated(text, frame_type, pc),
            }
            text.put("\n");
            at = end.unwrap_or(at);
        }
    }

    fn print_frame(&self, text: &mut Text<'_>, at: usize, frame_type: u8, pc: i32) {
        match frame_type {
            0..=63 => put!(text, "same_frame(@{pc})"),
            64..=127 => {
                put!(text, "same_locals_1_stack_item_frame(@{pc},");
                self.print_types(text, at + 1, 1);
                text.put(")");
            }
            247 => {
                put!(text, "same_locals_1_stack_item_extended(@{pc},");
                self.print_types(text, at + 3, 1);
                text.put(")");
            }
            251 => put!(text, "same_frame_extended(@{pc})"),
            248..=250 => put!(text, "chop_frame(@{pc},{})", 251 - frame_type),
            255 => {
                put!(text, "full_frame(@{pc},{{");
                let stack = self.print_types(text, at + 5, self.u2(at + 3));
                text.put("},{");
                self.print_types(text, stack + 2, self.u2(stack));
                text.put("})");
            }
            _ => {
                put!(text, "append_frame(@{pc},");
                self.print_types(text, at + 3, u16::from(frame_type) - 251);
                text.put(")");
            }
        }
    }

    /// Prints types, separated by commas; where they end.
    fn print_types(&self, text: &mut Text<'_>, mut at: usize, count: u16) -> usize {
        for index in 0..count {
            if index > 0 {
                text.put(",");
            }
            match self.u1(at) {
                0 => text.put("Top"),
                1 => text.put("Integer"),
                2 => text.put("Float"),
                3 => text.put("Double"),
                4 => text.put("Long"),
                5 => text.put("Null"),
                6 => text.put("UninitializedThis"),
                7 => put!(text, "Object[#{}]", self.u2(at + 1)),
                8 => put!(text, "Uninitialized[#{}]", self.u2(at + 1)),
                tag => put!(text, "BAD:{tag}"),
            }
            at = self.type_end(at);
        }
        at
    }

    fn print_truncated(text: &mut Text<'_>, frame_type: u8, pc: i32) {
        let cut = "output truncated, Stackmap exceeds table size.";
        match frame_type {
            0..=63 => put!(text, "same_frame(@{pc})"),
            64..=127 => put!(text, "same_locals_1_stack_item_frame(@{pc}), {cut}"),
            128..=246 => {}
            247 => put!(text, "same_locals_1_stack_item_extended(@{pc}), {cut}"),
            248..=250 => put!(text, "chop_frame(@{pc},{})", 251 - frame_type),
            251 => put!(text, "same_frame_extended(@{pc})"),
            252..=254 => put!(text, "append_frame(@{pc}), {cut}"),
            255 => put!(text, "full_frame(@{pc}), {cut}"),
        }
    }
}

/// Appends a method as messages name it: `void pkg.Class.name(int, java.lang.String)`.
pub(crate) fn external_name<'a>(out: &mut Vec<u8>, class: &[u8], method: &impl MethodView<'a>) {
    let descriptor = MethodDescriptor::parse(method.descriptor());
    if let Some(descriptor) = &descriptor {
        external_type(out, descriptor.return_type());
    }
    let name = [b" ", class, b".", method.name(), b"("].concat();
    out.extend_from_slice(&name[..name.len().min(MOST_BYTES)]);
    for (index, parameter) in descriptor.iter().flat_map(MethodDescriptor::parameters).enumerate() {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        external_type(out, parameter);
    }
    out.push(b')');
}

fn external_type(out: &mut Vec<u8>, field: FieldType<'_>) {
    match field.element() {
        FieldType::Primitive(basic) => out.extend_from_slice(basic.name().as_bytes()),
        FieldType::Class(name) | FieldType::Array(name) => {
            out.extend(name.iter().map(|&byte| if byte == b'/' { b'.' } else { byte }));
        }
    }
    for _ in 0..field.dimensions() {
        out.extend_from_slice(b"[]");
    }
}
