//! The invoke instructions (JVMS §2.11.8): whom a call can be bound to, and calls.

use super::{Builder, Rejected};
use crate::env::{Assumption, CallSite, ClassId, InvokeKind, MethodId};
use crate::ir::{BlockCall, Known, Terminator, Type, Value};
use crate::op::{CallTarget, Cond, LinkKind, Op, Reason};
use caturra_bytecode::{BasicType, MethodDescriptor, Opcode, access};

/// Receivers a site must have seen for its profile to count.
const TRUSTED_RECEIVERS: u32 = 10;
/// A receiver class is worth a test of its own where it is that many percent of all.
const MAJOR_RECEIVER: u64 = 80;

/// A class that the profile has seen, how often, and the method it selects.
type Receiver = (ClassId, u32, MethodId);

/// A call's arguments, receiver first, and the type of its result.
#[derive(Clone, Debug)]
pub struct Call<'e> {
    pub args: Vec<Value>,
    pub ret: BasicType,
    /// The descriptor at the call.
    pub descriptor: &'e [u8],
    /// The profile counts executions of the call; it does not for those of method handles.
    pub counted: bool,
}

impl<'e> Builder<'e> {
    pub(super) fn invoke(&mut self, opcode: Opcode, cp: u16) -> Result<(), Rejected> {
        let kind = match opcode {
            Opcode::Invokestatic => InvokeKind::Static,
            Opcode::Invokespecial => InvokeKind::Special,
            Opcode::Invokevirtual => InvokeKind::Virtual,
            Opcode::Invokeinterface => InvokeKind::Interface,
            _ => InvokeKind::Dynamic,
        };
        let site = self.env.call_site(self.scope.method, self.bci, cp, kind);
        if site == CallSite::Unresolved {
            return self.deopt(Reason::Unresolved);
        }
        let descriptor = self.env.member_descriptor(self.scope.method, cp);
        let parsed = MethodDescriptor::parse(descriptor).ok_or(Rejected::Malformed("descriptor"))?;
        let has_receiver = !matches!(kind, InvokeKind::Static | InvokeKind::Dynamic);
        let receiver = has_receiver.then_some(Type::Ref);
        let types: Vec<Type> = receiver
            .into_iter()
            .chain(parsed.parameters().filter_map(|p| Type::of(p.basic_type())))
            .collect();
        let mut args = Vec::with_capacity(types.len() + 1);
        for &ty in types.iter().rev() {
            args.push(self.pop(ty)?);
        }
        args.reverse();
        if has_receiver {
            self.null_check(args[0])?;
        }
        let counted = matches!(site, CallSite::Direct(_) | CallSite::Virtual(..) | CallSite::Interface(_));
        let mut call = Call { args, ret: parsed.return_type().basic_type(), descriptor, counted };
        let result = match site {
            CallSite::Unresolved => None,
            CallSite::Direct(m) => self.call_bound(m, &call)?,
            CallSite::Virtual(m, index) => self.call_virtual(m, CallTarget::Virtual(m, index), &call)?,
            CallSite::Interface(m) => self.call_virtual(m, CallTarget::Interface(m), &call)?,
            CallSite::InvokeBasic => {
                match self.constant_ref(call.args[0]).and_then(|h| self.env.handle_target(h)) {
                    Some(target) => self.call_bound(target, &call)?,
                    None => self.emit_call(CallTarget::InvokeBasic, &call)?,
                }
            }
            CallSite::LinkTo(kind) => self.link_to(kind, call)?,
            CallSite::Linked { adapter, appendix } => {
                if let Some(appendix) = appendix {
                    let v = self.constant(Op::Ref(appendix));
                    call.args.push(v);
                }
                self.call_bound(adapter, &call)?
            }
        };
        if self.current.is_some()
            && let Some(v) = result
        {
            self.push(v);
        }
        Ok(())
    }

    fn constant_ref(&self, v: Value) -> Option<crate::env::RefConst> {
        match self.f.op(v) {
            Some(Op::Ref(r)) => Some(r),
            _ => None,
        }
    }

