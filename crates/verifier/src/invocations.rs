//! Calls (JVMS §4.10.1.9), of constructors in particular.

use caturra_bytecode::Opcode;

use crate::check::Verifier;
use crate::fault::{Checked, Context, Origin, Stop, stop};
use crate::hierarchy::{ClassHierarchy, Member};
use crate::pool::{MemberInfo, NameKind, tag};
use crate::types::Type;
use crate::view::ClassView;

/// From this class-file version on there is `invokedynamic`.
const INVOKEDYNAMIC_MAJOR: u16 = 51;
/// From this class-file version on interfaces have static and private methods.
const INTERFACE_METHODS_MAJOR: u16 = 52;

impl<'a, C: ClassView<'a>, H: ClassHierarchy> Verifier<'a, '_, C, H> {
    /// Any call; whether it has initialized `this`.
    pub(crate) fn invoke(&mut self, pc: u32, opcode: Opcode) -> Checked<bool, H> {
        let index = self.u2(pc);
        let tags: &[u8] = match opcode {
            Opcode::Invokeinterface => &[tag::INTERFACE_METHODREF],
            Opcode::Invokedynamic => &[tag::INVOKE_DYNAMIC],
            Opcode::Invokespecial | Opcode::Invokestatic
                if self.class.major_version() >= INTERFACE_METHODS_MAJOR =>
            {
                &[tag::METHODREF, tag::INTERFACE_METHODREF]
            }
            _ => &[tag::METHODREF],
        };
        let tag = self.check_tag(pc, index, tags)?;
        if opcode == Opcode::Invokedynamic && self.class.major_version() < INVOKEDYNAMIC_MAJOR {
            return Err(self.unsupported_invokedynamic());
        }
        let (place, method) = self.pool.member(index, &mut self.types);
        self.check_call_operands(pc, opcode, &method)?;
        match method.kind {
            NameKind::Ordinary if opcode == Opcode::Invokespecial => {
                self.check_special(pc, method.class, tag == tag::INTERFACE_METHODREF)?;
            }
            NameKind::Ordinary => {}
            NameKind::Initializer if opcode == Opcode::Invokespecial => {}
            NameKind::Initializer | NameKind::Internal => {
                return Err(stop(Context::bad_code(pc), "Illegal call to internal method"));
            }
        }
        for &slot in self.pool.arguments(method.slots).iter().rev() {
            self.frame.pop(slot, &mut self.types)?;
        }
        let mut initialized_this = false;
        match opcode {
            Opcode::Invokestatic | Opcode::Invokedynamic => {}
            _ if method.kind == NameKind::Initializer => {
                initialized_this = self.initialize_object(pc, index, place, &method)?;
            }
            Opcode::Invokespecial => {
                self.pop(self.this_type)?;
            }
            Opcode::Invokevirtual => {
                let object = self.pop(method.class)?;
                self.check_method_protection(pc, place, &method, object)?;
            }
            _ => {
                self.pop(method.class)?;
            }
        }
        if method.slots.has_result() {
            // Only class files whose format went unchecked come this far.
            if method.kind == NameKind::Initializer {
                let message = "Return type must be void in <init> method";
                return Err(stop(Context::bad_code(pc), message));
            }
            self.frame.push_all::<H>(self.pool.result(method.slots))?;
        }
        Ok(initialized_this)
    }

    #[cold]
    fn unsupported_invokedynamic(&self) -> Stop<H::Error> {
        Stop::Format(Box::new(format!(
            "invokedynamic instructions not supported by this class file version ({}), class {}",
            self.class.major_version(),
            caturra_bytecode::mutf8::to_string_lossy(&self.class.external_name())
        )))
    }

