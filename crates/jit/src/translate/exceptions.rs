//! Exception edges: the search for a handler, and the exit with a pending exception (JVMS §2.10).

use super::*;
use caturra_kernel::oops::method::ExceptionEntry;
use caturra_kernel::runtime::thread::POLL_END;

impl Translator<'_> {
    /// Rows of the exception table that cover `bci`, in order, up to the first that catches everything.
    fn rows_at(&self, bci: u32) -> Vec<u16> {
        let mut rows = Vec::new();
        for (n, row) in self.method.exception_table.iter().enumerate() {
            if u32::from(row.start) <= bci && bci < u32::from(row.end) {
                rows.push(n as u16);
                if row.catch_type == 0 {
                    break;
                }
            }
        }
        rows
    }

    /// Where to go with an exception pending at the present bytecode index.
    pub(super) fn exception_edge(&mut self) -> Block {
        let rows = self.rows_at(self.bci);
        if let Some(inlined) = &self.inlined {
            // Inlined methods have no handlers.
            return inlined.edge;
        }
        if rows.is_empty() {
            return self.unwind();
        }
        if let Some(block) = self.dispatches.get(&rows) {
            return *block;
        }
        let block = self.cold_block();
        self.dispatches.insert(rows.clone(), block);
        self.pending_dispatches.push((rows, block, self.bci));
        block
    }

    fn unwind(&mut self) -> Block {
        match self.unwind {
            Some(block) => block,
            None => {
                let block = self.cold_block();
                self.unwind = Some(block);
                block
            }
        }
    }

    /// The exit for an exception that is thrown before the method has begun: nothing is locked.
    pub(super) fn unwind_before_lock(&mut self) -> Block {
        if !self.method.is_synchronized() || self.osr.is_some() {
            return self.unwind();
        }
        let block = self.cold_block();
        self.early_exit = Some(block);
        block
    }

    fn return_nothing(&mut self) {
        let value = match self.method.ret {
            BasicType::Void => None,
            ty => Some(match ir_type(ty) {
                F32 => self.b.ins().f32const(0.0),
                F64 => self.b.ins().f64const(0.0),
                int => self.iconst(int, 0),
            }),
        };
        self.return_values(value);
    }

    /// Goes to the exception edge when an exception is pending.
    pub(super) fn check_pending(&mut self) {
        let pending = self.load_thread(I32, thread::PENDING);
        let edge = self.exception_edge();
        let on = self.b.create_block();
        self.b.ins().brif(pending, edge, &[], on, &[]);
        self.start(on);
    }

    /// After a call of Java code: an exception, or a poll, which so needs none of its own at returns.
    pub(super) fn check_after_call(&mut self) {
        let attention = self.load_thread(I64, thread::ATTENTION);
        let edge = self.exception_edge();
        let (look, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(attention, look, &[], on, &[]);
        self.start(look);
        self.poll_at(edge, on);
    }

    /// Stops where that is asked for, and goes to `edge` with an exception, else to `on`, where translation goes on.
    pub(super) fn poll_at(&mut self, edge: Block, on: Block) {
        self.call_runtime(RuntimeCall::poll, &[]);
        let pending = self.load_thread(I32, thread::PENDING);
        self.b.ins().brif(pending, edge, &[], on, &[]);
        self.start(on);
    }

    /// Throws by `call` when `condition` is not zero, and goes to `edge`.
    pub(super) fn throw_if_to(
        &mut self,
        condition: Value,
        call: RuntimeCall,
        arguments: &[Value],
        edge: Block,
    ) {
        let (throw, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(condition, throw, &[], on, &[]);
        self.start(throw);
        self.call_runtime(call, arguments);
        self.b.ins().jump(edge, &[]);
        self.start(on);
    }

    /// Throws by `call` when `condition` is zero.
    pub(super) fn throw_unless(&mut self, condition: Value, call: RuntimeCall, arguments: &[Value]) {
        let edge = self.exception_edge();
        let (throw, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(condition, on, &[], throw, &[]);
        self.start(throw);
        self.call_runtime(call, arguments);
        self.b.ins().jump(edge, &[]);
        self.start(on);
    }

    /// `NullPointerException` for null.
    pub(super) fn null_check(&mut self, reference: Value) {
        if self.known.not_null.insert(reference) {
            self.throw_unless(reference, RuntimeCall::throw_null, &[]);
        }
    }

    pub(super) fn athrow(&mut self) {
        let exception = self.pop();
        self.null_check(exception);
        self.store_thread(exception, thread::PENDING);
        let edge = self.exception_edge();
        self.b.ins().jump(edge, &[]);
    }

    /// Fills in the dispatch blocks; doing that may ask for more.
    pub(super) fn emit_dispatches(&mut self) -> Result<(), Rejected> {
        while let Some((rows, block, bci)) = self.pending_dispatches.pop() {
            self.b.switch_to_block(block);
            self.known = Known::default();
            self.bci = bci;
            self.locate();
            self.dispatch(&rows);
        }
        Ok(())
    }

    fn dispatch(&mut self, rows: &[u16]) {
        // What the code that threw had in registers is dead, and must not keep objects alive: a handler of
        // OutOfMemoryError relies on it.
        self.call_runtime(RuntimeCall::scrub, &[]);
        self.leave_when_vm_ends();
        let mut exception = self.load_thread(I32, thread::PENDING);
        for &n in rows {
            let row: ExceptionEntry = self.method.exception_table[usize::from(n)];
            if row.catch_type == 0 {
                self.enter_handler(exception, row.handler);
                return;
            }
            let matches = match self.cp.resolved_class(row.catch_type) {
                Some(class) => self.type_test(exception, class),
                None => {
                    let (method, index) =
                        (self.method_constant(), self.iconst(I32, i64::from(row.catch_type)));
                    let result = self
                        .call_runtime(RuntimeCall::catch_matches, &[method, index])
                        .expect("the call has a result");
                    self.raise_at_handler(result, n, row.handler);
                    exception = self.load_thread(I32, thread::PENDING);
                    self.b.ins().icmp_imm_u(IntCC::Equal, result, 1)
                }
            };
            let (hit, miss) = (self.b.create_block(), self.b.create_block());
            self.b.ins().brif(matches, hit, &[], miss, &[]);
            self.start(hit);
            self.enter_handler(exception, row.handler);
            self.start(miss);
        }
        let unwind = self.unwind();
        self.b.ins().jump(unwind, &[]);
    }

    /// When the VM ends, its threads leave all their frames and no handler catches any more.
    fn leave_when_vm_ends(&mut self) {
        let asked = self.load_thread(I32, thread::POLL);
        let ends = self.b.ins().band_imm_u(asked, i64::from(POLL_END));
        let (unwind, on) = (self.unwind(), self.b.create_block());
        self.b.ins().brif(ends, unwind, &[], on, &[]);
        self.start(on);
    }

    /// A catch type that cannot be resolved: the error is raised at the handler, unless the handler would catch it by
    /// the same row.
    fn raise_at_handler(&mut self, result: Value, row: u16, handler: u16) {
        if self.rows_at(u32::from(handler)).contains(&row) {
            return;
        }
        let here = std::mem::replace(&mut self.bci, u32::from(handler));
        let edge = self.exception_edge();
        self.bci = here;
        let failed = self.b.ins().icmp_imm_u(IntCC::Equal, result, 2);
        let on = self.b.create_block();
        self.b.ins().brif(failed, edge, &[], on, &[]);
        self.start(on);
    }

    fn enter_handler(&mut self, exception: Value, handler: u16) {
        let none = self.iconst(I32, 0);
        self.store_thread(none, thread::PENDING);
        self.profile_handler(handler);
        let variable = self.stack_variable(0, Ty::Ref);
        self.b.def_var(variable, exception);
        let block = self.ir_block_at(u32::from(handler));
        self.b.ins().jump(block, &[]);
    }

    /// Fills in the exit with an exception.
    pub(super) fn emit_unwind(&mut self) {
        if let Some(block) = self.early_exit {
            self.b.switch_to_block(block);
            self.return_nothing();
        }
        let Some(block) = self.unwind else { return };
        self.b.switch_to_block(block);
        if let Some(lock) = self.lock {
            let object = self.b.use_var(lock);
            // Null: the method's return has left the monitor, and failed.
            let (locked, on) = (self.cold_block(), self.cold_block());
            self.b.ins().brif(object, locked, &[], on, &[]);
            self.start(locked);
            self.call_runtime(RuntimeCall::unlock_unwinding, &[object]);
            self.b.ins().jump(on, &[]);
            self.start(on);
        }
        self.return_nothing();
    }

    /// `ireturn` and its kin.
    pub(super) fn return_from_method(&mut self) {
        let value = match self.method.ret {
            BasicType::Void => {
                if self.method.has(MethodFlags::OBJECT_INITIALIZER) {
                    let this = self.load_local(0, Ty::Ref);
                    self.register_finalizer(this);
                }
                None
            }
            ty => {
                let value = self.pop();
                Some(self.narrow(ty, value))
            }
        };
        if let Some(inlined) = &self.inlined {
            let exit = inlined.exit;
            let values: Vec<_> = value.into_iter().map(Into::into).collect();
            self.b.ins().jump(exit, &values);
            return;
        }
        if let Some(lock) = self.lock {
            let object = self.b.use_var(lock);
            let none = self.iconst(I32, 0);
            self.b.def_var(lock, none);
            self.exit_monitor(object);
        }
        self.return_values(value);
    }

    /// A value as a field, element or result of a type narrower than int holds it (JVMS §6.5 ireturn).
    pub(super) fn narrow(&mut self, ty: BasicType, value: Value) -> Value {
        match ty {
            BasicType::Boolean => self.b.ins().band_imm_u(value, 1),
            BasicType::Byte => self.extended(value, I8, true),
            BasicType::Char => self.b.ins().band_imm_u(value, 0xffff),
            BasicType::Short => self.extended(value, cranelift_codegen::ir::types::I16, true),
            _ => value,
        }
    }

    fn extended(&mut self, value: Value, ty: Type, signed: bool) -> Value {
        let narrow = self.b.ins().ireduce(ty, value);
        if signed { self.b.ins().sextend(I32, narrow) } else { self.b.ins().uextend(I32, narrow) }
    }
}
