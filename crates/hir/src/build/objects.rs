//! Fields, arrays, allocation, type tests, constants.

use super::{Builder, Rejected, trusted_class};
use crate::env::Assumption;
use crate::env::{ClassId, Constant};
use crate::ir::{Known, Type, Value};
use crate::op::{Cond, MadeException, Op, Reason, TypeTest};
use caturra_bytecode::BasicType;

impl Builder<'_> {
    pub(super) fn constant_op(constant: Constant) -> Op {
        match constant {
            Constant::Int(v) => Op::Int(v),
            Constant::Long(v) => Op::Long(v),
            Constant::Float(bits) => Op::Float(bits),
            Constant::Double(bits) => Op::Double(bits),
            Constant::Null => Op::Null,
            Constant::Ref(r) => Op::Ref(r),
        }
    }

    pub(super) fn load_constant(&mut self, cp: u16) -> Result<(), Rejected> {
        match self.env.constant(self.scope.method, cp) {
            Some(constant) => {
                let v = self.constant(Self::constant_op(constant));
                self.push(v);
                Ok(())
            }
            None => self.deopt(Reason::Unresolved),
        }
    }

    fn known_by_descriptor(&self, cp: u16) -> Known {
        self.known_by_type(self.scope.method, self.env.member_descriptor(self.scope.method, cp))
    }

    pub(super) fn get_static(&mut self, cp: u16) -> Result<(), Rejected> {
        let Some(field) = self.env.field(self.scope.method, cp, true, false) else {
            return self.deopt(Reason::Unresolved);
        };
        if let Some(constant) = self.env.static_constant(&field) {
            let v = self.constant(Self::constant_op(constant));
            self.push(v);
            return Ok(());
        }
        let v = self.emit(Op::LoadStatic(field), &[]);
        if field.ty == BasicType::Reference {
            let known = self.known_by_descriptor(cp);
            self.set_known(v, known);
        }
        self.push(v);
        Ok(())
    }

    pub(super) fn put_static(&mut self, cp: u16) -> Result<(), Rejected> {
        let Some(field) = self.env.field(self.scope.method, cp, true, true) else {
            return self.deopt(Reason::Unresolved);
        };
        let value = self.pop_stored(field.ty)?;
        let block = self.block();
        self.f.push(block, Op::StoreStatic(field), &[value], None);
        Ok(())
    }

    /// The value for a field; of a boolean one the lowest bit.
    fn pop_stored(&mut self, ty: BasicType) -> Result<Value, Rejected> {
        let value = self.pop(Type::of(ty).ok_or(Rejected::Malformed("void field"))?)?;
        if ty != BasicType::Boolean {
            return Ok(value);
        }
        let one = self.int(1);
        Ok(self.emit(Op::Binary(crate::op::BinaryOp::And, Type::I32), &[value, one]))
    }

    pub(super) fn get_field(&mut self, cp: u16) -> Result<(), Rejected> {
        let Some(field) = self.env.field(self.scope.method, cp, false, false) else {
            return self.deopt(Reason::Unresolved);
        };
        let object = self.pop(Type::Ref)?;
        if let Some(Op::Ref(r)) = self.f.op(object)
            && let Some(constant) = self.env.field_constant(r, &field)
        {
            let v = self.constant(Self::constant_op(constant));
            self.push(v);
            return Ok(());
        }
        self.null_check(object)?;
        let v = self.emit(Op::LoadField(field), &[object]);
        if field.ty == BasicType::Reference {
            let known = self.known_by_descriptor(cp);
            self.set_known(v, known);
        }
        self.push(v);
        Ok(())
    }

    pub(super) fn put_field(&mut self, cp: u16) -> Result<(), Rejected> {
        let Some(field) = self.env.field(self.scope.method, cp, false, true) else {
            return self.deopt(Reason::Unresolved);
        };
        let value = self.pop_stored(field.ty)?;
        let object = self.pop(Type::Ref)?;
        self.null_check(object)?;
        let block = self.block();
        self.f.push(block, Op::StoreField(field), &[object, value], None);
        Ok(())
    }

    // ---- arrays ----

    /// The length, after a check for null.
    pub(super) fn array_length(&mut self, array: Value) -> Result<Value, Rejected> {
        self.null_check(array)?;
        if let Some(Op::Ref(r)) = self.f.op(array)
            && let Some(length) = self.env.array_length(r)
        {
            return Ok(self.int(length));
        }
        Ok(self.emit(Op::ArrayLength, &[array]))
    }

    fn check_element(&mut self, array: Value, index: Value) -> Result<(), Rejected> {
        let length = self.array_length(array)?;
        if let (Some(i), Some(n)) =
            (crate::fold::integer(&self.f, index), crate::fold::integer(&self.f, length))
            && (0..n).contains(&i)
        {
            return Ok(());
        }
        if self.fails_often(Reason::Bounds) {
            let is = self.emit(Op::Compare(Cond::Below, Type::I32), &[index, length]);
            self.throw_unless(is, MadeException::Bounds, &[index, length])?;
        }
        let state = self.state_before();
        self.emit_with(Op::BoundsCheck, &[index, length], state);
        Ok(())
    }

    pub(super) fn load_element(&mut self, ty: BasicType) -> Result<(), Rejected> {
        let index = self.pop(Type::I32)?;
        let array = self.pop(Type::Ref)?;
        self.check_element(array, index)?;
        let v = self.emit(Op::LoadElem(ty), &[array, index]);
        if ty == BasicType::Reference
            && let Some(component) = self.known(array).class.and_then(|c| self.env.component(c))
            && !self.env.is_interface(component)
        {
            let exact = self.env.is_final(component);
            self.set_known(v, Known { not_null: false, class: Some(component), exact });
        }
        self.push(v);
        Ok(())
    }

    pub(super) fn store_element(&mut self, ty: BasicType) -> Result<(), Rejected> {
        let mut value = self.pop(Type::of(ty).ok_or(Rejected::Malformed("void element"))?)?;
        let index = self.pop(Type::I32)?;
        let array = self.pop(Type::Ref)?;
        self.check_element(array, index)?;
        let known = self.known(array);
        match ty {
            BasicType::Reference if !self.may_store(known, value) => {
                self.may_fail(Reason::ArrayStore)?;
                let state = self.state_before();
                self.emit_with(Op::StoreCheck, &[array, value], state);
            }
            BasicType::Byte => match known.class.and_then(|c| self.env.element_type(c)) {
                Some(BasicType::Byte) => {}
                _ => value = self.emit(Op::MaskForArray, &[array, value]),
            },
            _ => {}
        }
        let block = self.block();
        self.f.push(block, Op::StoreElem(ty), &[array, index, value], None);
        Ok(())
    }

    /// Whether an array of which that is known takes the reference.
    fn may_store(&self, array: Known, value: Value) -> bool {
        if self.f.op(value) == Some(Op::Null) {
            return true;
        }
        let (Some(class), Some(stored)) = (array.class.filter(|_| array.exact), self.known(value).class)
        else {
            return false;
        };
        self.env.component(class).is_some_and(|component| self.env.is_subclass(stored, component))
    }

    pub(super) fn size_check(&mut self, length: Value) -> Result<(), Rejected> {
        if crate::fold::integer(&self.f, length).is_some_and(|n| n >= 0)
            || self.f.op(length) == Some(Op::ArrayLength)
        {
            return Ok(());
        }
        self.may_fail(Reason::NegativeSize)?;
        let state = self.state_before();
        self.emit_with(Op::SizeCheck, &[length], state);
        Ok(())
    }

    fn push_new(&mut self, op: Op, args: &[Value], class: ClassId) -> Result<(), Rejected> {
        let state = self.state_after();
        let v = self.emit_with(op, args, state).ok_or(Rejected::Malformed("allocation"))?;
        self.set_known(v, Known { not_null: true, class: Some(class), exact: true });
        self.push(v);
        Ok(())
    }

    pub(super) fn new_object(&mut self, cp: u16) -> Result<(), Rejected> {
        match self.env.class_at(self.scope.method, cp).filter(|c| self.env.can_instantiate(*c)) {
            Some(class) => self.push_new(Op::New(class), &[], class),
            None => self.deopt(Reason::Unresolved),
        }
    }

    pub(super) fn new_array(&mut self, class: ClassId, element: BasicType) -> Result<(), Rejected> {
        let length = self.pop(Type::I32)?;
        self.size_check(length)?;
        self.push_new(Op::NewArray(class, element), &[length], class)
    }

    pub(super) fn new_multi_array(&mut self, cp: u16, dimensions: u8) -> Result<(), Rejected> {
        let Some(class) = self.env.class_at(self.scope.method, cp) else {
            return self.deopt(Reason::Unresolved);
        };
        let mut lengths = Vec::new();
        for _ in 0..dimensions {
            lengths.insert(0, self.pop(Type::I32)?);
        }
        for &length in &lengths {
            self.size_check(length)?;
        }
        self.push_new(Op::NewMultiArray(class), &lengths, class)
    }

    // ---- type tests ----

    /// What is known of an object that has passed a test.
    pub(super) fn known_by_test(&self, test: TypeTest) -> Known {
        let mut element = test.class;
        while let Some(component) = self.env.component(element) {
            element = component;
        }
        if self.env.is_interface(element) {
            return Known::default();
        }
        Known { not_null: false, class: Some(test.class), exact: test.exact || self.env.is_final(test.class) }
    }

    /// The test for a class; where it is to be compared exactly by an assumption, that is recorded.
    pub(super) fn type_test(&mut self, class: ClassId) -> TypeTest {
        let mut exact = self.env.is_final(class);
        if !exact && self.env.is_leaf(class) {
            self.f.assume(Assumption::LeafClass(class));
            exact = true;
        }
        TypeTest { class, exact }
    }

    /// Whether an object is known to be, or (where it is not null) not to be, an instance.
    pub(super) fn decide(&self, known: Known, class: ClassId) -> Option<bool> {
        let of = known.class?;
        if self.env.is_subclass(of, class) {
            return Some(true);
        }
        let apart = known.exact
            || !self.env.is_interface(class)
                && self.env.component(of).is_none()
                && self.env.component(class).is_none()
                && !self.env.is_subclass(class, of);
        apart.then_some(false)
    }

    pub(super) fn check_cast(&mut self, cp: u16) -> Result<(), Rejected> {
        let object = self.pop(Type::Ref)?;
        if self.f.op(object) == Some(Op::Null) {
            self.push(object);
            return Ok(());
        }
        let Some(class) = self.env.class_at(self.scope.method, cp) else {
            return self.unresolved_test(object, None);
        };
        if self.decide(self.known(object), class) == Some(true) {
            self.push(object);
            return Ok(());
        }
        let test = self.profiled_test(class);
        if self.fails_often(Reason::ClassCast) {
            self.throw_unless_instance(object, test)?;
        }
        let state = self.state_before();
        self.emit_with(Op::CastCheck(test), &[object], state);
        let known = self.known_by_test(test);
        self.learn(object, known);
        self.push(object);
        Ok(())
    }

    /// A cast whose object the profile has seen of one class only is tested for that class.
    fn profiled_test(&mut self, class: ClassId) -> TypeTest {
        let (method, bci) = (self.scope.method, self.bci);
        let general = self.env.is_interface(class) || self.env.component(class).is_some();
        if general
            && !self.env.too_many_deopts(method, bci, Reason::ClassCast)
            && let Some(profile) = self.env.type_profile(method, bci)
            && let ([(only, _)], 0) = (profile.classes.as_slice(), profile.others)
            && self.env.is_subclass(*only, class)
        {
            return TypeTest { class: *only, exact: true };
        }
        self.type_test(class)
    }

    pub(super) fn instance_of(&mut self, cp: u16) -> Result<(), Rejected> {
        let object = self.pop(Type::Ref)?;
        let Some(class) = self.env.class_at(self.scope.method, cp) else {
            let zero = self.int(0);
            return self.unresolved_test(object, Some(zero));
        };
        let known = self.known(object);
        let v = match self.decide(known, class) {
            Some(false) => self.int(0),
            Some(true) if known.not_null => self.int(1),
            Some(true) => {
                let null = self.constant(Op::Null);
                self.emit(Op::Compare(crate::op::Cond::Ne, Type::Ref), &[object, null])
            }
            None => {
                let test = self.type_test(class);
                self.emit(Op::InstanceOf(test), &[object])
            }
        };
        self.push(v);
        Ok(())
    }

    /// A test against a class that is not resolved: so far only null has been here.
    fn unresolved_test(&mut self, object: Value, result: Option<Value>) -> Result<(), Rejected> {
        if self.env.too_many_deopts(self.scope.method, self.bci, Reason::Unresolved) {
            return Err(Rejected::Deoptimises(Reason::Unresolved));
        }
        let null = self.constant(Op::Null);
        let is_null = self.emit(Op::Compare(crate::op::Cond::Eq, Type::Ref), &[object, null]);
        let state = self.state_before();
        self.emit_with(Op::Guard(Reason::Unresolved), &[is_null], state);
        self.push(result.unwrap_or(object));
        Ok(())
    }

    /// What is known of a call's result by its descriptor.
    pub(super) fn known_result(&self, descriptor: &[u8]) -> Known {
        let at = descriptor.iter().position(|&b| b == b')').map_or(descriptor.len(), |p| p + 1);
        let class = trusted_class(self.env, self.scope.method, &descriptor[at..]);
        Known { not_null: false, class, exact: class.is_some_and(|c| self.env.is_final(c)) }
    }
}
