//! The invoke instructions (JVMS §2.11.8).
//!
//! A call of a known method loads its entry from the method's `from_compiled_direct` cell; one through a table puts the
//! method in `Thread::callee` and loads `from_compiled`. Either is compiled code or the way into the interpreter.

use super::*;
use caturra_bytecode::MethodDescriptor;
use caturra_kernel::oops::call_site::{DynamicSite, HandleCall};
use caturra_kernel::oops::class::Class;
use caturra_kernel::oops::method::{Method, MethodKind};
use caturra_kernel::{ObjRef, Sym};
use std::sync::atomic::Ordering;

/// Types of a call site's arguments, without receiver, and of its result.
struct SiteTypes {
    params: Vec<BasicType>,
    ret: BasicType,
}

fn site_types(descriptor: Sym) -> Result<SiteTypes, Rejected> {
    let d = MethodDescriptor::parse(descriptor.bytes())
        .ok_or_else(|| Rejected::Malformed("descriptor".into()))?;
    Ok(SiteTypes {
        params: d.parameters().map(|p| p.basic_type()).collect(),
        ret: d.return_type().basic_type(),
    })
}

impl Translator<'_> {
    fn pop_arguments(&mut self, count: usize) -> Vec<Value> {
        let at = self.stack.len() - count;
        let items = self.stack.split_off(at);
        items.into_iter().map(|i| self.materialise(i)).collect()
    }

    /// Calls the code at `entry` and pushes the result.
    fn call_entry(&mut self, entry: Value, receiver: bool, types: &SiteTypes, arguments: &[Value]) {
        let signature = self.signature(receiver, &types.params, types.ret);
        let call = self.b.ins().call_indirect(signature, entry, arguments);
        let result = self.b.inst_results(call).first().copied();
        self.check_after_call();
        if let Some(value) = result {
            self.push(Ty::of(types.ret), value);
        }
    }

    /// Calls a method known when the code is made.
    fn call_direct(
        &mut self,
        method: MethodRef,
        receiver: bool,
        types: &SiteTypes,
        arguments: &[Value],
    ) -> Result<(), Rejected> {
        self.jit.ensure_direct_entry(method)?;
        let cell = method.from_compiled_direct.as_ptr() as i64;
        let cell = self.iconst(I64, cell);
        let entry = self.b.ins().load(I64, PLAIN, cell, 0);
        self.call_entry(entry, receiver, types, arguments);
        Ok(())
    }

    /// Calls the method whose address is in `method`.
    fn call_through(&mut self, method: Value, receiver: bool, types: &SiteTypes, arguments: &[Value]) {
        self.store_thread(method, thread::CALLEE);
        let entry = self.b.ins().load(I64, PLAIN, method, offset_of!(Method, from_compiled) as i32);
        self.call_entry(entry, receiver, types, arguments);
    }

    pub(super) fn invoke_static(&mut self, index: u16) -> Result<(), Rejected> {
        let (name, descriptor) = self.cp.member_name_and_type(index);
        let types = site_types(descriptor)?;
        if let Some(kind) = self.link_to_kind(index, name) {
            if !self.is_library_of_handles() {
                self.refuse_intrinsic(index, types.params.len(), types.ret);
                return Ok(());
            }
            return self.invoke_link_to(kind, &types);
        }
        let arguments = self.pop_arguments(types.params.len());
        self.profile_call();
        match self.cp.resolved_method(index).filter(|m| m.is_static() && m.holder.is_initialized()) {
            Some(m) => {
                if self.intrinsic(m, &arguments) {
                    return Ok(());
                }
                if self.may_inline(m) {
                    return self.inline(m, &arguments);
                }
                self.call_direct(m, false, &types, &arguments)
            }
            None => {
                let method = self.cached_in_cell(RuntimeCall::resolve_static, index, None)?;
                self.call_through(method, false, &types, &arguments);
                Ok(())
            }
        }
    }

    pub(super) fn invoke_special(&mut self, index: u16) -> Result<(), Rejected> {
        let types = site_types(self.cp.member_name_and_type(index).1)?;
        let arguments = self.pop_arguments(types.params.len() + 1);
        self.profile_call();
        match (self.jit.sites.special_target)(self.method, self.bci) {
            Some(m) => {
                self.null_check(arguments[0]);
                if m.has(MethodFlags::OBJECT_INITIALIZER)
                    && m.bytecode == [caturra_bytecode::Opcode::Return as u8]
                {
                    self.register_finalizer(arguments[0]);
                    return Ok(());
                }
                if self.may_inline(m) {
                    return self.inline(m, &arguments);
                }
                self.call_direct(m, true, &types, &arguments)
            }
            None => {
                let method = self.cached_in_cell(RuntimeCall::resolve_special, index, None)?;
                self.null_check(arguments[0]);
                self.call_through(method, true, &types, &arguments);
                Ok(())
            }
        }
    }

    pub(super) fn invoke_virtual(&mut self, index: u16) -> Result<(), Rejected> {
        let (name, descriptor) = self.cp.member_name_and_type(index);
        let types = site_types(descriptor)?;
        let basic = name == self.jit.vm().sym.invoke_basic;
        if self.is_polymorphic(index, name) {
            if basic && !self.is_library_of_handles() {
                self.refuse_intrinsic(index, types.params.len() + 1, types.ret);
                return Ok(());
            }
            return self.invoke_handle(index, name, types);
        }
        let arguments = self.pop_arguments(types.params.len() + 1);
        let receiver = arguments[0];
        let resolved = self.cp.resolved_method(index).filter(|m| !m.is_static() && !m.holder.is_interface());
        let Some(m) = resolved else {
            let method = self.select_cached(RuntimeCall::select_virtual, index, receiver)?;
            self.profile_receiver(receiver);
            self.call_through(method, true, &types, &arguments);
            return Ok(());
        };
        self.null_check(receiver);
        if m.is_statically_bound() {
            self.profile_call();
            if self.intrinsic(m, &arguments) {
                return Ok(());
            }
        } else {
            self.profile_receiver(receiver);
            if let Some(call) = self.library_call(index, m) {
                return self.call_or_runtime(m, call, &types, &arguments);
            }
        }
        if m.is_statically_bound() {
            if self.may_inline(m) {
                return self.inline(m, &arguments);
            }
            return self.call_direct(m, true, &types, &arguments);
        }
        let method = self.load_vtable(receiver, m.vtable_index() as usize);
        if let Some(only) = self.only_target(m).filter(|&only| self.may_inline(only)) {
            return self.call_or_inline(only, method, &types, &arguments);
        }
        self.call_through(method, true, &types, &arguments);
        Ok(())
    }

    /// Inlines `expected` for the case that it is the selected `method`.
    fn call_or_inline(
        &mut self,
        expected: MethodRef,
        method: Value,
        types: &SiteTypes,
        arguments: &[Value],
    ) -> Result<(), Rejected> {
        let (inline, call, on) = (self.b.create_block(), self.cold_block(), self.b.create_block());
        let result =
            (types.ret != BasicType::Void).then(|| self.b.append_block_param(on, ir_type(types.ret)));
        let as_expected = self.b.ins().icmp_imm_u(IntCC::Equal, method, expected.as_raw() as i64);
        self.b.ins().brif(as_expected, inline, &[], call, &[]);
        let before = self.stack.len();
        // What the inlined code finds out is not known after the call.
        let known = self.known.clone();
        self.start(call);
        self.call_through(method, true, types, arguments);
        self.jump_with_result(on, before);
        self.start(inline);
        self.inline(expected, arguments)?;
        self.jump_with_result(on, before);
        self.known = known;
        self.start(on);
        if let Some(value) = result {
            self.push(Ty::of(types.ret), value);
        }
        Ok(())
    }

    /// The runtime call that does what a native method of `Object` does, where that is likely to be selected.
    fn library_call(&self, index: u16, m: MethodRef) -> Option<RuntimeCall> {
        if m.holder != self.jit.vm().wk.object() || !m.is_native() {
            return None;
        }
        match m.name.bytes() {
            b"hashCode" => Some(RuntimeCall::identity_hash),
            b"clone" if self.cp.member_class_name(index).bytes().starts_with(b"[") => {
                Some(RuntimeCall::clone_array)
            }
            _ => None,
        }
    }

    /// As `call` does where `expected` is selected, else an ordinary virtual call.
    fn call_or_runtime(
        &mut self,
        expected: MethodRef,
        call: RuntimeCall,
        types: &SiteTypes,
        arguments: &[Value],
    ) -> Result<(), Rejected> {
        let method = self.load_vtable(arguments[0], expected.vtable_index() as usize);
        let (native, other, on) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, ir_type(types.ret));
        let as_expected = self.b.ins().icmp_imm_u(IntCC::Equal, method, expected.as_raw() as i64);
        self.b.ins().brif(as_expected, native, &[], other, &[]);
        let before = self.stack.len();
        let known = self.known.clone();
        self.start(other);
        self.call_through(method, true, types, arguments);
        self.jump_with_result(on, before);
        self.start(native);
        let value = self.call_throwing(call, &[arguments[0]]).expect("the call has a result");
        self.b.ins().jump(on, &[value.into()]);
        self.known = known;
        self.start(on);
        self.push(Ty::of(types.ret), result);
        Ok(())
    }

    /// Goes to a block with what has been pushed beyond `before` entries.
    fn jump_with_result(&mut self, block: Block, before: usize) {
        let items = self.stack.split_off(before);
        let values: Vec<_> = items.into_iter().map(|i| self.materialise(i).into()).collect();
        self.b.ins().jump(block, &values);
    }

    fn load_vtable(&mut self, receiver: Value, index: usize) -> Value {
        let object = self.address(receiver);
        let class = self.load_class(object);
        let at = size_of::<Class>() + index * size_of::<MethodRef>();
        self.b.ins().load(I64, PLAIN, class, at as i32)
    }

    pub(super) fn invoke_interface(&mut self, index: u16) -> Result<(), Rejected> {
        let types = site_types(self.cp.member_name_and_type(index).1)?;
        let arguments = self.pop_arguments(types.params.len() + 1);
        let receiver = arguments[0];
        let object_method = self
            .cp
            .resolved_method(index)
            .filter(|m| !m.is_static() && m.vtable_index() >= 0 && !m.holder.is_interface());
        let method = match object_method {
            Some(m) => {
                self.null_check(receiver);
                self.load_vtable(receiver, m.vtable_index() as usize)
            }
            None => self.select_cached(RuntimeCall::select_interface, index, receiver)?,
        };
        self.profile_receiver(receiver);
        self.call_through(method, true, &types, &arguments);
        Ok(())
    }

    /// Selection by two inline caches, then by a search of the class's itable, then by the runtime, which also resolves,
    /// fills the caches, and throws for null.
    fn select_cached(&mut self, call: RuntimeCall, index: u16, receiver: Value) -> Result<Value, Rejected> {
        let cells = self.cells(2)?;
        self.extra.inline_caches.extend(cells);
        let cells = self.iconst(I64, cells.as_ptr() as i64);
        let (first, second, third, slow, on) = (
            self.b.create_block(),
            self.b.create_block(),
            self.b.create_block(),
            self.cold_block(),
            self.b.create_block(),
        );
        let result = self.b.append_block_param(on, I64);
        self.b.ins().brif(receiver, first, &[], slow, &[]);
        self.start(first);
        let object = self.address_of(receiver);
        let class = self.load_class(object);
        let id = self.b.ins().ireduce(I32, class);
        for (n, miss) in [(0, second), (1, third)] {
            let other = self.b.create_block();
            let entry = self.b.ins().load(I64, PLAIN, cells, 8 * n);
            let cached = self.b.ins().ireduce(I32, entry);
            let method = self.b.ins().ushr_imm_u(entry, 32);
            let hit = self.b.ins().icmp(IntCC::Equal, cached, id);
            self.b.ins().brif(hit, on, &[method.into()], other, &[]);
            self.start(other);
            // An empty cell: the runtime fills it.
            self.b.ins().brif(entry, miss, &[], slow, &[]);
            self.start(miss);
        }
        let resolved = self.cp.resolved_method(index);
        match resolved.and_then(|m| Some((m.holder, m.itable_index()?))) {
            Some((interface, n)) => {
                let (interface, n) =
                    (self.iconst(I64, interface.as_raw() as i64), self.iconst(I32, n as i64));
                let found = self
                    .call_runtime(RuntimeCall::search_itable, &[class, interface, n])
                    .expect("the call has a result");
                self.b.ins().brif(found, on, &[found.into()], slow, &[]);
            }
            None => {
                self.b.ins().jump(slow, &[]);
            }
        }
        self.start(slow);
        let (method, index) = (self.method_constant(), self.iconst(I32, i64::from(index)));
        let selected =
            self.call_throwing(call, &[method, index, receiver, cells]).expect("the call has a result");
        self.b.ins().jump(on, &[selected.into()]);
        self.start(on);
        self.known.not_null.insert(receiver);
        Ok(result)
    }

    // ---- method handles ----

    /// Whether a Methodref names a signature-polymorphic method (JVMS §2.9.3).
    fn is_polymorphic(&self, index: u16, name: Sym) -> bool {
        let vm = self.jit.vm();
        let class_name = self.cp.member_class_name(index);
        let class = if class_name == vm.sym.java_lang_invoke_method_handle {
            vm.wk.method_handle()
        } else if class_name == vm.sym.java_lang_invoke_var_handle {
            vm.wk.var_handle()
        } else {
            return false;
        };
        class.declared_methods_named(name).any(|m| {
            m.is_native()
                && m.is_varargs()
                && m.signature.symbol.bytes().starts_with(b"([Ljava/lang/Object;)")
        })
    }

    /// Only `java.lang.invoke` may use the intrinsics.
    fn is_library_of_handles(&self) -> bool {
        self.holder.same_package(self.jit.vm().wk.method_handle())
    }

    /// An intrinsic of `MethodHandle` in a class that may not use it: linkage fails each time.
    fn refuse_intrinsic(&mut self, index: u16, arguments: usize, ret: BasicType) {
        self.pop_arguments(arguments);
        let (method, index) = (self.method_constant(), self.iconst(I32, i64::from(index)));
        self.call_throwing(RuntimeCall::check_intrinsic, &[method, index]);
        if ret != BasicType::Void {
            self.push_const(Ty::of(ret), 0);
        }
    }

    fn link_to_kind(&self, index: u16, name: Sym) -> Option<MethodKind> {
        let sym = &self.jit.vm().sym;
        if self.cp.member_class_name(index) != sym.java_lang_invoke_method_handle {
            return None;
        }
        [
            (sym.link_to_virtual, MethodKind::LinkToVirtual),
            (sym.link_to_static, MethodKind::LinkToStatic),
            (sym.link_to_special, MethodKind::LinkToSpecial),
            (sym.link_to_interface, MethodKind::LinkToInterface),
        ]
        .into_iter()
        .find_map(|(s, kind)| (s == name).then_some(kind))
    }

    /// `invokeBasic`, and all other methods of handles, which are linked to an adapter.
    fn invoke_handle(&mut self, index: u16, name: Sym, mut types: SiteTypes) -> Result<(), Rejected> {
        let arguments = self.pop_arguments(types.params.len() + 1);
        self.profile_call();
        if name == self.jit.vm().sym.invoke_basic {
            let method = self.target_of_handle(arguments[0]);
            // The target is a static method that takes the handle as its first argument.
            self.call_through(method, true, &types, &arguments);
            return Ok(());
        }
        let handle = arguments[0];
        types.params.insert(0, BasicType::Reference);
        let linked = self.cp.slot(index).quick.load(Ordering::Acquire) as *const HandleCall;
        if linked.is_null() {
            let (method, index) = (self.method_constant(), self.iconst(I32, i64::from(index)));
            let call = self
                .call_throwing(RuntimeCall::link_handle, &[method, index])
                .expect("the call has a result");
            self.null_check(handle);
            return self.call_linked(call, types, arguments);
        }
        self.null_check(handle);
        self.call_adapter(linked, types, arguments)
    }

    /// `handle.form.vmentry.method.vmtarget`.
    fn target_of_handle(&mut self, handle: Value) -> Value {
        self.null_check(handle);
        let off = &self.jit.vm().off;
        let mut reference = handle;
        for offset in [off.method_handle_form(), off.lambda_form_vmentry(), off.member_name_method()] {
            let object = self.address_of(reference);
            reference = self.b.ins().load(I32, PLAIN, object, offset as i32);
        }
        let resolved = self.address_of(reference);
        self.b.ins().load(I64, PLAIN, resolved, off.resolved_method_vmtarget() as i32)
    }

    pub(super) fn invoke_dynamic(&mut self, index: u16) -> Result<(), Rejected> {
        let types = site_types(self.cp.member_name_and_type(index).1)?;
        let arguments = self.pop_arguments(types.params.len());
        self.profile_call();
        let code = self.method.code.load(Ordering::Acquire);
        // SAFETY: the method is linked, so its private code has the address of the site's record as operand.
        let site = unsafe {
            let operand = code.add(self.bci as usize + 1).cast::<u32>().read_unaligned();
            operand as usize as *const DynamicSite
        };
        // SAFETY: as above; records live as long as the method.
        let linked = unsafe { (*site).linked.load(Ordering::Acquire) };
        if !linked.is_null() {
            return self.call_adapter(linked, types, arguments);
        }
        let place = self.iconst(I64, site as i64);
        let known = self.b.ins().load(I64, PLAIN, place, offset_of!(DynamicSite, linked) as i32);
        let (slow, on) = (self.cold_block(), self.b.create_block());
        let call = self.b.append_block_param(on, I64);
        self.b.ins().brif(known, on, &[known.into()], slow, &[]);
        self.start(slow);
        let (method, bci) = (self.method_constant(), self.iconst(I32, i64::from(self.bci)));
        let found =
            self.call_throwing(RuntimeCall::link_dynamic, &[method, bci]).expect("the call has a result");
        self.b.ins().jump(on, &[found.into()]);
        self.start(on);
        self.call_linked(call, types, arguments)
    }

    /// Calls a linked site's adapter, known when the code is made, with the appendix as last argument.
    fn call_adapter(
        &mut self,
        linked: *const HandleCall,
        mut types: SiteTypes,
        mut arguments: Vec<Value>,
    ) -> Result<(), Rejected> {
        // SAFETY: a linked call lives as long as the method, and never changes.
        let HandleCall { adapter, appendix } = unsafe { *linked };
        if !appendix.is_null() {
            // Through its handle: the collector may move it.
            let handle = self.iconst(I64, appendix as i64);
            let appendix = self.b.ins().load(I32, PLAIN, handle, 0);
            arguments.push(appendix);
            types.params.push(BasicType::Reference);
        }
        self.call_direct(adapter, false, &types, &arguments)
    }

    /// As [`Self::call_adapter`] for a site that is linked when it is first run: `call` is the linked call's address.
    fn call_linked(
        &mut self,
        call: Value,
        mut types: SiteTypes,
        mut arguments: Vec<Value>,
    ) -> Result<(), Rejected> {
        let adapter = self.b.ins().load(I64, PLAIN, call, offset_of!(HandleCall, adapter) as i32);
        let handle = self.b.ins().load(I64, PLAIN, call, offset_of!(HandleCall, appendix) as i32);
        let (with, without, on) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let before = self.stack.len();
        let result =
            (types.ret != BasicType::Void).then(|| self.b.append_block_param(on, ir_type(types.ret)));
        self.b.ins().brif(handle, with, &[], without, &[]);
        self.start(without);
        self.call_through(adapter, false, &types, &arguments);
        self.jump_with_result(on, before);
        self.start(with);
        debug_assert_eq!(size_of::<ObjRef>(), 4);
        let appendix = self.b.ins().load(I32, PLAIN, handle, 0);
        arguments.push(appendix);
        types.params.push(BasicType::Reference);
        self.call_through(adapter, false, &types, &arguments);
        self.jump_with_result(on, before);
        self.start(on);
        if let Some(value) = result {
            self.push(Ty::of(types.ret), value);
        }
        Ok(())
    }

    /// `linkToStatic` and its kin: the last argument is the `MemberName` of the target.
    fn invoke_link_to(&mut self, kind: MethodKind, types: &SiteTypes) -> Result<(), Rejected> {
        let mut arguments = self.pop_arguments(types.params.len());
        let member = arguments.pop().ok_or_else(|| Rejected::Malformed("linkTo without arguments".into()))?;
        let receiver = match arguments.first() {
            Some(v) if kind != MethodKind::LinkToStatic => *v,
            _ => self.iconst(I32, 0),
        };
        let kind = self.iconst(I32, i64::from(kind as u8));
        let target = self
            .call_throwing(RuntimeCall::link_to, &[kind, member, receiver])
            .expect("the call has a result");
        let types = SiteTypes { params: types.params[..arguments.len()].to_vec(), ret: types.ret };
        self.call_through(target, false, &types, &arguments);
        Ok(())
    }
}
