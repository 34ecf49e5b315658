//! Calls from compiled code into the VM: one row of one table each.
//!
//! An `anchored` call may walk the stack, stop, allocate, call Java and throw; with an exception it leaves the exception
//! pending and its result is 0. A `preserving` one may do the same, but takes no register from its caller: for slow
//! paths, which then cost the fast path nothing; a result goes through `Thread::slow_result`. A `plain` one is a C
//! function that does none of all this. A `replacing` one is anchored, and does the rest of its caller's work: the caller's
//! frame is not seen any more. A `counting` one notes a class in a profile, and takes no register from its caller. The one
//! `scrubbing` call leaves no old value in any register.

use crate::helpers;
use crate::x86_64;
use cranelift_codegen::ir::types::{F32, F64, I32, I64};
use cranelift_codegen::ir::{AbiParam, Signature, Type};
use cranelift_codegen::isa::CallConv;

/// How a runtime call is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Anchored,
    Preserving,
    Plain,
    Replacing,
    Counting,
    Scrubbing,
}

macro_rules! ir_type {
    (method) => {
        I64
    };
    (class) => {
        I64
    };
    (address) => {
        I64
    };
    (long) => {
        I64
    };
    (int) => {
        I32
    };
    (reference) => {
        I32
    };
    (float) => {
        F32
    };
    (double) => {
        F64
    };
}

macro_rules! runtime_calls {
    ($($kind:ident $name:ident($($param:ident),*) $(-> $ret:ident)?;)*) => {
        /// A row of the table.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum RuntimeCall { $($name),* }

        impl RuntimeCall {
            pub const ALL: &[RuntimeCall] = &[$(RuntimeCall::$name),*];

            pub fn name(self) -> &'static str {
                match self { $(RuntimeCall::$name => stringify!($name)),* }
            }
            pub fn kind(self) -> Kind {
                match self { $(RuntimeCall::$name => Kind::$kind),* }
            }
            pub fn params(self) -> &'static [Type] {
                match self { $(RuntimeCall::$name => &[$(ir_type!($param)),*]),* }
            }
            pub fn ret(self) -> Option<Type> {
                match self {
                    $(RuntimeCall::$name => { let ret: &[Type] = &[$(ir_type!($ret))?]; ret.first().copied() })*
                }
            }
            fn function(self) -> usize {
                match self { $(RuntimeCall::$name => helpers::$name as *const () as usize),* }
            }
        }
    };
}

runtime_calls! {
    Preserving poll();
    Preserving throw_null();
    Preserving throw_bounds(int, int);
    Preserving throw_divide_by_zero();
    Preserving throw_array_store(reference);
    Preserving throw_class_cast(reference, class);
    Preserving throw_stack_overflow();
    Preserving new_instance(class);
    Preserving new_array(class, int);
    Preserving monitor_enter(reference);
    Preserving monitor_exit(reference);
    Preserving monitor_released(reference);
    Preserving unlock_unwinding(reference);
    Anchored new_unresolved(method, int) -> reference;
    Anchored new_array_unresolved(method, int, int) -> reference;
    Anchored new_multi_array(method, int, address, int) -> reference;
    Anchored new_multi_array_of(class, address, int) -> reference;
    Anchored load_constant(method, int) -> long;
    Anchored static_field(method, int, int, address) -> address;
    Anchored instance_field(method, int, int, address) -> address;
    Anchored resolve_static(method, int, address) -> method;
    Anchored resolve_special(method, int, address) -> method;
    Anchored select_virtual(method, int, reference, address) -> method;
    Anchored select_interface(method, int, reference, address) -> method;
    Anchored select_resolved(method, reference, address) -> method;
    Anchored back_edge(method, int) -> address;
    Anchored entered(method);
    Anchored check_cast(method, int, reference);
    Anchored instance_of(method, int, reference) -> int;
    Anchored catch_matches(method, int) -> int;
    Anchored link_dynamic(method, int) -> address;
    Anchored link_handle(method, int) -> address;
    Anchored check_intrinsic(method, int);
    Anchored link_to(int, reference, reference) -> method;
    Anchored register_finalizer(reference);
    Anchored identity_hash(reference) -> int;
    Anchored clone_array(reference) -> reference;
    Plain hash_of(reference, address) -> int;
    Plain array_copy(reference, int, reference, int, int, address) -> int;
    Plain bytes_equal(reference, reference) -> long;
    Plain inflate_to_chars(reference, int, reference, int, int) -> long;
    Plain inflate_to_bytes(reference, int, reference, int, int) -> long;
    Plain compress_chars(reference, int, reference, int, int) -> long;
    Plain compress_bytes(reference, int, reference, int, int) -> long;
    Plain has_negatives(reference, int, int) -> long;
    Anchored multiply_to_len(reference, int, reference, int, reference) -> reference;
    Plain square_to_len(reference, int, reference, int) -> long;
    Plain multiply_add(reference, reference, int, int, int) -> long;
    Plain montgomery_multiply(reference, reference, reference, int, long, reference) -> long;
    Plain montgomery_square(reference, reference, int, long, reference) -> long;
    Plain crc32_of_byte(int, int) -> long;
    Plain crc32_of_bytes(int, reference, int, int) -> long;
    Plain crc32_of_buffer(int, long, int, int) -> long;
    Plain crc32c_of_bytes(int, reference, int, int) -> long;
    Scrubbing scrub();
    Plain is_subclass(class, class) -> int;
    Plain search_itable(class, class, int) -> method;
    Counting profile_type(address, reference);
    Counting profile_receiver(address, reference);
    Plain may_store(reference, reference) -> int;
    Replacing deoptimise(int, address) -> long;
    Plain frem(float, float) -> float;
    Plain drem(double, double) -> double;
}

impl RuntimeCall {
    /// The signature as compiled code sees it.
    pub fn signature(self) -> Signature {
        let convention = match self.kind() {
            Kind::Preserving | Kind::Counting => CallConv::PreserveAll,
            Kind::Anchored | Kind::Plain | Kind::Replacing => CallConv::SystemV,
            // The convention without preserved registers.
            Kind::Scrubbing => CallConv::Winch,
        };
        let mut signature = Signature::new(convention);
        signature.params.extend(self.params().iter().map(|&t| AbiParam::new(t)));
        signature.returns.extend(self.ret().map(AbiParam::new));
        signature
    }

    /// The stub that compiled code calls.
    pub fn stub(self) -> Vec<u8> {
        match self.kind() {
            Kind::Anchored => x86_64::anchored_call(self.function(), self.params().len()),
            Kind::Preserving => x86_64::preserving_call(self.function(), self.params().len()),
            Kind::Plain => x86_64::plain_jump(self.function()),
            Kind::Replacing => x86_64::replacing_call(self.function(), self.params().len()),
            Kind::Counting => x86_64::count_class(self.function(), self == RuntimeCall::profile_receiver),
            Kind::Scrubbing => x86_64::scrub(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fit_their_kind() {
        for call in RuntimeCall::ALL {
            let integers = call.params().iter().all(|t| t.is_int());
            match call.kind() {
                Kind::Plain | Kind::Scrubbing => {}
                Kind::Counting => {
                    assert!(call.params() == [I64, I32] && call.ret().is_none(), "{}", call.name())
                }
                Kind::Replacing => assert!(integers && call.params().len() <= 2, "{}", call.name()),
                Kind::Anchored => assert!(integers && call.params().len() <= 5, "{}", call.name()),
                Kind::Preserving => {
                    assert!(integers && call.params().len() <= 5 && call.ret().is_none(), "{}", call.name());
                }
            }
        }
    }
}
