//! One bytecode at a time (JVMS §6.5).

use super::{Builder, Rejected};
use crate::ir::{BlockCall, Known, Terminator, Type, Value};
use crate::op::{BinaryOp, Cond, ConvertOp, MadeException, Op, Reason, UnaryOp};
use caturra_bytecode::{BasicType, Instruction, Opcode, Operands};
use std::rc::Rc;

/// Executions from which on a branch's profile says something.
const TRUSTED_BRANCHES: u32 = 100;

impl Builder<'_> {
    pub(super) fn instruction(&mut self, i: &Instruction<'_>) -> Result<(), Rejected> {
        use Opcode::*;
        let cp = i.constant_index().unwrap_or(0);
        match i.opcode {
            Nop => {}
            AconstNull => self.push_constant(Op::Null),
            IconstM1 | Iconst0 | Iconst1 | Iconst2 | Iconst3 | Iconst4 | Iconst5 => {
                self.push_constant(Op::Int(i.opcode as i32 - Iconst0 as i32));
            }
            Lconst0 | Lconst1 => self.push_constant(Op::Long(i64::from(i.opcode == Lconst1))),
            Fconst0 | Fconst1 | Fconst2 => {
                let value = f32::from(i.opcode as u8 - Fconst0 as u8);
                self.push_constant(Op::Float(value.to_bits()));
            }
            Dconst0 | Dconst1 => {
                let value = f64::from(i.opcode as u8 - Dconst0 as u8);
                self.push_constant(Op::Double(value.to_bits()));
            }
            Bipush | Sipush => {
                let Operands::Immediate(value) = i.operands else { return malformed() };
                self.push_constant(Op::Int(i32::from(value)));
            }
            Ldc | LdcW | Ldc2W => self.load_constant(cp)?,
            opcode if (Iload..=Aload3).contains(&opcode) => {
                let v = self.frame.locals.get(usize::from(i.local_index().unwrap_or(0))).copied().flatten();
                self.push(v.ok_or(Rejected::Malformed("a local is not set"))?);
            }
            opcode if (Istore..=Astore3).contains(&opcode) => self.store_local(i)?,
            Iinc => {
                let Operands::Iinc { index, delta } = i.operands else { return malformed() };
                let v = self.frame.locals.get(usize::from(index)).copied().flatten();
                let v = v.filter(|v| self.f.ty(*v) == Type::I32).ok_or(Rejected::Malformed("iinc"))?;
                let delta = self.int(i32::from(delta));
                let sum = self.emit(Op::Binary(BinaryOp::Add, Type::I32), &[v, delta]);
                self.frame.locals[usize::from(index)] = Some(sum);
            }
            Iaload => self.load_element(BasicType::Int)?,
            Laload => self.load_element(BasicType::Long)?,
            Faload => self.load_element(BasicType::Float)?,
            Daload => self.load_element(BasicType::Double)?,
            Aaload => self.load_element(BasicType::Reference)?,
            Baload => self.load_element(BasicType::Byte)?,
            Caload => self.load_element(BasicType::Char)?,
            Saload => self.load_element(BasicType::Short)?,
            Iastore => self.store_element(BasicType::Int)?,
            Lastore => self.store_element(BasicType::Long)?,
            Fastore => self.store_element(BasicType::Float)?,
            Dastore => self.store_element(BasicType::Double)?,
            Aastore => self.store_element(BasicType::Reference)?,
            Bastore => self.store_element(BasicType::Byte)?,
            Castore => self.store_element(BasicType::Char)?,
            Sastore => self.store_element(BasicType::Short)?,
            Pop | Pop2 | Dup | DupX1 | DupX2 | Dup2 | Dup2X1 | Dup2X2 | Swap => self.shuffle(i.opcode)?,

            Iadd | Ladd | Fadd | Dadd => self.binary(BinaryOp::Add, i.opcode, Iadd)?,
            Isub | Lsub | Fsub | Dsub => self.binary(BinaryOp::Sub, i.opcode, Isub)?,
            Imul | Lmul | Fmul | Dmul => self.binary(BinaryOp::Mul, i.opcode, Imul)?,
            Idiv | Ldiv | Fdiv | Ddiv => self.binary(BinaryOp::Div, i.opcode, Idiv)?,
            Irem | Lrem | Frem | Drem => self.binary(BinaryOp::Rem, i.opcode, Irem)?,
            Ineg | Lneg | Fneg | Dneg => {
                let ty = number_type(i.opcode, Ineg);
                let x = self.pop(ty)?;
                let v = self.emit(Op::Unary(UnaryOp::Neg, ty), &[x]);
                self.push(v);
            }
            Ishl => self.shift(BinaryOp::Shl, Type::I32)?,
            Lshl => self.shift(BinaryOp::Shl, Type::I64)?,
            Ishr => self.shift(BinaryOp::Shr, Type::I32)?,
            Lshr => self.shift(BinaryOp::Shr, Type::I64)?,
            Iushr => self.shift(BinaryOp::Ushr, Type::I32)?,
            Lushr => self.shift(BinaryOp::Ushr, Type::I64)?,
            Iand | Land => self.binary(BinaryOp::And, i.opcode, Iand)?,
            Ior | Lor => self.binary(BinaryOp::Or, i.opcode, Ior)?,
            Ixor | Lxor => self.binary(BinaryOp::Xor, i.opcode, Ixor)?,

            I2l => self.convert(ConvertOp::I2L)?,
            I2f => self.convert(ConvertOp::I2F)?,
            I2d => self.convert(ConvertOp::I2D)?,
            L2i => self.convert(ConvertOp::L2I)?,
            L2f => self.convert(ConvertOp::L2F)?,
            L2d => self.convert(ConvertOp::L2D)?,
            F2i => self.convert(ConvertOp::F2I)?,
            F2l => self.convert(ConvertOp::F2L)?,
            F2d => self.convert(ConvertOp::F2D)?,
            D2i => self.convert(ConvertOp::D2I)?,
            D2l => self.convert(ConvertOp::D2L)?,
            D2f => self.convert(ConvertOp::D2F)?,
            I2b => self.convert(ConvertOp::I2B)?,
            I2c => self.convert(ConvertOp::I2C)?,
            I2s => self.convert(ConvertOp::I2S)?,
            Lcmp => self.compare3(Type::I64, false)?,
            Fcmpl => self.compare3(Type::F32, false)?,
            Fcmpg => self.compare3(Type::F32, true)?,
            Dcmpl => self.compare3(Type::F64, false)?,
            Dcmpg => self.compare3(Type::F64, true)?,

            Ifeq | IfIcmpeq | IfAcmpeq | Ifnull => self.branch(i, Cond::Eq)?,
            Ifne | IfIcmpne | IfAcmpne | Ifnonnull => self.branch(i, Cond::Ne)?,
            Iflt | IfIcmplt => self.branch(i, Cond::Lt)?,
            Ifge | IfIcmpge => self.branch(i, Cond::Ge)?,
            Ifgt | IfIcmpgt => self.branch(i, Cond::Gt)?,
            Ifle | IfIcmple => self.branch(i, Cond::Le)?,
            Goto | GotoW => {
                let target = self.successor(i.branch_target().unwrap_or(0));
                let call = self.target(target)?;
                self.end(Terminator::Jump(call));
                self.add_edges(&[target])?;
            }
            Tableswitch | Lookupswitch => self.switch(i)?,
            Ireturn => self.return_value(Some(Type::I32))?,
            Lreturn => self.return_value(Some(Type::I64))?,
            Freturn => self.return_value(Some(Type::F32))?,
            Dreturn => self.return_value(Some(Type::F64))?,
            Areturn => self.return_value(Some(Type::Ref))?,
            Return => self.return_value(None)?,
            Athrow => {
                let exception = self.pop(Type::Ref)?;
                self.null_check(exception)?;
                self.throw(exception)?;
            }

            Getstatic => self.get_static(cp)?,
            Putstatic => self.put_static(cp)?,
            Getfield => self.get_field(cp)?,
            Putfield => self.put_field(cp)?,
            Invokevirtual | Invokespecial | Invokestatic | Invokeinterface | Invokedynamic => {
                self.invoke(i.opcode, cp)?;
            }
            New => self.new_object(cp)?,
            Newarray => {
                let Operands::NewArray(code) = i.operands else { return malformed() };
                let ty = BasicType::from_newarray_code(code).ok_or(Rejected::Malformed("newarray"))?;
                self.new_array(self.env.primitive_array_class(ty), ty)?;
            }
            Anewarray => {
                match self.env.class_at(self.scope.method, cp).and_then(|c| self.env.array_class(c)) {
                    Some(array) => self.new_array(array, BasicType::Reference)?,
                    None => self.deopt(Reason::Unresolved)?,
                }
            }
            Multianewarray => {
                let Operands::MultiNewArray { index, dimensions } = i.operands else { return malformed() };
                self.new_multi_array(index, dimensions)?;
            }
            Arraylength => {
                let array = self.pop(Type::Ref)?;
                let length = self.array_length(array)?;
                self.push(length);
            }
            Checkcast => self.check_cast(cp)?,
            Instanceof => self.instance_of(cp)?,
            Monitorenter => {
                let object = self.pop(Type::Ref)?;
                self.null_check(object)?;
                self.frame.monitors.push(object);
                let state = self.state_after();
                self.emit_with(Op::MonitorEnter, &[object], state);
            }
            Monitorexit => {
                let object = self.pop(Type::Ref)?;
                // A synchronized method's own monitor is the interpreter's to leave.
                let own = usize::from(self.scope.lock.is_some());
                if self.frame.monitors.len() <= own || self.frame.monitors.pop() != Some(object) {
                    return Err(Rejected::UnstructuredLocks);
                }
                let state = self.state_after();
                self.emit_with(Op::MonitorExit, &[object], state);
            }
            Jsr | JsrW | Ret => return Err(Rejected::Subroutines),
            Wide | Breakpoint => return Err(Rejected::Malformed("reserved opcode")),
            _ => return malformed(),
        }
        Ok(())
    }

    fn push_constant(&mut self, op: Op) {
        let v = self.constant(op);
        self.push(v);
    }

    fn store_local(&mut self, i: &Instruction<'_>) -> Result<(), Rejected> {
        use Opcode::*;
        let ty = match i.opcode {
            Istore | Istore0 | Istore1 | Istore2 | Istore3 => Type::I32,
            Lstore | Lstore0 | Lstore1 | Lstore2 | Lstore3 => Type::I64,
            Fstore | Fstore0 | Fstore1 | Fstore2 | Fstore3 => Type::F32,
            Dstore | Dstore0 | Dstore1 | Dstore2 | Dstore3 => Type::F64,
            _ => Type::Ref,
        };
        let v = self.pop(ty)?;
        let index = usize::from(i.local_index().unwrap_or(0));
        let locals = &mut self.frame.locals;
        if index + ty.slots() > locals.len() {
            return Err(Rejected::Malformed("a local that is none"));
        }
        // A long or double whose second slot is overwritten is gone (JVMS §4.10.2.3).
        if index > 0 && locals[index - 1].is_some_and(|before| self.f.ty(before).slots() == 2) {
            locals[index - 1] = None;
        }
        locals[index] = Some(v);
        if ty.slots() == 2 {
            locals[index + 1] = None;
        }
        Ok(())
    }

    /// The instructions that move slots about, by their stack effects.
    fn shuffle(&mut self, opcode: Opcode) -> Result<(), Rejected> {
        let (pops, pushes) =
            opcode.stack_effect().split_once('>').ok_or(Rejected::Malformed("stack effect"))?;
        let stack = &mut self.frame.stack;
        let at = stack.len().checked_sub(pops.len()).ok_or(Rejected::Malformed("stack underflow"))?;
        let popped = stack.split_off(at);
        for name in pushes.bytes() {
            let from = pops.bytes().position(|p| p == name).ok_or(Rejected::Malformed("stack effect"))?;
            stack.push(popped[from]);
        }
        Ok(())
    }

    fn binary(&mut self, op: BinaryOp, opcode: Opcode, first: Opcode) -> Result<(), Rejected> {
        let ty = number_type(opcode, first);
        let y = self.pop(ty)?;
        let x = self.pop(ty)?;
        if matches!(op, BinaryOp::Div | BinaryOp::Rem)
            && ty.is_integer()
            && crate::fold::integer(&self.f, y).is_none_or(|d| d == 0)
        {
            if self.fails_often(Reason::DivisionByZero) {
                let zero = self.constant(if ty == Type::I64 { Op::Long(0) } else { Op::Int(0) });
                let is = self.emit(Op::Compare(Cond::Ne, ty), &[y, zero]);
                self.throw_unless(is, MadeException::DivisionByZero, &[])?;
            }
            let state = self.state_before();
            self.emit_with(Op::ZeroCheck(ty), &[y], state);
        }
        let v = self.emit(Op::Binary(op, ty), &[x, y]);
        self.push(v);
        Ok(())
    }

    fn shift(&mut self, op: BinaryOp, ty: Type) -> Result<(), Rejected> {
        let distance = self.pop(Type::I32)?;
        let x = self.pop(ty)?;
        let v = self.emit(Op::Binary(op, ty), &[x, distance]);
        self.push(v);
        Ok(())
    }

    fn convert(&mut self, op: ConvertOp) -> Result<(), Rejected> {
        let x = self.pop(op.types().0)?;
        let v = self.emit(Op::Convert(op), &[x]);
        self.push(v);
        Ok(())
    }

    fn compare3(&mut self, ty: Type, greater: bool) -> Result<(), Rejected> {
        let y = self.pop(ty)?;
        let x = self.pop(ty)?;
        let v = self.emit(Op::Compare3(ty, greater), &[x, y]);
        self.push(v);
        Ok(())
    }

    /// A conditional branch.
    fn branch(&mut self, i: &Instruction<'_>, cond: Cond) -> Result<(), Rejected> {
        use Opcode::*;
        let two = (IfIcmpeq..=IfAcmpne).contains(&i.opcode);
        let references = matches!(i.opcode, IfAcmpeq | IfAcmpne | Ifnull | Ifnonnull);
        let ty = if references { Type::Ref } else { Type::I32 };
        let y = match (two, references) {
            (true, _) => self.pop(ty)?,
            (false, true) => self.constant(Op::Null),
            (false, false) => self.int(0),
        };
        let x = self.pop(ty)?;
        let (condition, swapped) = self.condition(cond, ty, x, y);
        let taken = self.successor(i.branch_target().unwrap_or(0));
        let next = self.successor(i.next_pc);
        let profile = self.env.branch_profile(self.scope.method, i.pc);
        let (mut weights, mut targets) = (profile.unwrap_or((0, 0)), [taken, next]);
        if swapped {
            weights = (weights.1, weights.0);
            targets.reverse();
        }
        if let Some(Op::Int(known)) = self.f.op(condition) {
            let target = targets[usize::from(known == 0)];
            let call = self.target(target)?;
            self.end(Terminator::Jump(call));
            return self.add_edges(&[target]);
        }
        let prune = self.options.prune_branches
            && weights.0.saturating_add(weights.1) >= TRUSTED_BRANCHES
            && !self.env.too_many_deopts(self.scope.method, i.pc, Reason::Branch);
        let knowledge = [true, false].map(|truth| self.knowledge_if(condition, truth));
        let mut calls = Vec::with_capacity(2);
        for (n, weight) in [weights.0, weights.1].into_iter().enumerate() {
            if prune && weight == 0 {
                let state = self.state_before();
                let block = self.f.add_block();
                self.f.blocks[block.index()].cold = true;
                self.f.blocks[block.index()].end = Terminator::Deopt(Reason::Branch, state);
                targets[n] = u32::MAX;
                calls.push(BlockCall::to(block));
            } else {
                calls.push(self.target(targets[n])?);
            }
        }
        let otherwise = calls.pop().ok_or(Rejected::Malformed("branch"))?;
        let then = calls.pop().ok_or(Rejected::Malformed("branch"))?;
        self.end(Terminator::Branch { cond: condition, then, otherwise, weights });
        self.add_edges_knowing(&targets, |edge| knowledge[edge].clone())
    }

    /// A condition as a value, and whether it has to be taken as its contrary.
    fn condition(&mut self, cond: Cond, ty: Type, x: Value, y: Value) -> (Value, bool) {
        let zero = self.f.op(y) == Some(Op::Int(0));
        let definition = self.f.def(x).map(|d| (d.op, d.args.clone()));
        if zero && let Some((op, args)) = definition {
            if let Op::Compare3(of, greater) = op {
                // lcmp, or fcmp with a condition that is false for NaN, is one comparison; the others are its contrary.
                let on_nan = if greater { 1 } else { -1 };
                let unordered = of.is_float() && cond != Cond::Ne && crate::fold::holds(cond, on_nan, 0);
                let wanted = if unordered { cond.negated() } else { cond };
                return (self.emit(Op::Compare(wanted, of), &args), unordered);
            }
            if matches!(op, Op::Compare(..) | Op::InstanceOf(_)) && matches!(cond, Cond::Eq | Cond::Ne) {
                return (x, cond == Cond::Eq);
            }
        }
        if ty == Type::Ref && self.f.op(y) == Some(Op::Null) && self.known(x).not_null {
            return (self.int(i32::from(cond == Cond::Ne)), false);
        }
        (self.emit(Op::Compare(cond, ty), &[x, y]), false)
    }

    /// What is known where a condition is true, or false.
    fn knowledge_if(&mut self, condition: Value, truth: bool) -> Rc<hashbrown::HashMap<Value, Known>> {
        let before = self.frame.known.clone();
        let fact = self.f.def(condition).map(|d| (d.op, d.args.clone()));
        match fact {
            Some((Op::InstanceOf(test), args)) if truth => {
                self.learn(args[0], Known { not_null: true, ..self.known_by_test(test) });
            }
            Some((Op::Compare(cond, Type::Ref), args))
                if self.f.op(args[1]) == Some(Op::Null) && truth == (cond == Cond::Ne) =>
            {
                self.learn(args[0], Known { not_null: true, ..Known::default() });
            }
            _ => {}
        }
        std::mem::replace(&mut self.frame.known, before)
    }

    fn switch(&mut self, i: &Instruction<'_>) -> Result<(), Rejected> {
        let key = self.pop(Type::I32)?;
        let (default, pairs): (i32, Vec<(i32, i32)>) = match i.operands {
            Operands::TableSwitch(table) => (table.default, table.entries().collect()),
            Operands::LookupSwitch(table) => (table.default, table.entries().collect()),
            _ => return malformed(),
        };
        let flow = self.scope.flow.clone();
        let from = self.number;
        let block = |offset| flow.successor(from, i.target(offset));
        if let Some(Op::Int(known)) = self.f.op(key) {
            let offset = pairs.iter().find(|p| p.0 == known).map_or(default, |p| p.1);
            let call = self.target(block(offset))?;
            self.end(Terminator::Jump(call));
            return self.add_edges(&[block(offset)]);
        }
        let default = block(default);
        let mut targets = Vec::new();
        let mut cases = Vec::new();
        for (value, offset) in pairs {
            // What the default does needs no case of its own.
            if block(offset) != default {
                cases.push((value, self.target(block(offset))?));
                targets.push(block(offset));
            }
        }
        targets.push(default);
        let default = self.target(default)?;
        self.end(Terminator::Switch { key, cases, default });
        self.add_edges(&targets)
    }
}

fn malformed<T>() -> Result<T, Rejected> {
    Err(Rejected::Malformed("operands"))
}

/// The type of one of four (or, of logic, two) opcodes in a row.
fn number_type(opcode: Opcode, first: Opcode) -> Type {
    [Type::I32, Type::I64, Type::F32, Type::F64][usize::from(opcode as u8 - first as u8) % 4]
}
