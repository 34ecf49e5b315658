//! Exception handlers that are part of the program's normal course: the way to them inside the code.
//!
//! Behind a call that may throw to such a handler the code looks for a pending exception and takes it; an `athrow` has it at
//! hand; a check that fails often makes it. Then the rows of the exception table are gone through in their order, and those
//! of the calling methods that the method is inlined into. What no handler of the code takes goes on as elsewhere: to the
//! caller of the compiled method, or to the interpreter.

use super::frame::{Incoming, merged_knowledge};
use super::{Builder, Rejected};
use crate::env::Caught;
use crate::ir::{Block, BlockCall, Known, State, Terminator, Type, Value};
use crate::op::{BinaryOp, Cond, MadeException, Op, Reason, TypeTest};

/// How often the way without an exception is taken for each time with one, where nobody has counted.
const NORMALLY: u32 = 20;

impl Builder<'_> {
    /// Whether what the current bytecode throws may go to a handler in this code.
    pub(super) fn catches(&self) -> bool {
        self.scope.caller_catches
            || self.scope.flow.handlers_of(self.bci).any(|h| self.scope.compiled.contains(&h))
    }

    /// Whether a check of the current bytecode fails so often that its exception is to be thrown here.
    pub(super) fn fails_often(&self, reason: Reason) -> bool {
        self.catches() && self.env.too_many_deopts(self.scope.method, self.bci, reason)
    }

    /// A check whose exception is not thrown here must not fail often.
    pub(super) fn may_fail(&self, reason: Reason) -> Result<(), Rejected> {
        if self.fails_often(reason) { Err(Rejected::Deoptimises(reason)) } else { Ok(()) }
    }

    /// Throws an exception where a condition is 0.
    pub(super) fn throw_unless(
        &mut self,
        condition: Value,
        exception: MadeException,
        args: &[Value],
    ) -> Result<(), Rejected> {
        let state = self.state_before();
        self.dispatch_unless(condition, state, |b| {
            b.emit_with(Op::MakeException(exception), args, state);
            b.take_exception()
        })
    }

    /// Dispatches the exception that `thrown` gives where a condition is 0; goes on where it is not.
    fn dispatch_unless(
        &mut self,
        condition: Value,
        state: State,
        thrown: impl FnOnce(&mut Self) -> Value,
    ) -> Result<(), Rejected> {
        let (on, off) = (self.f.add_block(), self.f.add_block());
        self.end(Terminator::Branch {
            cond: condition,
            then: BlockCall::to(on),
            otherwise: BlockCall::to(off),
            weights: (NORMALLY, 1),
        });
        let frame = self.frame.clone();
        self.current = Some(off);
        let exception = thrown(self);
        self.dispatch(exception, state)?;
        self.frame = frame;
        self.current = Some(on);
        Ok(())
    }

    /// `ClassCastException` where an object is neither null nor passes a test.
    pub(super) fn throw_unless_instance(&mut self, object: Value, test: TypeTest) -> Result<(), Rejected> {
        let null = self.constant(Op::Null);
        let is_null = self.emit(Op::Compare(Cond::Eq, Type::Ref), &[object, null]);
        let is = self.emit(Op::InstanceOf(test), &[object]);
        let passes = self.emit(Op::Binary(BinaryOp::Or, Type::I32), &[is_null, is]);
        self.throw_unless(passes, MadeException::ClassCast(test.class), &[object])
    }

    /// `athrow` of a reference that is not null.
    pub(super) fn throw(&mut self, exception: Value) -> Result<(), Rejected> {
        let state = self.state_before();
        if self.catches() {
            return self.dispatch(exception, state);
        }
        self.leave_throwing(exception, state);
        Ok(())
    }

    /// Takes the exception that a call has thrown; goes on where there is none.
    pub(super) fn catch_from_call(&mut self, state: State) -> Result<(), Rejected> {
        let block = self.block();
        let pending = self.f.push_value(block, Op::PendingException, &[]);
        let null = self.constant(Op::Null);
        let none = self.emit(Op::Compare(Cond::Eq, Type::Ref), &[pending, null]);
        self.dispatch_unless(none, state, |b| {
            let block = b.block();
            b.f.push(block, Op::ClearException, &[], None);
            b.learn(pending, Known { not_null: true, ..Known::default() });
            pending
        })
    }

    /// The exception that is pending, which there is.
    fn take_exception(&mut self) -> Value {
        let block = self.block();
        let pending = self.f.push_value(block, Op::PendingException, &[]);
        self.set_known(pending, Known { not_null: true, ..Known::default() });
        self.f.push(block, Op::ClearException, &[], None);
        pending
    }

    /// Takes what an inlined method has thrown, at the call in the calling one; `caller` is the state there.
    pub(super) fn catch_from_inlined(
        &mut self,
        throws: Vec<(Incoming, Value)>,
        block: Block,
        caller: State,
    ) -> Result<(), Rejected> {
        let (frame, current) = (self.frame.clone(), self.current.take());
        let exception = self.f.add_param(block, Type::Ref);
        let (incoming, values): (Vec<Incoming>, Vec<Value>) = throws.into_iter().unzip();
        let known = self.join(&values, &incoming);
        self.set_known(exception, Known { not_null: true, ..known });
        for (i, v) in incoming.iter().zip(&values) {
            self.f.blocks[i.from.index()].end.call_mut(i.edge).args.push(*v);
        }
        self.frame.known = merged_knowledge(&incoming, false);
        self.current = Some(block);
        let state = self.f.state(caller).clone();
        let state = self.f.add_state(state);
        self.dispatch(exception, state)?;
        self.frame = frame;
        self.current = current;
        Ok(())
    }

    /// Goes to the handler of an exception that the current bytecode throws; `state` is the one before an `athrow` or a
    /// failed check, or behind a call. Ends the block.
    fn dispatch(&mut self, exception: Value, state: State) -> Result<(), Rejected> {
        let flow = self.scope.flow.clone();
        for (row, handler) in flow.rows_of(self.bci) {
            let known = self.known(exception);
            let class = match self.env.caught(self.scope.method, row) {
                Caught::Any => None,
                Caught::Class(class) => match self.decide(known, class) {
                    Some(true) => None,
                    Some(false) => continue,
                    None => Some(class),
                },
                Caught::Unresolved => {
                    self.leave_throwing(exception, state);
                    return Ok(());
                }
            };
            let Some(class) = class else { return self.handle(handler, exception, state) };
            let test = self.type_test(class);
            let is = self.emit(Op::InstanceOf(test), &[exception]);
            let (matching, on) = (self.f.add_block(), self.f.add_block());
            self.end(Terminator::Branch {
                cond: is,
                then: BlockCall::to(matching),
                otherwise: BlockCall::to(on),
                weights: (0, 0),
            });
            let frame = self.frame.clone();
            self.current = Some(matching);
            let learned = self.known_by_test(test);
            self.learn(exception, Known { not_null: true, ..learned });
            self.handle(handler, exception, state)?;
            self.frame = frame;
            self.current = Some(on);
        }
        self.unwind(exception, state)
    }

    /// Goes on in a handler, or in the interpreter where that is not compiled.
    fn handle(&mut self, handler: u32, exception: Value, state: State) -> Result<(), Rejected> {
        if !self.scope.compiled.contains(&handler) {
            self.leave_throwing(exception, state);
            return Ok(());
        }
        let next = self.successor(handler);
        let target = self.target(next)?;
        self.frame.stack = vec![Some(exception)];
        self.end(Terminator::Jump(target));
        self.add_edges(&[next])
    }

    /// An exception that the method has no handler for.
    fn unwind(&mut self, exception: Value, state: State) -> Result<(), Rejected> {
        let own_lock = self.scope.lock.filter(|lock| self.frame.monitors == [*lock]);
        let leaves = self.frame.monitors.is_empty() || own_lock.is_some();
        if !leaves || !self.scope.caller_catches && !self.scope.caller_unwinds {
            self.leave_throwing(exception, state);
            return Ok(());
        }
        if let Some(lock) = own_lock {
            let block = self.block();
            self.f.push(block, Op::MonitorExit, &[lock], None);
            self.frame.monitors.clear();
        }
        if !self.scope.caller_catches {
            let left = self.f.state(state).clone();
            let state =
                self.f.add_state(crate::state::FrameState { unwinds: true, monitors: Vec::new(), ..left });
            self.leave_throwing(exception, state);
            return Ok(());
        }
        let exit = match self.scope.throw_exit {
            Some(exit) => exit,
            None => *self.scope.throw_exit.insert(self.f.add_block()),
        };
        self.end(Terminator::Jump(BlockCall::to(exit)));
        let incoming = Incoming { from: self.ended, edge: 0, frame: self.frame.clone() };
        self.scope.throws.push((incoming, exception));
        Ok(())
    }

    /// Ends the block, and leaves the compiled code with an exception.
    fn leave_throwing(&mut self, exception: Value, state: State) {
        let block = self.block();
        self.f.blocks[block.index()].cold = true;
        self.end(Terminator::Throw(exception, state));
    }
}