    /// `linkToStatic` and its kin (JVMS §2.9.3): the last argument names the method.
    fn link_to(&mut self, kind: LinkKind, mut call: Call<'e>) -> Result<Option<Value>, Rejected> {
        let member = call.args.last().and_then(|v| self.constant_ref(*v));
        let target = member.map_or(CallSite::Unresolved, |m| self.env.member_target(m, kind));
        let bound = match target {
            CallSite::Direct(m) => m,
            CallSite::Virtual(m, _) | CallSite::Interface(m) => m,
            _ => return self.emit_call(CallTarget::LinkTo(kind), &call),
        };
        call.args.pop();
        if self.env.method(bound).access & access::ACC_STATIC == 0 {
            let receiver = *call.args.first().ok_or(Rejected::Malformed("linkTo without receiver"))?;
            self.null_check(receiver)?;
        }
        match target {
            CallSite::Virtual(m, index) => self.call_virtual(m, CallTarget::Virtual(m, index), &call),
            CallSite::Interface(m) => self.call_virtual(m, CallTarget::Interface(m), &call),
            _ => self.call_bound(bound, &call),
        }
    }

    /// A call whose receiver selects the method.
    fn call_virtual(
        &mut self,
        method: MethodId,
        target: CallTarget,
        call: &Call<'e>,
    ) -> Result<Option<Value>, Rejected> {
        let receiver = call.args[0];
        let known = self.known(receiver);
        if let Some(class) = known.class.filter(|_| known.exact)
            && let Some(selected) = self.env.select(class, method)
        {
            return self.call_bound(selected, call);
        }
        let holder = self.env.method(method).holder;
        let bound = known.class.filter(|c| self.env.is_subclass(*c, holder));
        let bound = bound.or_else(|| (!self.env.is_interface(holder)).then_some(holder));
        if let Some(class) = bound
            && let Some(selected) = self.env.unique_target(class, method)
        {
            self.f.assume(Assumption::UniqueTarget { receiver: class, method, target: selected });
            return self.call_bound(selected, call);
        }
        self.call_by_profile(method, target, call)
    }

    /// A virtual call for the receivers that the profile has seen.
    fn call_by_profile(
        &mut self,
        method: MethodId,
        target: CallTarget,
        call: &Call<'e>,
    ) -> Result<Option<Value>, Rejected> {
        let profile = self.env.type_profile(self.scope.method, self.bci).unwrap_or_default();
        let total: u64 =
            profile.classes.iter().map(|c| u64::from(c.1)).sum::<u64>() + u64::from(profile.others);
        let selected = |n: usize| {
            let (class, count) = *profile.classes.get(n)?;
            Some((class, count, self.env.select(class, method)?))
        };
        let trusted = total >= u64::from(TRUSTED_RECEIVERS);
        let speculate = trusted && !self.env.too_many_deopts(self.scope.method, self.bci, Reason::Receiver);
        let only = profile.others == 0;
        match (selected(0).filter(|_| trusted), selected(1), profile.classes.len()) {
            (Some((class, _, m)), None, 1) if only && speculate => {
                let is = self.is_of_class(call.args[0], class);
                self.guard_receiver(is, call.args[0], class);
                self.call_bound(m, call)
            }
            (Some(first), Some(second), 2) if only && speculate => match target {
                CallTarget::Virtual(_, index) if first.2 == second.2 => {
                    let found = self.emit(Op::LoadVtable(index), &[call.args[0]]);
                    let wanted = self.constant(Op::Method(first.2));
                    let is = self.emit(Op::Compare(Cond::Eq, Type::I64), &[found, wanted]);
                    let state = self.state_before();
                    self.emit_with(Op::Guard(Reason::Receiver), &[is], state);
                    self.call_bound(first.2, call)
                }
                _ => self.call_two(target, call, first, Some(second)),
            },
            (Some(first), _, _) if u64::from(first.1) * 100 >= total * MAJOR_RECEIVER => {
                self.call_two(target, call, first, None)
            }
            _ => self.emit_call(target, call),
        }
    }

    fn is_of_class(&mut self, object: Value, class: ClassId) -> Value {
        let found = self.emit(Op::LoadClass, &[object]);
        let wanted = self.constant(Op::Class(class));
        self.emit(Op::Compare(Cond::Eq, Type::I32), &[found, wanted])
    }

