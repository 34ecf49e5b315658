//! One instruction after the other (JVMS §6.5).

use super::arithmetic::Op;
use super::*;
use caturra_bytecode::{Instruction, LookupSwitch, Opcode, TableSwitch};
use cranelift_codegen::ir::JumpTableData;
use cranelift_frontend::Switch;

impl Translator<'_> {
    /// Translates one instruction; true when it has ended the block with a branch.
    pub(super) fn instruction(&mut self, i: &Instruction<'_>) -> Result<bool, Rejected> {
        use Opcode::*;
        let constant = i.constant_index().unwrap_or(0);
        match i.opcode {
            Nop => {}
            AconstNull => self.push_const(Ty::Ref, 0),
            IconstM1 | Iconst0 | Iconst1 | Iconst2 | Iconst3 | Iconst4 | Iconst5 => {
                self.push_const(Ty::Int, i.opcode as i64 - Iconst0 as i64);
            }
            Lconst0 | Lconst1 => self.push_const(Ty::Long, i.opcode as i64 - Lconst0 as i64),
            Fconst0 | Fconst1 | Fconst2 => {
                let value = (i.opcode as u8 - Fconst0 as u8) as f32;
                self.push_const(Ty::Float, i64::from(value.to_bits()));
            }
            Dconst0 | Dconst1 => {
                let value = f64::from(i.opcode as u8 - Dconst0 as u8);
                self.push_const(Ty::Double, value.to_bits() as i64);
            }
            Bipush | Sipush => {
                if let Operands::Immediate(value) = i.operands {
                    self.push_const(Ty::Int, i64::from(value));
                }
            }
            Ldc | LdcW | Ldc2W => self.load_constant(constant),

            Iload | Iload0 | Iload1 | Iload2 | Iload3 => self.load(i, Ty::Int),
            Lload | Lload0 | Lload1 | Lload2 | Lload3 => self.load(i, Ty::Long),
            Fload | Fload0 | Fload1 | Fload2 | Fload3 => self.load(i, Ty::Float),
            Dload | Dload0 | Dload1 | Dload2 | Dload3 => self.load(i, Ty::Double),
            Aload | Aload0 | Aload1 | Aload2 | Aload3 => self.load(i, Ty::Ref),
            Istore | Istore0 | Istore1 | Istore2 | Istore3 => self.store(i, Ty::Int),
            Lstore | Lstore0 | Lstore1 | Lstore2 | Lstore3 => self.store(i, Ty::Long),
            Fstore | Fstore0 | Fstore1 | Fstore2 | Fstore3 => self.store(i, Ty::Float),
            Dstore | Dstore0 | Dstore1 | Dstore2 | Dstore3 => self.store(i, Ty::Double),
            Astore | Astore0 | Astore1 | Astore2 | Astore3 => self.store(i, Ty::Ref),
            Iinc => {
                if let Operands::Iinc { index, delta } = i.operands {
                    self.increment(index, delta);
                }
            }

            Iaload => self.load_element(BasicType::Int),
            Laload => self.load_element(BasicType::Long),
            Faload => self.load_element(BasicType::Float),
            Daload => self.load_element(BasicType::Double),
            Aaload => self.load_element(BasicType::Reference),
            Baload => self.load_element(BasicType::Byte),
            Caload => self.load_element(BasicType::Char),
            Saload => self.load_element(BasicType::Short),
            Iastore => self.store_element(BasicType::Int),
            Lastore => self.store_element(BasicType::Long),
            Fastore => self.store_element(BasicType::Float),
            Dastore => self.store_element(BasicType::Double),
            Aastore => self.store_element(BasicType::Reference),
            Bastore => self.store_element(BasicType::Byte),
            Castore => self.store_element(BasicType::Char),
            Sastore => self.store_element(BasicType::Short),

            Pop => {
                self.take_slots(1);
            }
            Pop2 => {
                self.take_slots(2);
            }
            Dup => self.duplicate(1, 0),
            DupX1 => self.duplicate(1, 1),
            DupX2 => self.duplicate(1, 2),
            Dup2 => self.duplicate(2, 0),
            Dup2X1 => self.duplicate(2, 1),
            Dup2X2 => self.duplicate(2, 2),
            Swap => {
                let top = self.take_slots(1);
                let below = self.take_slots(1);
                self.stack.extend(top.into_iter().chain(below));
            }

            Iadd => self.binary(Ty::Int, Op::Add),
            Ladd => self.binary(Ty::Long, Op::Add),
            Fadd => self.binary(Ty::Float, Op::Add),
            Dadd => self.binary(Ty::Double, Op::Add),
            Isub => self.binary(Ty::Int, Op::Sub),
            Lsub => self.binary(Ty::Long, Op::Sub),
            Fsub => self.binary(Ty::Float, Op::Sub),
            Dsub => self.binary(Ty::Double, Op::Sub),
            Imul => self.binary(Ty::Int, Op::Mul),
            Lmul => self.binary(Ty::Long, Op::Mul),
            Fmul => self.binary(Ty::Float, Op::Mul),
            Dmul => self.binary(Ty::Double, Op::Mul),
            Iand => self.binary(Ty::Int, Op::And),
            Land => self.binary(Ty::Long, Op::And),
            Ior => self.binary(Ty::Int, Op::Or),
            Lor => self.binary(Ty::Long, Op::Or),
            Ixor => self.binary(Ty::Int, Op::Xor),
            Lxor => self.binary(Ty::Long, Op::Xor),
            Idiv => self.divide(Ty::Int, false),
            Ldiv => self.divide(Ty::Long, false),
            Irem => self.divide(Ty::Int, true),
            Lrem => self.divide(Ty::Long, true),
            Fdiv => self.float_divide(Ty::Float),
            Ddiv => self.float_divide(Ty::Double),
            Frem => self.float_remainder(Ty::Float),
            Drem => self.float_remainder(Ty::Double),
            Ineg => self.negate(Ty::Int),
            Lneg => self.negate(Ty::Long),
            Fneg => self.negate(Ty::Float),
            Dneg => self.negate(Ty::Double),
            Ishl => self.shift(Ty::Int, true, true),
            Lshl => self.shift(Ty::Long, true, true),
            Ishr => self.shift(Ty::Int, false, true),
            Lshr => self.shift(Ty::Long, false, true),
            Iushr => self.shift(Ty::Int, false, false),
            Lushr => self.shift(Ty::Long, false, false),
            I2l => self.convert(Ty::Int, Ty::Long),
            I2f => self.convert(Ty::Int, Ty::Float),
            I2d => self.convert(Ty::Int, Ty::Double),
            L2i => self.convert(Ty::Long, Ty::Int),
            L2f => self.convert(Ty::Long, Ty::Float),
            L2d => self.convert(Ty::Long, Ty::Double),
            F2i => self.convert(Ty::Float, Ty::Int),
            F2l => self.convert(Ty::Float, Ty::Long),
            F2d => self.convert(Ty::Float, Ty::Double),
            D2i => self.convert(Ty::Double, Ty::Int),
            D2l => self.convert(Ty::Double, Ty::Long),
            D2f => self.convert(Ty::Double, Ty::Float),
            I2b => self.truncate(BasicType::Byte),
            I2c => self.truncate(BasicType::Char),
            I2s => self.truncate(BasicType::Short),
            Lcmp => self.long_compare(),
            Fcmpl | Dcmpl => self.float_compare(false),
            Fcmpg | Dcmpg => self.float_compare(true),

            Ifeq | Ifnull => return self.if_zero(i, IntCC::Equal),
            Ifne | Ifnonnull => return self.if_zero(i, IntCC::NotEqual),
            Iflt => return self.if_zero(i, IntCC::SignedLessThan),
            Ifge => return self.if_zero(i, IntCC::SignedGreaterThanOrEqual),
            Ifgt => return self.if_zero(i, IntCC::SignedGreaterThan),
            Ifle => return self.if_zero(i, IntCC::SignedLessThanOrEqual),
            IfIcmpeq | IfAcmpeq => return self.if_compare(i, IntCC::Equal),
            IfIcmpne | IfAcmpne => return self.if_compare(i, IntCC::NotEqual),
            IfIcmplt => return self.if_compare(i, IntCC::SignedLessThan),
            IfIcmpge => return self.if_compare(i, IntCC::SignedGreaterThanOrEqual),
            IfIcmpgt => return self.if_compare(i, IntCC::SignedGreaterThan),
            IfIcmple => return self.if_compare(i, IntCC::SignedLessThanOrEqual),
            // The block's only successor; the caller jumps there.
            Goto | GotoW => {}
            Tableswitch | Lookupswitch => {
                match i.operands {
                    Operands::TableSwitch(table) => self.table_switch(i, table),
                    Operands::LookupSwitch(table) => self.lookup_switch(i, table),
                    _ => {}
                }
                return Ok(true);
            }
            Ireturn | Lreturn | Freturn | Dreturn | Areturn | Return => {
                self.return_from_method();
                return Ok(true);
            }
            Athrow => {
                self.athrow();
                return Ok(true);
            }

            Getstatic => self.get_static(constant)?,
            Putstatic => self.put_static(constant)?,
            Getfield => self.get_field(constant)?,
            Putfield => self.put_field(constant)?,
            Invokevirtual => self.invoke_virtual(constant)?,
            Invokespecial => self.invoke_special(constant)?,
            Invokestatic => self.invoke_static(constant)?,
            Invokeinterface => self.invoke_interface(constant)?,
            Invokedynamic => self.invoke_dynamic(constant)?,
            New => self.new_object(constant),
            Newarray => {
                if let Operands::NewArray(code) = i.operands {
                    self.new_primitive_array(code)?;
                }
            }
            Anewarray => self.new_reference_array(constant),
            Multianewarray => {
                if let Operands::MultiNewArray { index, dimensions } = i.operands {
                    self.new_multi_array(index, dimensions);
                }
            }
            Arraylength => {
                let array = self.pop();
                let length = self.array_length(array);
                self.push_int(length);
            }
            Checkcast => self.check_cast(constant),
            Instanceof => self.instance_of(constant),
            Monitorenter => self.monitor_enter(),
            Monitorexit => self.monitor_exit(),
            Jsr | JsrW | Ret => return Err(Rejected::Subroutines),
            Wide | Breakpoint => return Err(Rejected::Malformed("reserved opcode".into())),
        }
        Ok(false)
    }

    fn load(&mut self, i: &Instruction<'_>, ty: Ty) {
        let value = self.load_local(i.local_index().unwrap_or(0), ty);
        self.push(ty, value);
    }

    fn store(&mut self, i: &Instruction<'_>, ty: Ty) {
        let value = self.pop();
        self.store_local(i.local_index().unwrap_or(0), ty, value);
    }

    fn if_zero(&mut self, i: &Instruction<'_>, cc: IntCC) -> Result<bool, Rejected> {
        let condition = self.condition_with_zero(cc);
        self.branch_if(i, condition)
    }

    fn if_compare(&mut self, i: &Instruction<'_>, cc: IntCC) -> Result<bool, Rejected> {
        let y = self.pop();
        let x = self.pop();
        let condition = self.b.ins().icmp(cc, x, y);
        self.branch_if(i, condition)
    }

    fn branch_if(&mut self, i: &Instruction<'_>, condition: Value) -> Result<bool, Rejected> {
        let target = i.branch_target().ok_or_else(|| Rejected::Malformed("branch".into()))?;
        self.flush_stack();
        self.profile_branch(condition);
        let (taken, next) = (self.ir_block_at(target), self.ir_block_at(i.next_pc));
        self.b.ins().brif(condition, taken, &[], next, &[]);
        Ok(true)
    }

    fn table_switch(&mut self, i: &Instruction<'_>, table: TableSwitch<'_>) {
        let key = self.pop();
        self.flush_stack();
        let index = self.b.ins().iadd_imm_s(key, -i64::from(table.low));
        let targets: Vec<Block> =
            table.entries().map(|(_, offset)| self.ir_block_at(i.target(offset))).collect();
        let default = self.ir_block_at(i.target(table.default));
        let pool = &mut self.b.func.dfg.value_lists;
        let calls: Vec<_> =
            targets.iter().map(|&t| cranelift_codegen::ir::BlockCall::new(t, [], pool)).collect();
        let default = cranelift_codegen::ir::BlockCall::new(default, [], pool);
        let table = self.b.create_jump_table(JumpTableData::new(default, &calls));
        self.b.ins().br_table(index, table);
    }

    fn lookup_switch(&mut self, i: &Instruction<'_>, table: LookupSwitch<'_>) {
        let key = self.pop();
        self.flush_stack();
        let mut switch = Switch::new();
        for (value, offset) in table.entries() {
            let target = self.ir_block_at(i.target(offset));
            switch.set_entry(u128::from(value as u32), target);
        }
        let default = self.ir_block_at(i.target(table.default));
        switch.emit(&mut self.b, key, default);
    }
}
