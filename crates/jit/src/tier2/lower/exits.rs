//! Ways out of the code: to the interpreter, or to the caller with an exception.

use super::*;
use crate::tier2::deopt::{Continue, FrameDescription, HeldMonitor, Rematerialised, Source, element_offset};
use caturra_hir::state::{Contents, Slot};
use caturra_kernel::oops::class::ClassKind;

/// How the interpreter goes on.
#[derive(Clone, Copy)]
pub(super) enum How {
    /// As the state says, before its bytecode.
    Before,
    /// Behind the bytecode with this result, where the state's mode is `After`; before it otherwise.
    Resume(Option<Value>),
    /// With the pending exception; or the caller does, where the state unwinds.
    Throw,
}

/// An exit to be emitted.
pub(super) struct Exit {
    state: hir::State,
    how: How,
    reason: Option<Reason>,
}

/// The buffer of an exit under construction.
#[derive(Default)]
struct Saved {
    words: HashMap<hir::Value, u16>,
    stores: Vec<Value>,
}

impl Lowering<'_> {
    fn add_exit(&mut self, exit: Exit) -> Block {
        let block = self.cold_block();
        self.pending_exits.push((block, exit));
        block
    }

    /// The exit of a check.
    pub(super) fn exit_before(&mut self, state: hir::State, reason: Reason) -> Block {
        let key = (state, false, Some(reason));
        if let Some(block) = self.exits.get(&key) {
            return *block;
        }
        let block = self.add_exit(Exit { state, how: How::Before, reason: Some(reason) });
        self.exits.insert(key, block);
        block
    }

    /// Where a pending exception leads.
    pub(super) fn exit_throwing(&mut self, state: hir::State) -> Block {
        let key = (state, true, None);
        if let Some(block) = self.exits.get(&key) {
            return *block;
        }
        let block = self.add_exit(Exit { state, how: How::Throw, reason: None });
        self.exits.insert(key, block);
        block
    }

    /// Leaves to `exit` where `condition` is zero. The way on is the second of the branch: see `invariants`.
    pub(super) fn leave_unless(&mut self, condition: Value, exit: Block) {
        let contrary = self.contrary(condition);
        self.leave_if(contrary, exit);
    }

    /// Not zero where `condition` is zero.
    pub(super) fn contrary(&mut self, condition: Value) -> Value {
        use cranelift_codegen::ir::InstructionData::{FloatCompare, IntCompare};
        use cranelift_codegen::ir::condcodes::CondCode;
        let dfg = &self.b.func.dfg;
        match dfg.value_def(condition).inst().map(|i| dfg.insts[i]) {
            Some(IntCompare { cond, args: [x, y], .. }) => self.b.ins().icmp(cond.complement(), x, y),
            Some(FloatCompare { cond, args: [x, y], .. }) => self.b.ins().fcmp(cond.complement(), x, y),
            _ => self.b.ins().icmp_imm_u(IntCC::Equal, condition, 0),
        }
    }

    /// Leaves to `exit` where `condition` is not zero.
    pub(super) fn leave_if(&mut self, condition: Value, exit: Block) {
        let on = self.b.create_block();
        self.b.ins().brif(condition, exit, &[], on, &[]);
        self.b.switch_to_block(on);
    }

    /// Behind a call of Java code: exceptions, polls, and broken assumptions. Calls need no poll at returns so.
    pub(super) fn check_after_call(&mut self, state: hir::State, result: Option<Value>) {
        let attention = self.load_thread(I64, thread::ATTENTION);
        let (look, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(attention, look, &[], on, &[]);
        self.b.switch_to_block(look);
        let catches = self.hir.state(state).catches;
        let exit = if catches { self.cold_block() } else { self.exit_throwing(state) };
        let pending = self.load_thread(I32, thread::PENDING);
        self.leave_if_cold(pending, exit);
        self.call_runtime(RuntimeCall::poll, &[]);
        let pending = self.load_thread(I32, thread::PENDING);
        self.leave_if_cold(pending, exit);
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(on);
        self.check_valid(state, result);
        if catches {
            // The code behind looks at the exception; broken code leaves with it.
            let caught = self.b.create_block();
            self.b.ins().jump(caught, &[]);
            self.b.switch_to_block(exit);
            self.leave_throwing_if_invalid(state);
            self.b.ins().jump(caught, &[]);
            self.b.switch_to_block(caught);
        }
    }

    /// With an exception pending: gives the activation up where an assumption of the code has been broken.
    fn leave_throwing_if_invalid(&mut self, state: hir::State) {
        let Some(cell) = self.out.invalid else { return };
        let cell = self.iconst(I64, cell.as_ptr() as i64);
        let flags = self.region(Region::Metadata);
        let invalid = self.b.ins().load(I32, flags, cell, 0);
        let exit = self.exit_throwing(state);
        self.leave_if_cold(invalid, exit);
    }

    /// Makes the exception of a failed check pending.
    pub(super) fn make_exception(&mut self, exception: MadeException, args: &[Value], state: hir::State) {
        match exception {
            MadeException::Null => self.call_runtime(RuntimeCall::throw_null, &[]),
            MadeException::Bounds => self.call_runtime(RuntimeCall::throw_bounds, args),
            MadeException::DivisionByZero => self.call_runtime(RuntimeCall::throw_divide_by_zero, &[]),
            MadeException::ClassCast(class) => {
                let class = self.iconst(I64, class_of_id(class).as_raw() as i64);
                self.call_runtime(RuntimeCall::throw_class_cast, &[args[0], class])
            }
        };
        self.leave_throwing_if_invalid(state);
    }

    pub(super) fn leave_if_cold(&mut self, condition: Value, exit: Block) {
        let on = self.cold_block();
        self.b.ins().brif(condition, exit, &[], on, &[]);
        self.b.switch_to_block(on);
    }

    /// Behind a slow path in the VM, in its cold block.
    pub(super) fn check_after_slow_path(&mut self, state: hir::State, result: Option<Value>) {
        let exit = self.exit_throwing(state);
        let pending = self.load_thread(I32, thread::PENDING);
        self.leave_if_cold(pending, exit);
        self.check_valid(state, result);
    }

    /// Gives the activation up where an assumption of the code has been broken.
    pub(super) fn check_valid(&mut self, state: hir::State, result: Option<Value>) {
        let Some(cell) = self.out.invalid else { return };
        let cell = self.iconst(I64, cell.as_ptr() as i64);
        let flags = self.region(Region::Metadata);
        let invalid = self.b.ins().load(I32, flags, cell, 0);
        let exit = self.add_exit(Exit { state, how: How::Resume(result), reason: None });
        self.leave_if(invalid, exit);
    }

    /// Lets a safepoint happen; with a counter, where its low bits are zero.
    pub(super) fn poll(&mut self, state: hir::State, counter: Option<Value>) {
        /// Rounds of a loop between two polls.
        const ROUNDS: i64 = 256;
        let (slow, on) = (self.cold_block(), self.b.create_block());
        if let Some(counter) = counter {
            let low = self.b.ins().band_imm_u(counter, ROUNDS - 1);
            let now = self.b.ins().icmp_imm_u(IntCC::Equal, low, 0);
            let look = self.cold_block();
            self.b.ins().brif(now, look, &[], on, &[]);
            self.b.switch_to_block(look);
        }
        let asked = self.load_thread(I32, thread::POLL);
        self.b.ins().brif(asked, slow, &[], on, &[]);
        self.b.switch_to_block(slow);
        self.call_runtime(RuntimeCall::poll, &[]);
        self.check_after_slow_path(state, None);
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(on);
    }

    pub(super) fn emit_exits(&mut self) {
        for (block, exit) in std::mem::take(&mut self.pending_exits) {
            self.b.switch_to_block(block);
            self.emit_exit(&exit);
        }
    }

    fn emit_exit(&mut self, exit: &Exit) {
        let hir = self.hir;
        let innermost = hir.state(exit.state);
        let place = self.place(exit.state);
        self.b.set_srcloc(SourceLoc::new(place));
        if matches!(exit.how, How::Throw) && innermost.unwinds {
            self.return_nothing();
            return;
        }
        let mut saved = Saved::default();
        let how = match exit.how {
            How::Throw => Continue::Throw,
            How::Before => Continue::Before,
            How::Resume(_) if innermost.mode == StateMode::Before => Continue::Before,
            How::Resume(None) => Continue::After(Source::Dead),
            How::Resume(Some(result)) => {
                saved.stores.push(result);
                Continue::After(Source::Saved(0))
            }
        };
        let numbers: HashMap<u32, u16> =
            innermost.objects.iter().enumerate().map(|(n, o)| (o.id, n as u16)).collect();
        let mut frames = Vec::new();
        for frame in hir.frames(exit.state) {
            let mut locals: Vec<Source> =
                frame.locals.iter().map(|s| self.source(s, &numbers, &mut saved)).collect();
            while locals.last() == Some(&Source::Dead) {
                locals.pop();
            }
            let locals = locals.into();
            // The depth of the operand stack counts.
            let stack: Box<[Source]> = if how == Continue::Throw && frames.is_empty() {
                Box::default()
            } else {
                frame.stack.iter().map(|s| self.source(s, &numbers, &mut saved)).collect()
            };
            let monitors = frame
                .monitors
                .iter()
                .map(|m| HeldMonitor {
                    object: self.source(&m.object, &numbers, &mut saved),
                    elided: m.elided,
                })
                .collect();
            frames.push(FrameDescription {
                method: method_of_id(frame.method),
                bci: frame.bci,
                locals,
                stack,
                monitors,
            });
        }
        frames.reverse();
        let mut objects = Vec::new();
        for o in &innermost.objects {
            let class = class_of_id(o.class);
            let (length, fields) = match &o.contents {
                Contents::Instance(fields) => {
                    let one = |(f, s): &(caturra_hir::env::FieldAccess, Slot)| {
                        (f.offset, f.ty, self.source(s, &numbers, &mut saved))
                    };
                    (0, fields.iter().map(one).filter(|f| f.2 != Source::Dead).collect())
                }
                Contents::Array(_, elements) => {
                    debug_assert_ne!(class.kind, ClassKind::Instance);
                    let ty = if class.kind == ClassKind::ObjArray {
                        BasicType::Reference
                    } else {
                        class.element_type
                    };
                    let one = |(n, s): (usize, &Slot)| {
                        (element_offset(ty, n), ty, self.source(s, &numbers, &mut saved))
                    };
                    let all = elements.iter().enumerate().map(one).filter(|f| f.2 != Source::Dead).collect();
                    (elements.len() as u32, all)
                }
            };
            objects.push(Rematerialised { class, length, fields });
        }
        let site = self.out.sites.len() as i64;
        self.out.sites.push(DeoptSite {
            reason: exit.reason,
            how,
            frames: frames.into(),
            objects: objects.into(),
        });
        self.leave_to_interpreter(site, &saved.stores);
    }

    fn source(&mut self, slot: &Slot, numbers: &HashMap<u32, u16>, saved: &mut Saved) -> Source {
        match *slot {
            Slot::Dead => Source::Dead,
            Slot::Object(id) => Source::Object(numbers[&id]),
            Slot::Value(v) => match self.hir.op(v) {
                Some(Op::Int(x)) => Source::Constant(u64::from(x as u32)),
                Some(Op::Float(bits)) => Source::Constant(u64::from(bits)),
                Some(Op::Long(x)) => Source::Constant(x as u64),
                Some(Op::Double(bits)) => Source::Constant(bits),
                Some(Op::Null) => Source::Constant(0),
                Some(Op::Ref(r)) => Source::Reference(r.0 as usize),
                _ => {
                    if let Some(n) = saved.words.get(&v) {
                        return Source::Saved(*n);
                    }
                    let n = saved.stores.len() as u16;
                    let value = self.value(v);
                    saved.stores.push(value);
                    saved.words.insert(v, n);
                    Source::Saved(n)
                }
            },
        }
    }

    fn leave_to_interpreter(&mut self, site: i64, words: &[Value]) {
        let flags = self.region(Region::Buffer);
        for (n, &value) in words.iter().enumerate() {
            let slot = slot_value(&mut self.b, Some(value));
            let at = self.b.ins().stack_addr(I64, self.buffer, 8 * n as i32);
            self.b.ins().store(flags, slot, at, 0);
        }
        let size = &mut self.b.func.sized_stack_slots[self.buffer].size;
        *size = (*size).max(8 * words.len() as u32);
        let at = self.b.ins().stack_addr(I64, self.buffer, 0);
        let site = self.iconst(I32, site);
        let bits = self.call_for(RuntimeCall::deoptimise, &[site, at]);
        let value = match self.method.ret {
            BasicType::Void => None,
            ty => Some(self.value_of_slot(bits, ty)),
        };
        if self.hir.osr_bci.is_some() {
            self.b.ins().return_(&[bits]);
        } else {
            self.return_value(value);
        }
    }

    fn value_of_slot(&mut self, bits: Value, ty: BasicType) -> Value {
        match ty {
            BasicType::Long => bits,
            BasicType::Double => self.b.ins().bitcast(F64, MemFlagsData::new(), bits),
            BasicType::Float => {
                let low = self.b.ins().ireduce(I32, bits);
                self.b.ins().bitcast(F32, MemFlagsData::new(), low)
            }
            _ => self.b.ins().ireduce(I32, bits),
        }
    }

    /// A stress: every so often the check fails without a reason.
    fn leave_now_and_then(&mut self, state: hir::State) {
        const EVERY: i64 = 64;
        let Ok(cells) = self.cells(1) else { return };
        let cell = self.iconst(I64, cells.as_ptr() as i64);
        let flags = self.region(Region::Metadata);
        let n = self.b.ins().load(I32, flags, cell, 0);
        let n = self.b.ins().iadd_imm_s(n, 1);
        self.b.ins().store(flags, n, cell, 0);
        let rest = self.b.ins().band_imm_u(n, EVERY - 1);
        let exit = self.add_exit(Exit { state, how: How::Before, reason: None });
        self.leave_unless(rest, exit);
    }

    /// Where a check of the value for null leads that comes next; the check itself is not needed then.
    fn null_check_behind(&mut self, value: hir::Value) -> Option<Block> {
        let next = self.next?;
        let data = self.hir.inst(next);
        if data.op != Op::NullCheck || data.args[0] != value {
            return None;
        }
        self.passed = Some(next);
        Some(self.exit_before(data.state.expect("checks have states"), Reason::Null))
    }

    /// Checks of the optimiser.
    pub(super) fn check(&mut self, op: Op, data: &hir::InstData, args: &[Value]) {
        let state = data.state.expect("checks have states");
        if self.jit.policy.stress_deoptimisation {
            self.leave_now_and_then(state);
        }
        let (reason, condition) = match op {
            Op::NullCheck => (Reason::Null, args[0]),
            Op::BoundsCheck => (Reason::Bounds, self.b.ins().icmp(IntCC::UnsignedLessThan, args[0], args[1])),
            Op::ZeroCheck(_) => (Reason::DivisionByZero, args[0]),
            Op::SizeCheck => {
                (Reason::NegativeSize, self.b.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, args[0], 0))
            }
            Op::Guard(reason) => (reason, self.condition(data.args[0])),
            Op::CastCheck(test) => {
                let exit = self.exit_before(state, Reason::ClassCast);
                let (look, on) = (self.b.create_block(), self.b.create_block());
                let null = self.null_check_behind(data.args[0]).unwrap_or(on);
                self.b.ins().brif(args[0], look, &[], null, &[]);
                self.b.switch_to_block(look);
                let is = self.type_test(args[0], test);
                self.b.ins().brif(is, on, &[], exit, &[]);
                self.b.switch_to_block(on);
                return;
            }
            Op::StoreCheck => {
                let exit = self.exit_before(state, Reason::ArrayStore);
                self.store_check(args[0], args[1], exit);
                return;
            }
            _ => unreachable!("the checks are all here"),
        };
        let exit = self.exit_before(state, reason);
        self.leave_unless(condition, exit);
    }
}