    fn guard_receiver(&mut self, is: Value, receiver: Value, class: ClassId) {
        let state = self.state_before();
        self.emit_with(Op::Guard(Reason::Receiver), &[is], state);
        self.learn(receiver, Known { not_null: true, class: Some(class), exact: true });
    }

    /// Tests for one receiver class; otherwise it must be a second one, or the call is made by the table.
    fn call_two(
        &mut self,
        target: CallTarget,
        call: &Call<'e>,
        (class, count, method): Receiver,
        other: Option<Receiver>,
    ) -> Result<Option<Value>, Rejected> {
        let receiver = call.args[0];
        let is = self.is_of_class(receiver, class);
        // The state is needed on both ways, so it is made before them.
        self.state_before();
        let (then, otherwise) = (self.f.add_block(), self.f.add_block());
        let weights = (count, other.map_or(count / 10 + 1, |o| o.1));
        let (to_then, to_otherwise) = (BlockCall::to(then), BlockCall::to(otherwise));
        self.end(Terminator::Branch { cond: is, then: to_then, otherwise: to_otherwise, weights });
        let frame = self.frame.clone();
        let (before, state) = (self.stack_before.clone(), self.state_before);

        self.current = Some(then);
        self.learn(receiver, Known { not_null: true, class: Some(class), exact: true });
        let result = self.call_bound(method, call)?;
        let mut ends = Vec::new();
        ends.extend(self.current.take().map(|block| (block, result)));

        self.frame = frame.clone();
        self.stack_before = before;
        self.state_before = state;
        self.current = Some(otherwise);
        let result = match other {
            Some((class, _, method)) => {
                let is = self.is_of_class(receiver, class);
                self.guard_receiver(is, receiver, class);
                self.call_bound(method, call)?
            }
            None => self.emit_call(target, call)?,
        };
        ends.extend(self.current.take().map(|block| (block, result)));

        self.frame = frame;
        if ends.is_empty() {
            return Ok(None);
        }
        let on = self.f.add_block();
        let ty = Type::of(call.ret);
        let param = ty.map(|ty| self.f.add_param(on, ty));
        for (block, result) in ends {
            let args = result.filter(|_| param.is_some()).into_iter().collect();
            self.current = Some(block);
            self.end(Terminator::Jump(BlockCall { block: on, args }));
        }
        if let Some(v) = param.filter(|_| ty == Some(Type::Ref)) {
            let known = self.known_result(call.descriptor);
            self.set_known(v, known);
        }
        self.current = Some(on);
        Ok(param)
    }

    /// A call of one method: an operation, its code, or a call.
    pub(super) fn call_bound(
        &mut self,
        method: MethodId,
        call: &Call<'e>,
    ) -> Result<Option<Value>, Rejected> {
        if let Some(result) = self.intrinsic(method, call)? {
            return Ok(result);
        }
        let verdict = self.may_inline(method, call);
        if self.options.inline {
            self.f.inlined.push(crate::ir::Inlining {
                caller: self.scope.method,
                bci: self.bci,
                callee: method,
                depth: self.scope.depth,
                verdict: verdict.err().unwrap_or("inlined"),
            });
        }
        match verdict {
            Ok(None) => self.inline(method, call),
            Ok(Some(promise)) => {
                let (outer, before) = (self.candidates.begin(), self.f.insts.len());
                let result = self.inline(method, call)?;
                let grown = self.f.insts.len() - before;
                self.candidates.end(outer, promise, grown);
                Ok(result)
            }
            Err(_) => self.emit_call(CallTarget::Direct(method), call),
        }
    }

    fn emit_call(&mut self, target: CallTarget, call: &Call<'e>) -> Result<Option<Value>, Rejected> {
        let state = self.state_after();
        let catches = self.catches();
        self.f.states[state.index()].catches = catches;
        let result = self.emit_with(Op::Call(target, call.ret), &call.args, state);
        if let Some(v) = result.filter(|v| self.f.ty(*v) == Type::Ref) {
            let known = self.known_result(call.descriptor);
            self.set_known(v, known);
        }
        if catches {
            self.catch_from_call(state)?;
        }
        Ok(result)
    }
}
