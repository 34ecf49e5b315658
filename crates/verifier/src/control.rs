//! Branches, switches, returns, and the handlers that an instruction may end in.

use caturra_bytecode::decode::decode;
use caturra_bytecode::{Opcode, Operands};

use crate::check::Verifier;
use crate::fault::{Checked, Context, Origin, stop};
use crate::hierarchy::ClassHierarchy;
use crate::stack_map::HANDLER_START;
use crate::types::Type;
use crate::view::ClassView;

/// The greatest length of a code array (JVMS §4.7.3), and so of a branch.
const MAX_CODE_LENGTH: i32 = 65535;
/// From this class-file version on the padding of a switch need not be zero.
const ANY_PADDING_MAJOR: u16 = 51;

impl<'a, C: ClassView<'a>, H: ClassHierarchy> Verifier<'a, '_, C, H> {
    /// The number of the stack map's frame for a branch target.
    #[inline]
    fn target_frame(&self, target: i64) -> Checked<usize, H> {
        self.maps.find(target).ok_or_else(|| {
            let message = format!("Expecting a stackmap frame at branch target {target}");
            stop(Context::missing_stack_map(self.frame.pc), message)
        })
    }

    /// A branch from the instruction at `pc`: the current frame must fit the one at the target.
    pub(crate) fn jump(&mut self, pc: u32, offset: i32) -> Checked<(), H> {
        if !(-MAX_CODE_LENGTH..=MAX_CODE_LENGTH).contains(&offset) {
            let message = format!("Illegal target of jump or branch (bci {pc} + offset {offset})");
            return Err(stop(Context::bad_stack_map(self.frame.copy()), message));
        }
        let target = i64::from(pc) + i64::from(offset);
        let number = self.target_frame(target)?;
        match self.maps.compare(&self.frame, number, &mut self.types)? {
            None => Ok(()),
            Some(context) => {
                Err(stop(context, format!("Inconsistent stackmap frames at branch target {target}")))
            }
        }
    }

    /// `tableswitch` and `lookupswitch`.
    pub(crate) fn switch(&mut self, pc: u32) -> Checked<(), H> {
        let code = self.code;
        let Ok(instruction) = decode(code, pc as usize) else {
            return Err(stop(Context::bad_code(pc), "Bad instruction"));
        };
        let zero_padding = match &instruction.operands {
            Operands::TableSwitch(switch) => switch.zero_padding,
            Operands::LookupSwitch(switch) => switch.zero_padding,
            _ => true,
        };
        if !zero_padding && self.class.major_version() < ANY_PADDING_MAJOR {
            let message = "Nonzero padding byte in lookupswitch or tableswitch";
            return Err(stop(Context::bad_code(pc), message));
        }
        self.pop(Type::INT)?;
        match instruction.operands {
            Operands::TableSwitch(switch) => {
                self.jump(pc, switch.default)?;
                switch.entries().try_for_each(|(_, offset)| self.jump(pc, offset))
            }
            Operands::LookupSwitch(switch) => {
                let keys = switch.entries().map(|(key, _)| key);
                if !keys.is_sorted_by(|this, next| this < next) {
                    return Err(stop(Context::bad_code(pc), "Bad lookupswitch instruction"));
                }
                self.jump(pc, switch.default)?;
                switch.entries().try_for_each(|(_, offset)| self.jump(pc, offset))
            }
            _ => Ok(()),
        }
    }

    /// `ireturn` to `return`.
    pub(crate) fn return_value(&mut self, pc: u32, opcode: Opcode) -> Checked<(), H> {
        let of = match opcode {
            Opcode::Ireturn => self.pop(Type::INT)?,
            Opcode::Freturn => self.pop(Type::FLOAT)?,
            Opcode::Areturn => self.pop(Type::ANY_REFERENCE)?,
            Opcode::Lreturn => {
                self.pop(Type::LONG_2)?;
                self.pop(Type::LONG)?
            }
            Opcode::Dreturn => {
                self.pop(Type::DOUBLE_2)?;
                self.pop(Type::DOUBLE)?
            }
            _ => return self.return_void(pc),
        };
        let expected = self.return_type;
        let message = if expected == Type::TOP {
            "Method does not expect a return value"
        } else if self.types.is_assignable(of, expected, false)? {
            return Ok(());
        } else {
            "Bad return type"
        };
        let context = Context::type_mismatch(pc, self.frame.popped(), Origin::signature(expected));
        Err(stop(context, message))
    }

    fn return_void(&mut self, pc: u32) -> Checked<(), H> {
        let message = if self.return_type != Type::TOP {
            "Method expects a return value"
        } else if self.is_initializer && self.frame.this_uninit {
            "Constructor must call super() or this() before return"
        } else {
            return Ok(());
        };
        Err(stop(Context::bad_code(pc), message))
    }

    /// Whether the instruction lies in the range of a handler, or between two such ranges.
    #[inline(always)]
    pub(crate) fn may_be_protected(&self, pc: u32) -> bool {
        pc >= self.handler_range.0 && pc < self.handler_range.1
    }

    /// The local variables must fit the frames of the handlers that protect the instruction (JVMS §4.10.1.6,
    /// `instructionSatisfiesHandlers`).
    ///
    /// They are compared when they have changed since the last time, and only where they have; a handler whose
    /// range starts is compared as a whole.
    #[inline(always)]
    pub(crate) fn check_handlers(&mut self, pc: u32, this_was_uninit: bool) -> Checked<(), H> {
        if self.may_be_protected(pc) { self.compare_handlers(pc, this_was_uninit) } else { Ok(()) }
    }

    fn compare_handlers(&mut self, pc: u32, this_was_uninit: bool) -> Checked<(), H> {
        let this_uninit = self.frame.this_uninit || this_was_uninit;
        let starts = self.marks[pc as usize] & HANDLER_START != 0;
        if !starts && self.frame.changed.is_empty() && this_uninit == self.handler_this_uninit {
            return Ok(());
        }
        for index in 0..self.handlers.len() {
            let handler = &self.handlers[index];
            if !(handler.start..handler.end).contains(&pc) {
                continue;
            }
            let (target, caught, frame) = (handler.pc, handler.caught, handler.frame);
            let cells = if handler.start == pc { 0..usize::MAX } else { self.frame.changed.clone() };
            if self.frame.stack.is_empty() {
                let mut copy = self.frame.copy();
                copy.this_uninit = this_uninit;
                return Err(stop(Context::stack_overflow(pc, copy), "Operand stack overflow"));
            }
            let number = match frame {
                Some(number) => number,
                None => self.target_frame(target.into())?,
            };
            self.handlers[index].frame = Some(number);
            let types = &mut self.types;
            let mismatch =
                self.maps.compare_handler(&self.frame, caught, this_uninit, number, cells, types)?;
            if let Some(context) = mismatch {
                let message = format!("Stack map does not match the one at exception handler {target}");
                return Err(stop(context, message));
            }
        }
        self.frame.changed = 0..0;
        self.handler_this_uninit = this_uninit;
        Ok(())
    }
}
