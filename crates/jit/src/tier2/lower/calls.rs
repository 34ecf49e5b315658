//! Calls, as tier 1 makes them: see `translate::calls`.

use super::*;
use crate::runtime_calls::Kind;
use caturra_hir::op::LinkKind;
use caturra_kernel::oops::class::Class;
use caturra_kernel::oops::method::{Method, MethodKind};
use std::mem::offset_of;

/// Cells of an interface call behind the first, a power of two: each class may be in one or in the one's neighbour.
const WAYS: usize = 8;
/// The fractional part of the golden ratio, in 32 bits: neighbouring numbers are spread evenly.
const HASH_FACTOR: i64 = 0x9e37_79b1_u32 as i32 as i64;

impl Lowering<'_> {
    pub(super) fn call(
        &mut self,
        target: CallTarget,
        ret: BasicType,
        data: &hir::InstData,
        args: &[Value],
    ) -> Result<Option<Value>, Rejected> {
        let state = data.state.expect("calls have states");
        let types: Vec<Type> = data.args.iter().map(|v| machine_type(self.hir.ty(*v))).collect();
        match target {
            CallTarget::Direct(method) => {
                let method = method_of_id(method);
                self.jit.ensure_direct_entry(method)?;
                if method.name == "arraycopy" && method.holder == self.jit.vm().wk.system() {
                    self.array_copy(method, types, args, state);
                    return Ok(None);
                }
                if let Some(routine) = crate::intrinsics::routine(method) {
                    return Ok(self.call_routine(routine, method, types, ret, args, state));
                }
                Ok(self.call_direct(method, types, ret, args, state))
            }
            CallTarget::Virtual(_, index) => {
                let object = self.address(args[0]);
                let class = self.load_class(object);
                let method = self.load_vtable(class, index);
                Ok(self.call_through(method, types, ret, args, state))
            }
            CallTarget::Interface(method) => {
                let method = self.select_interface(method_of_id(method), args[0], state)?;
                Ok(self.call_through(method, types, ret, args, state))
            }
            CallTarget::InvokeBasic => {
                let method = self.target_of_handle(args[0]);
                Ok(self.call_through(method, types, ret, args, state))
            }
            CallTarget::LinkTo(kind) => {
                let count = args.len() - 1;
                let method = self.target_of_member(kind, args, state);
                Ok(self.call_through(method, types[..count].to_vec(), ret, &args[..count], state))
            }
        }
    }

    /// `System.arraycopy`: the plain cases by a call without ceremony, all else by the native method.
    fn array_copy(&mut self, method: MethodRef, types: Vec<Type>, args: &[Value], state: hir::State) {
        let (slow, on) = (self.cold_block(), self.b.create_block());
        let mut all = args.to_vec();
        all.push(self.b.ins().get_pinned_reg(I64));
        let done = self.call_for(RuntimeCall::array_copy, &all);
        self.b.ins().brif(done, on, &[], slow, &[]);
        self.b.switch_to_block(slow);
        self.call_direct(method, types, BasicType::Void, args, state);
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(on);
    }

    /// By a routine of the VM, or, where that refuses, by the method: a routine without ceremony answers a negative number
    /// then, one that may allocate null.
    fn call_routine(
        &mut self,
        routine: RuntimeCall,
        method: MethodRef,
        types: Vec<Type>,
        ret: BasicType,
        args: &[Value],
        state: hir::State,
    ) -> Option<Value> {
        let (slow, on) = (self.cold_block(), self.b.create_block());
        let result = HirType::of(ret).map(|ty| self.b.append_block_param(on, machine_type(ty)));
        let answer = self.call_for(routine, args);
        if routine.kind() == Kind::Anchored {
            let done = self.b.create_block();
            self.b.ins().brif(answer, done, &[], slow, &[]);
            self.b.switch_to_block(done);
            self.check_valid(state, Some(answer));
            self.b.ins().jump(on, &[answer.into()]);
            self.b.switch_to_block(slow);
            let exit = self.exit_throwing(state);
            let pending = self.load_thread(I32, thread::PENDING);
            self.leave_if_cold(pending, exit);
        } else {
            let narrow: Vec<BlockArg> =
                result.iter().map(|_| self.b.ins().ireduce(I32, answer).into()).collect();
            let refused = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, answer, 0);
            self.b.ins().brif(refused, slow, &[], on, &narrow);
            self.b.switch_to_block(slow);
        }
        let value = self.call_direct(method, types, ret, args, state);
        let values: Vec<BlockArg> = value.into_iter().map(Into::into).collect();
        self.b.ins().jump(on, &values);
        self.b.switch_to_block(on);
        result
    }

    fn call_direct(
        &mut self,
        method: MethodRef,
        types: Vec<Type>,
        ret: BasicType,
        args: &[Value],
        state: hir::State,
    ) -> Option<Value> {
        let cell = self.iconst(I64, method.from_compiled_direct.as_ptr() as i64);
        let flags = self.region(Region::Metadata);
        let entry = self.b.ins().load(I64, flags, cell, 0);
        self.call_entry(entry, types, ret, args, state)
    }

    fn call_entry(
        &mut self,
        entry: Value,
        types: Vec<Type>,
        ret: BasicType,
        args: &[Value],
        state: hir::State,
    ) -> Option<Value> {
        let b = &mut self.b;
        let signature = *self.signatures.entry((types, ret)).or_insert_with_key(|(types, ret)| {
            let mut signature = Signature::new(CallConv::SystemV);
            signature.params.extend(types.iter().map(|t| AbiParam::new(*t)));
            if let Some(ty) = HirType::of(*ret) {
                signature.returns.push(AbiParam::new(machine_type(ty)));
            }
            b.import_signature(signature)
        });
        let call = self.b.ins().call_indirect(signature, entry, args);
        let result = self.b.inst_results(call).first().copied();
        self.check_after_call(state, result);
        result
    }

    /// Calls the method whose address is in `method`.
    fn call_through(
        &mut self,
        method: Value,
        types: Vec<Type>,
        ret: BasicType,
        args: &[Value],
        state: hir::State,
    ) -> Option<Value> {
        self.store_thread(method, thread::CALLEE);
        let flags = self.region(Region::Metadata);
        let entry = self.b.ins().load(I64, flags, method, offset_of!(Method, from_compiled) as i32);
        self.call_entry(entry, types, ret, args, state)
    }

    pub(super) fn load_vtable(&mut self, class: Value, index: u32) -> Value {
        let at = size_of::<Class>() + index as usize * size_of::<MethodRef>();
        let flags = self.region(Region::Metadata);
        self.b.ins().load(I64, flags, class, at as i32)
    }

    /// Selection by an inline cache of one class, then by one of several, then by a search of the class's itable, then by the
    /// runtime, which throws what is to be thrown (JVMS §6.5 invokeinterface) and fills the caches. What finds no room in
    /// the caches is searched for every time.
    fn select_interface(
        &mut self,
        method: MethodRef,
        receiver: Value,
        state: hir::State,
    ) -> Result<Value, Rejected> {
        let cells = self.cells(1 + WAYS)?;
        self.out.inline_caches.extend(cells);
        let first = self.iconst(I64, cells.as_ptr() as i64);
        let (miss, slow, on) = (self.b.create_block(), self.cold_block(), self.b.create_block());
        let result = self.b.append_block_param(on, I64);
        let empty = self.b.append_block_param(slow, I64);
        let object = self.address(receiver);
        let class = self.load_class(object);
        let id = self.b.ins().ireduce(I32, class);
        let entry = self.probe(first, id, on, miss);
        self.b.switch_to_block(miss);
        let several = self.b.create_block();
        self.b.ins().brif(entry, several, &[], slow, &[first.into()]);
        self.b.switch_to_block(several);
        // By the upper bits of a product, as class records lie at multiples of a power of two.
        let mixed = self.b.ins().imul_imm_s(id, HASH_FACTOR);
        let way = self.b.ins().ushr_imm_u(mixed, i64::from(u32::BITS - WAYS.trailing_zeros()));
        let second = self.way(first, way);
        let miss = self.b.create_block();
        let entry = self.probe(second, id, on, miss);
        self.b.switch_to_block(miss);
        let neighbour = self.b.create_block();
        self.b.ins().brif(entry, neighbour, &[], slow, &[second.into()]);
        self.b.switch_to_block(neighbour);
        let other = self.b.ins().bxor_imm_u(way, 1);
        let third = self.way(first, other);
        let miss = self.b.create_block();
        let entry = self.probe(third, id, on, miss);
        self.b.switch_to_block(miss);
        let search = self.b.create_block();
        self.b.ins().brif(entry, search, &[], slow, &[third.into()]);
        self.b.switch_to_block(search);
        match method.itable_index() {
            Some(n) => {
                let interface = self.iconst(I64, method.holder.as_raw() as i64);
                let n = self.iconst(I32, n as i64);
                let found = self.call_for(RuntimeCall::search_itable, &[class, interface, n]);
                self.b.ins().brif(found, on, &[found.into()], slow, &[first.into()]);
            }
            None => {
                self.b.ins().jump(slow, &[first.into()]);
            }
        }
        self.b.switch_to_block(slow);
        let resolved = self.iconst(I64, method.as_raw() as i64);
        let selected = self.call_for(RuntimeCall::select_resolved, &[resolved, receiver, empty]);
        let exit = self.exit_throwing(state);
        let pending = self.load_thread(I32, thread::PENDING);
        let done = self.cold_block();
        self.b.ins().brif(pending, exit, &[], done, &[]);
        self.b.switch_to_block(done);
        self.b.ins().jump(on, &[selected.into()]);
        self.b.switch_to_block(on);
        Ok(result)
    }

    /// The cell of that number behind the first.
    fn way(&mut self, first: Value, number: Value) -> Value {
        let number = self.b.ins().uextend(I64, number);
        let distance = self.b.ins().ishl_imm_u(number, 3);
        let at = self.b.ins().iadd(first, distance);
        self.b.ins().iadd_imm_s(at, 8)
    }

    /// Goes on at `on` with the method where the cell has the class, otherwise at `miss`. Gives what the cell holds.
    fn probe(&mut self, cell: Value, id: Value, on: Block, miss: Block) -> Value {
        let entry = self.b.ins().load(I64, PLAIN, cell, 0);
        let cached = self.b.ins().ireduce(I32, entry);
        let known = self.b.ins().ushr_imm_u(entry, 32);
        let hit = self.b.ins().icmp(IntCC::Equal, cached, id);
        self.b.ins().brif(hit, on, &[known.into()], miss, &[]);
        entry
    }

    fn load_reference(&mut self, reference: Value, offset: u32) -> Value {
        let object = self.address(reference);
        self.b.ins().load(I32, PLAIN, object, offset as i32)
    }

    /// `resolved.vmtarget`, of a `ResolvedMethodName`.
    fn vmtarget(&mut self, resolved: Value) -> Value {
        let object = self.address(resolved);
        self.b.ins().load(I64, PLAIN, object, self.jit.vm().off.resolved_method_vmtarget() as i32)
    }

    /// `handle.form.vmentry.method.vmtarget`.
    fn target_of_handle(&mut self, handle: Value) -> Value {
        let off = &self.jit.vm().off;
        let form = self.load_reference(handle, off.method_handle_form());
        let entry = self.load_reference(form, off.lambda_form_vmentry());
        let resolved = self.load_reference(entry, off.member_name_method());
        self.vmtarget(resolved)
    }

    /// The method that a `linkTo*` calls; the last argument is the `MemberName`.
    fn target_of_member(&mut self, kind: LinkKind, args: &[Value], state: hir::State) -> Value {
        let member = args[args.len() - 1];
        let kind = match kind {
            LinkKind::Virtual => MethodKind::LinkToVirtual,
            LinkKind::Static => MethodKind::LinkToStatic,
            LinkKind::Special => MethodKind::LinkToSpecial,
            LinkKind::Interface => MethodKind::LinkToInterface,
        };
        let receiver = if kind == MethodKind::LinkToStatic { self.iconst(I32, 0) } else { args[0] };
        let kind = self.iconst(I32, i64::from(kind as u8));
        let method = self.call_for(RuntimeCall::link_to, &[kind, member, receiver]);
        let exit = self.exit_throwing(state);
        let pending = self.load_thread(I32, thread::PENDING);
        self.leave_if(pending, exit);
        method
    }
}
