//! The callee's code in place of the call.

use super::calls::Call;
use super::frame::{Frame, Incoming};
use super::{Builder, Rejected, Scope};
use crate::env::MethodId;
use crate::ir::{BlockCall, Known, Terminator, Type, Value};
use crate::op::{BinaryOp, ConvertOp, Op};
use caturra_bytecode::{BasicType, MethodDescriptor};

/// Bytecodes of a callee that is inlined though the call has never been executed: accessors, which cost less than a call.
const ACCESSOR: usize = 6;
/// Calls of a callee from which on it counts as hot where the site has no count of its own.
const HOT: u32 = 500;
/// Calls for each entry into the compiled code, and for each call of the calling method, from which on a site is a frequent
/// one (C2's `InlineFrequencyRatio`), and those below which only accessors are inlined.
const FREQUENT: f64 = 0.25;
const SELDOM: f64 = 0.02;
/// Bytes of a callee's own optimised code from which on that is called rather than made again.
const LARGE_CODE: usize = 6000;
const TOO_LARGE_ALREADY: &str = "the method is too large already";

impl<'e> Builder<'e> {
    /// Whether a call is to be replaced by the method's code, and what that promises where the choice depends on it;
    /// otherwise why not.
    pub(super) fn may_inline(
        &mut self,
        method: MethodId,
        call: &Call<'_>,
    ) -> Result<Option<f64>, &'static str> {
        let info = self.env.method(method);
        let size = info.code.len();
        if !self.options.inline {
            return Err("inlining is off");
        }
        if size == 0 {
            return Err("no bytecode");
        }
        if info.never_inline || self.refused.contains(&method) {
            return Err("must not be inlined");
        }
        let descriptor = MethodDescriptor::parse(info.descriptor).ok_or("descriptor")?;
        let ret = descriptor.return_type().basic_type();
        if Type::of(ret) != Type::of(call.ret) && call.ret != BasicType::Void {
            return Err("result of another type");
        }
        let nested = self.active.iter().filter(|m| **m == method).count();
        if nested > self.options.max_recursion as usize {
            return Err("recursive");
        }
        let nodes = self.f.insts.len();
        if let Some(seed) = self.options.stress_inlining {
            return match () {
                () if self.scope.depth > self.options.max_inline_depth => Err("too deep"),
                () if nodes > self.options.inline_nodes => Err(TOO_LARGE_ALREADY),
                () if self.chance(seed, method) => Ok(None),
                () => Err("by chance"),
            };
        }
        if info.force_inline {
            return match () {
                () if self.scope.depth > 4 * self.options.max_inline_depth => Err("too deep"),
                () if nodes > 2 * self.options.inline_nodes => Err(TOO_LARGE_ALREADY),
                () => Ok(None),
            };
        }
        if self.scope.depth >= self.options.max_inline_depth {
            return Err("too deep");
        }
        if self.count(call) == Some(0) && size > ACCESSOR {
            return Err("never called here");
        }
        let frequency = self.frequency(method, call);
        if frequency < SELDOM && size > ACCESSOR {
            return Err("seldom called here");
        }
        if size > self.options.max_trivial_size {
            match () {
                () if size > self.options.max_inline_size => return Err("too large"),
                () if frequency.min(self.local_frequency(call)) < FREQUENT => return Err("not hot"),
                () if info.optimised_size > LARGE_CODE => return Err("already compiled into a big method"),
                () => {}
            }
        }
        let promise = self.promise(method, frequency, nested);
        if promise <= self.threshold && size > ACCESSOR {
            return Err("promises less than others");
        }
        if nodes > self.options.inline_nodes {
            self.candidates.refused(promise, size);
            return Err(TOO_LARGE_ALREADY);
        }
        Ok(Some(promise))
    }

    fn count(&self, call: &Call<'_>) -> Option<u32> {
        self.env.call_count(self.scope.method, self.bci).filter(|_| call.counted)
    }

    /// How often the present site is executed for each entry into the compiled code, by the profile; where the site has
    /// no count, by the callee's.
    fn frequency(&self, callee: MethodId, call: &Call<'_>) -> f64 {
        if !call.counted {
            return self.scope.frequency;
        }
        match self.count(call) {
            Some(count) => {
                self.scope.frequency * f64::from(count) / f64::from(self.scope.info.profiled.max(1))
            }
            None if self.env.method(callee).invocations >= HOT => self.scope.frequency,
            None => 0.1 * self.scope.frequency,
        }
    }

    /// How often the present site is executed for each call of its own method, by the profile. A call that is rare there
    /// costs little beside what is round it, however often that is executed, and its code would be in the way.
    fn local_frequency(&self, call: &Call<'_>) -> f64 {
        let profiled = f64::from(self.scope.info.profiled.max(1));
        self.count(call).map_or(f64::INFINITY, |count| f64::from(count) / profiled)
    }

    /// For stress: yes or no, the same for the same call in the same compilation.
    fn chance(&self, seed: u32, method: MethodId) -> bool {
        // Names, since the numbers of methods differ from run to run.
        let mut text = self.env.method_name(self.f.method);
        text.push_str(&self.env.method_name(method));
        let place = [seed, self.bci, self.active.len() as u32];
        let bytes = text.bytes().chain(place.into_iter().flat_map(u32::to_le_bytes));
        // FNV-1a, whose high bits are the mixed ones.
        let hash =
            bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        hash >> 40 & 1 != 0
    }

    /// Puts the code of `method` here. The receiver has been checked; the arguments are off the stack.
    ///
    /// # Errors
    /// As for the method itself; the caller's builder then starts again without inlining it.
    pub(super) fn inline(&mut self, method: MethodId, call: &Call<'e>) -> Result<Option<Value>, Rejected> {
        let caller = self.state_after();
        let mut scope = match Scope::new(self.env, method, 0) {
            Ok(scope) => scope,
            Err(e) => return Err(self.refuse(method, e)),
        };
        scope.caller = Some(caller);
        scope.caller_unwinds = self.f.state(caller).unwinds;
        scope.caller_catches = self.catches();
        scope.depth = self.scope.depth + 1;
        scope.frequency = self.frequency(method, call);
        let exit = self.f.add_block();
        scope.exit = Some(exit);
        let mut locals = vec![None; usize::from(scope.info.max_locals)];
        let mut slot = 0;
        for &v in &call.args {
            let ty = self.f.ty(v);
            *locals.get_mut(slot).ok_or(Rejected::Malformed("too few locals"))? = Some(v);
            slot += ty.slots();
        }
        let frame = Frame { locals, known: self.frame.known.clone(), ..Frame::default() };
        let outer_scope = std::mem::replace(&mut self.scope, scope);
        let outer_frame = std::mem::replace(&mut self.frame, frame);
        let outer = (
            self.number,
            self.bci,
            self.next_bci,
            std::mem::take(&mut self.stack_before),
            self.state_before.take(),
        );
        self.active.push(method);
        self.learn_parameters(call)?;
        let done = self.begin_body().and_then(|()| self.translate_blocks());
        if let Err(e) = done {
            return Err(self.refuse(method, e));
        }
        self.active.pop();
        let inner = std::mem::replace(&mut self.scope, outer_scope);
        self.frame = outer_frame;
        (self.number, self.bci, self.next_bci, self.stack_before, self.state_before) = outer;
        let result = self.leave(inner.returns, exit, call)?;
        if let Some(block) = inner.throw_exit {
            self.catch_from_inlined(inner.throws, block, caller)?;
        }
        Ok(result)
    }

    /// Remembers a method that cannot be inlined.
    fn refuse(&mut self, method: MethodId, e: Rejected) -> Rejected {
        // The innermost one is the culprit.
        if self.culprit.is_none() && e != Rejected::TooLarge {
            self.culprit = Some(method);
        }
        e
    }

    /// What the callee's descriptor says of the arguments.
    fn learn_parameters(&mut self, call: &Call<'e>) -> Result<(), Rejected> {
        let info = self.scope.info;
        let descriptor = MethodDescriptor::parse(info.descriptor).ok_or(Rejected::Malformed("descriptor"))?;
        let mut args = call.args.iter();
        if !self.scope.is_static()
            && let Some(&this) = args.next()
        {
            let class = (!self.env.is_interface(info.holder)).then_some(info.holder);
            self.learn(this, Known { not_null: true, class, exact: false });
        }
        for (parameter, &v) in descriptor.parameters().zip(args) {
            if parameter.basic_type() == BasicType::Reference {
                let mut text = Vec::new();
                parameter.write_descriptor(&mut text);
                let known = self.known_by_type(self.scope.method, &text);
                self.learn(v, known);
            }
        }
        Ok(())
    }

    /// Goes on behind an inlined call.
    fn leave(
        &mut self,
        returns: Vec<(Incoming, Option<Value>)>,
        exit: crate::ir::Block,
        call: &Call<'e>,
    ) -> Result<Option<Value>, Rejected> {
        self.current = None;
        if returns.is_empty() {
            return Ok(None);
        }
        let (incoming, results): (Vec<Incoming>, Vec<Option<Value>>) = returns.into_iter().unzip();
        self.frame.known = super::frame::merged_knowledge(&incoming, false);
        let results: Option<Vec<Value>> = results.into_iter().collect();
        let result = match results.filter(|_| call.ret != BasicType::Void) {
            None => None,
            Some(values) if values.iter().all(|v| *v == values[0]) => Some(values[0]),
            Some(values) => {
                let ty = self.f.ty(values[0]);
                let param = self.f.add_param(exit, ty);
                if ty == Type::Ref {
                    let known = self.join(&values, &incoming);
                    self.set_known(param, known);
                }
                for (i, v) in incoming.iter().zip(&values) {
                    self.f.blocks[i.from.index()].end.call_mut(i.edge).args.push(*v);
                }
                Some(param)
            }
        };
        self.current = Some(exit);
        Ok(result)
    }

    /// A return instruction.
    pub(super) fn return_value(&mut self, ty: Option<Type>) -> Result<(), Rejected> {
        let value = ty.map(|ty| self.pop(ty)).transpose()?;
        let descriptor = MethodDescriptor::parse(self.scope.info.descriptor);
        let ret = descriptor.map_or(BasicType::Void, |d| d.return_type().basic_type());
        if Type::of(ret) != ty {
            return Err(Rejected::Malformed("return of another type"));
        }
        // Narrow results are made so by the return instruction (JVMS §6.5 ireturn).
        let value = value.map(|v| match ret {
            BasicType::Boolean => {
                let one = self.int(1);
                self.emit(Op::Binary(BinaryOp::And, Type::I32), &[v, one])
            }
            BasicType::Byte => self.emit(Op::Convert(ConvertOp::I2B), &[v]),
            BasicType::Char => self.emit(Op::Convert(ConvertOp::I2C), &[v]),
            BasicType::Short => self.emit(Op::Convert(ConvertOp::I2S), &[v]),
            _ => v,
        });
        if let Some(lock) = self.scope.lock {
            if self.frame.monitors.pop() != Some(lock) {
                return Err(Rejected::UnstructuredLocks);
            }
            let block = self.block();
            self.f.push(block, Op::MonitorExit, &[lock], None);
        }
        if !self.frame.monitors.is_empty() {
            return Err(Rejected::UnstructuredLocks);
        }
        match self.scope.exit {
            None => self.end(Terminator::Return(value)),
            Some(exit) => {
                self.end(Terminator::Jump(BlockCall::to(exit)));
                let incoming = Incoming { from: self.ended, edge: 0, frame: self.frame.clone() };
                self.scope.returns.push((incoming, value));
            }
        }
        Ok(())
    }
}
