//! The numbers that the VM shares with `java.lang.invoke.MethodHandleNatives.Constants`.

/// Kinds of member in `MemberName.flags`, above the access flags.
pub const IS_METHOD: i32 = 0x1_0000;
pub const IS_CONSTRUCTOR: i32 = 0x2_0000;
pub const IS_FIELD: i32 = 0x4_0000;
pub const IS_TYPE: i32 = 0x8_0000;
pub const ALL_KINDS: i32 = IS_METHOD | IS_CONSTRUCTOR | IS_FIELD | IS_TYPE;
/// `@CallerSensitive`.
pub const CALLER_SENSITIVE: i32 = 0x10_0000;
/// A final field that not even reflection changes.
pub const TRUSTED_FINAL: i32 = 0x20_0000;
/// Where the reference kind lies in the flags.
pub const REFERENCE_KIND_SHIFT: u32 = 24;
const REFERENCE_KIND_MASK: i32 = 0xf;

/// Flags of `getMembers` only.
pub const SEARCH_SUPERCLASSES: i32 = 0x10_0000;
pub const SEARCH_INTERFACES: i32 = 0x20_0000;

/// Look-up mode of `MethodHandles.publicLookup()`.
pub const LM_UNCONDITIONAL: i32 = 32;

/// `reference_kind` of a `CONSTANT_MethodHandle` (JVMS table 5.4.3.5-A).
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefKind {
    GetField = 1,
    GetStatic = 2,
    PutField = 3,
    PutStatic = 4,
    InvokeVirtual = 5,
    InvokeStatic = 6,
    InvokeSpecial = 7,
    NewInvokeSpecial = 8,
    InvokeInterface = 9,
}

impl RefKind {
    pub fn from_number(number: i32) -> Option<RefKind> {
        use RefKind::*;
        const ALL: [RefKind; 9] = [
            GetField,
            GetStatic,
            PutField,
            PutStatic,
            InvokeVirtual,
            InvokeStatic,
            InvokeSpecial,
            NewInvokeSpecial,
            InvokeInterface,
        ];
        ALL.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }

    /// The kind in a `MemberName`'s flags.
    pub fn of_flags(flags: i32) -> Option<RefKind> {
        RefKind::from_number(flags >> REFERENCE_KIND_SHIFT & REFERENCE_KIND_MASK)
    }

    /// As part of a `MemberName`'s flags.
    pub fn bits(self) -> i32 {
        (self as i32) << REFERENCE_KIND_SHIFT
    }

    /// The flags of an unresolved `MemberName` of this kind.
    pub fn flags(self) -> i32 {
        let member = match self {
            RefKind::GetField | RefKind::GetStatic | RefKind::PutField | RefKind::PutStatic => IS_FIELD,
            RefKind::NewInvokeSpecial => IS_CONSTRUCTOR,
            _ => IS_METHOD,
        };
        self.bits() | member
    }

    pub fn is_setter(self) -> bool {
        matches!(self, RefKind::PutField | RefKind::PutStatic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_survive_the_flags() {
        for number in 1..=9 {
            let kind = RefKind::from_number(number).expect("a kind");
            assert_eq!(kind as i32, number);
            assert_eq!(RefKind::of_flags(kind.flags() | 0x1019), Some(kind));
        }
        assert_eq!(RefKind::from_number(0), None);
        assert_eq!(RefKind::from_number(10), None);
        assert_eq!(RefKind::of_flags(IS_METHOD), None);
    }
}
