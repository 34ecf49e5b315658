//! Operand stack and local variables.

use super::*;

impl Translator<'_> {
    pub(super) fn local_variable(&mut self, index: u16, ty: Ty) -> Variable {
        let key = (index, ty.number());
        if let Some(v) = self.locals.get(&key) {
            return *v;
        }
        let v = self.b.declare_var(ty.ir());
        self.locals.insert(key, v);
        v
    }

    pub(super) fn stack_variable(&mut self, depth: usize, ty: Ty) -> Variable {
        let key = (depth, ty.number());
        if let Some(v) = self.stack_variables.get(&key) {
            return *v;
        }
        let v = self.b.declare_var(ty.ir());
        self.stack_variables.insert(key, v);
        v
    }

    pub(super) fn load_local(&mut self, index: u16, ty: Ty) -> Value {
        if let Some((known, value)) = self.known.locals.get(&index)
            && known.number() == ty.number()
        {
            return *value;
        }
        let variable = self.local_variable(index, ty);
        let value = self.b.use_var(variable);
        self.known.locals.insert(index, (ty, value));
        if index == 0 && self.this_is_fixed && ty == Ty::Ref {
            self.known.not_null.insert(value);
        }
        value
    }

    pub(super) fn store_local(&mut self, index: u16, ty: Ty, value: Value) {
        let variable = self.local_variable(index, ty);
        self.b.def_var(variable, value);
        // A value of two slots overlaps its neighbours.
        if let Some(before) = index.checked_sub(1)
            && self.known.locals.get(&before).is_some_and(|(t, _)| t.is_wide())
        {
            self.known.locals.remove(&before);
        }
        if ty.is_wide() {
            self.known.locals.remove(&(index + 1));
        }
        self.known.locals.insert(index, (ty, value));
    }

    pub(super) fn push(&mut self, ty: Ty, value: Value) {
        self.stack.push(Item::Value(ty, value));
    }
    pub(super) fn push_int(&mut self, value: Value) {
        self.push(Ty::Int, value);
    }
    pub(super) fn push_const(&mut self, ty: Ty, bits: i64) {
        let value = match ty {
            Ty::Float => self.b.ins().f32const(f32::from_bits(bits as u32)),
            Ty::Double => self.b.ins().f64const(f64::from_bits(bits as u64)),
            _ => self.iconst(ty.ir(), if ty.is_wide() { bits } else { i64::from(bits as u32) }),
        };
        self.push(ty, value);
    }
    /// Verified code never pops from an empty stack; for unverified code the panic is the compile thread's, which
    /// gives the method up.
    pub(super) fn pop_item(&mut self) -> Item {
        self.stack.pop().expect("verified code keeps to its operand stack")
    }
    pub(super) fn pop(&mut self) -> Value {
        let item = self.pop_item();
        self.materialise(item)
    }
    /// A value whose type is as verified: what an int-like or reference instruction pops.
    pub(super) fn materialise(&mut self, item: Item) -> Value {
        match item {
            Item::Value(_, value) => value,
            Item::LongCompare(a, b) => {
                let greater = self.b.ins().icmp(IntCC::SignedGreaterThan, a, b);
                let less = self.b.ins().icmp(IntCC::SignedLessThan, a, b);
                self.difference(greater, less)
            }
            Item::FloatCompare(a, b, nan_is_greater) => {
                use cranelift_codegen::ir::condcodes::FloatCC;
                let (gt, lt) = if nan_is_greater {
                    (FloatCC::UnorderedOrGreaterThan, FloatCC::LessThan)
                } else {
                    (FloatCC::GreaterThan, FloatCC::UnorderedOrLessThan)
                };
                let greater = self.b.ins().fcmp(gt, a, b);
                let less = self.b.ins().fcmp(lt, a, b);
                self.difference(greater, less)
            }
        }
    }

    fn difference(&mut self, greater: Value, less: Value) -> Value {
        let greater = self.b.ins().uextend(I32, greater);
        let less = self.b.ins().uextend(I32, less);
        self.b.ins().isub(greater, less)
    }

    /// Turns comparisons on the stack into values.
    fn settle(&mut self) {
        for i in 0..self.stack.len() {
            let item = self.stack[i];
            if !matches!(item, Item::Value(..)) {
                let value = self.materialise(item);
                self.stack[i] = Item::Value(Ty::Int, value);
            }
        }
    }

    /// Puts the operand stack into variables, for the blocks that follow.
    pub(super) fn flush_stack(&mut self) {
        self.settle();
        for depth in 0..self.stack.len() {
            if let Item::Value(ty, value) = self.stack[depth] {
                let variable = self.stack_variable(depth, ty);
                self.b.def_var(variable, value);
            }
        }
    }

    /// `dup` and its kin: takes the top `moved` slots and inserts a copy of them below the `under` slots beneath.
    pub(super) fn duplicate(&mut self, moved: usize, under: usize) {
        let top = self.take_slots(moved);
        let below = self.take_slots(under);
        self.stack.extend(top.iter().chain(&below).chain(&top));
    }

    /// Pops items that make up `slots` slots; the result is in stack order.
    pub(super) fn take_slots(&mut self, slots: usize) -> Vec<Item> {
        self.settle();
        let (mut at, mut taken) = (self.stack.len(), 0);
        while taken < slots {
            at -= 1;
            taken += if self.stack[at].ty().is_wide() { 2 } else { 1 };
        }
        self.stack.split_off(at)
    }
}