    /// The operands of `invokeinterface` and `invokedynamic` beside the index.
    #[inline]
    fn check_call_operands(&self, pc: u32, opcode: Opcode, method: &MemberInfo<'a>) -> Checked<(), H> {
        let message = match opcode {
            Opcode::Invokeinterface => {
                let [count, zero] = self.u2(pc + 2).to_be_bytes();
                if usize::from(count) != method.slots.argument_count() + 1 {
                    "Inconsistent args count operand in invokeinterface"
                } else if zero != 0 {
                    "Fourth operand byte of invokeinterface must be zero"
                } else {
                    return Ok(());
                }
            }
            Opcode::Invokedynamic if self.u2(pc + 2) != 0 => {
                "Third and fourth operand bytes of invokedynamic must be zero"
            }
            _ => return Ok(()),
        };
        Err(stop(Context::bad_code(pc), message))
    }

    /// `invokespecial` of an ordinary method names the current class, its superclass, a direct superinterface, or
    /// by a class method reference another superclass.
    fn check_special(&mut self, pc: u32, class: Type, interface_method: bool) -> Checked<(), H> {
        if class == self.this_type || Some(class) == self.super_type() {
            return Ok(());
        }
        if self.class.has_direct_interface(self.types.name(class)) {
            return Ok(());
        }
        let message = if !self.types.is_assignable(self.this_type, class, false)? {
            "Bad invokespecial instruction: current class isn't assignable to reference class."
        } else if interface_method {
            "Bad invokespecial instruction: interface method reference is in an indirect superinterface."
        } else {
            return Ok(());
        };
        Err(stop(Context::bad_code(pc), message))
    }

    /// The receiver of a call to a protected method of a superclass in another package must be of the current
    /// class, but for `clone` of arrays.
    #[inline]
    fn check_method_protection(
        &mut self,
        pc: u32,
        place: usize,
        method: &MemberInfo<'a>,
        object: Type,
    ) -> Checked<(), H> {
        if object == self.this_type {
            return Ok(());
        }
        let member = Member::Method { name: method.name, descriptor: method.descriptor };
        if !self.is_protected(place, method, member, true)? {
            return Ok(());
        }
        if method.class == Type::OBJECT && method.name == b"clone" && self.types.is_array(object) {
            return Ok(());
        }
        if self.types.is_assignable(object, self.this_type, true)? {
            return Ok(());
        }
        Err(self.bad_operand(pc, Some(self.this_type), "Bad access to protected data in invokevirtual"))
    }

    /// A call of `<init>` on what is on top of the stack; whether that was `this`.
    fn initialize_object(
        &mut self,
        pc: u32,
        index: u16,
        place: usize,
        method: &MemberInfo<'a>,
    ) -> Checked<bool, H> {
        let object = self.pop(Type::ANY_REFERENCE)?;
        if object == Type::UNINITIALIZED_THIS {
            if method.class != self.this_type && Some(method.class) != self.super_type() {
                let (actual, expected) = (Origin::implicit(method.class), Origin::implicit(self.this_type));
                let context = Context::type_mismatch(pc, actual, expected);
                return Err(stop(context, "Bad <init> method call"));
            }
            // Handlers of this call see `this` as it was, and may only throw.
            self.check_handlers(pc, true)?;
            self.frame.initialize(object, self.this_type);
            return Ok(true);
        }
        if !object.is_uninitialized() {
            return Err(self.bad_operand(pc, None, "Bad operand type when invoking <init>"));
        }
        let new_index = self.u2(object.new_pc().into());
        self.check_tag(pc, new_index, &[tag::CLASS])?;
        let class = self.pool.class_type(new_index, &mut self.types);
        if class != method.class {
            let (actual, expected) =
                (Origin::constant(new_index, class), Origin::constant(index, method.class));
            return Err(stop(Context::type_mismatch(pc, actual, expected), "Call to wrong <init> method"));
        }
        let member = Member::Method { name: method.name, descriptor: method.descriptor };
        if self.is_protected(place, method, member, false)?
            && !self.types.is_assignable(class, self.this_type, true)?
        {
            let (actual, expected) = (Origin::constant(new_index, class), Origin::implicit(self.this_type));
            let context = Context::type_mismatch(pc, actual, expected);
            return Err(stop(context, "Bad access to protected <init> method"));
        }
        self.check_handlers(pc, false)?;
        self.frame.initialize(object, class);
        Ok(false)
    }
}
