//! Field access (JVMS §4.10.1.9, §4.10.1.8).

use crate::check::Verifier;
use crate::fault::{Checked, Context, Origin, stop};
use crate::hierarchy::{ClassHierarchy, Member};
use crate::pool::{MemberInfo, Protection, tag};
use crate::types::Type;
use crate::view::ClassView;

impl<'a, C: ClassView<'a>, H: ClassHierarchy> Verifier<'a, '_, C, H> {
    /// The field that the instruction refers to, with its index and its place in the pool's cache.
    fn field_operand(&mut self, pc: u32, allow_arrays: bool) -> Checked<(u16, usize, MemberInfo<'a>), H> {
        let index = self.u2(pc);
        self.check_tag(pc, index, &[tag::FIELDREF])?;
        let (place, field) = self.pool.member(index, &mut self.types);
        let array = allow_arrays && self.types.is_array(field.class);
        if !self.types.is_object(field.class) && !array {
            let mut message = b"Expecting reference to class in class ".to_vec();
            message.extend_from_slice(&self.class.external_name());
            message.extend_from_slice(format!(" at constant pool index {index}").as_bytes());
            return Err(stop(Context::bad_type(pc, Origin::constant(index, field.class)), message));
        }
        Ok((index, place, field))
    }

    /// Pops the value of a field.
    fn pop_field(&mut self, field: &MemberInfo<'a>) -> Checked<(), H> {
        for &slot in self.pool.result(field.slots).iter().rev() {
            self.frame.pop(slot, &mut self.types)?;
        }
        Ok(())
    }

    /// `getstatic` and `putstatic`.
    pub(crate) fn static_field(&mut self, pc: u32, put: bool) -> Checked<(), H> {
        let (_, _, field) = self.field_operand(pc, true)?;
        if put { self.pop_field(&field) } else { self.frame.push_all::<H>(self.pool.result(field.slots)) }
    }

    pub(crate) fn get_field(&mut self, pc: u32) -> Checked<(), H> {
        let (_, place, field) = self.field_operand(pc, false)?;
        let object = self.pop(field.class)?;
        self.check_field_protection(pc, place, &field, object, "getfield")?;
        self.frame.push_all::<H>(self.pool.result(field.slots))
    }

    pub(crate) fn put_field(&mut self, pc: u32) -> Checked<(), H> {
        let (index, place, field) = self.field_operand(pc, false)?;
        self.pop_field(&field)?;
        let mut object = self.frame.pop_any::<H>()?;
        // A constructor may set fields of its own class before it calls another one.
        if object == Type::UNINITIALIZED_THIS
            && field.class == self.this_type
            && self.class.declares_field(field.name, field.descriptor)
        {
            object = self.this_type;
        }
        if !self.types.is_assignable(object, field.class, false)? {
            let expected = Origin::constant(index, field.class);
            let context = Context::type_mismatch(pc, self.frame.popped(), expected);
            return Err(stop(context, "Bad type on operand stack in putfield"));
        }
        self.check_field_protection(pc, place, &field, object, "putfield")
    }

    /// The object of an access to a protected field of a superclass in another package must be of the current
    /// class.
    #[inline]
    fn check_field_protection(
        &mut self,
        pc: u32,
        place: usize,
        field: &MemberInfo<'a>,
        object: Type,
        mnemonic: &str,
    ) -> Checked<(), H> {
        if object == self.this_type {
            return Ok(());
        }
        let member = Member::Field { name: field.name, descriptor: field.descriptor };
        if !self.is_protected(place, field, member, true)? {
            return Ok(());
        }
        if self.types.is_assignable(object, self.this_type, true)? {
            return Ok(());
        }
        Err(self.bad_operand(pc, Some(self.this_type), format!("Bad access to protected data in {mnemonic}")))
    }

    /// Whether a member of a superclass is protected and declared in another package. The superclass is loaded
    /// for that; members of other classes need no such check. With `own`, what is loaded must be a superclass and
    /// not merely have the name of one.
    pub(crate) fn is_protected(
        &mut self,
        place: usize,
        info: &MemberInfo<'a>,
        member: Member<'a>,
        own: bool,
    ) -> Checked<bool, H> {
        if info.protection != Protection::Unknown {
            return Ok(info.protection == Protection::Elsewhere);
        }
        let mut elsewhere = false;
        if self.types.hierarchy.has_superclass_named(self.types.name(info.class)) {
            let class = self.types.load(info.class)?;
            let hierarchy = &self.types.hierarchy;
            elsewhere = (!own || hierarchy.current_is_subclass_of(class))
                && hierarchy.is_protected_elsewhere(class, member);
        }
        let protection = if elsewhere { Protection::Elsewhere } else { Protection::None };
        self.pool.set_protection(place, protection);
        Ok(elsewhere)
    }
}
