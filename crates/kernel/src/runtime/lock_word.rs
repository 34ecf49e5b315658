//! The lock word of an object header (32 bits).
//!
//! ```text
//!  31..1                                0    neutral: identity hash, 0 before it is asked for
//!  31..2: recursions | owner id 18     01    thin lock
//!  31..2: index in the monitor table   11    inflated
//! ```
//! A word of zero is an object neither locked nor hashed.

const TAG: u32 = 3;
/// For machine code: the tag of a word that has an index above it.
pub const INFLATED_TAG: u32 = 3;
pub const PAYLOAD_SHIFT: u32 = 2;
/// For machine code: the bit that is clear in a neutral word, and where that has its hash, 0 where there is none.
pub const LOCKED: u32 = 1;
pub const HASH_SHIFT: u32 = 1;
/// For machine code: a thin lock's owner, and its tag.
pub const OWNER_SHIFT: u32 = PAYLOAD_SHIFT;
pub const THIN_TAG: u32 = 1;
/// Owner ids and with them thread ids are below this.
pub const MAX_OWNER: u32 = 1 << 18;
/// For machine code: what says whose thin lock it is, and the unit of the entries beyond the first, which are above it.
pub const THIN_MASK: u32 = TAG | OWNER_MASK;
const OWNER_MASK: u32 = (MAX_OWNER - 1) << PAYLOAD_SHIFT;
const RECURSION_SHIFT: u32 = PAYLOAD_SHIFT + 18;
pub const RECURSION_ONE: u32 = 1 << RECURSION_SHIFT;
/// Entries beyond the first that a thin lock counts.
pub const MAX_RECURSION: u32 = 255;
/// Identity hashes are 1 to this.
pub const HASH_MASK: u32 = (1 << 31) - 1;

/// A decoded view of the word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct LockWord(pub u32);

/// What the word says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockState {
    Neutral { hash: u32 },
    Thin { owner: u32, recursions: u32 },
    Inflated { index: u32 },
}

impl LockWord {
    #[inline(always)]
    pub fn decode(self) -> LockState {
        let payload = self.0 >> PAYLOAD_SHIFT;
        match self.0 & TAG {
            THIN_TAG => LockState::Thin { owner: payload & (MAX_OWNER - 1), recursions: payload >> 18 },
            INFLATED_TAG => LockState::Inflated { index: payload },
            _ => LockState::Neutral { hash: self.0 >> HASH_SHIFT },
        }
    }
    /// Neither locked nor hashed.
    #[inline(always)]
    pub fn is_free(self) -> bool {
        self.0 == 0
    }
    #[inline(always)]
    pub fn neutral(hash: u32) -> LockWord {
        LockWord(hash << HASH_SHIFT)
    }
    #[inline(always)]
    pub fn thin(owner: u32) -> LockWord {
        LockWord(owner << PAYLOAD_SHIFT | THIN_TAG)
    }
    #[inline(always)]
    pub fn inflated(index: u32) -> LockWord {
        LockWord(index << PAYLOAD_SHIFT | INFLATED_TAG)
    }
    /// Thin and owned by `owner`.
    #[inline(always)]
    pub fn is_thin_of(self, owner: u32) -> bool {
        self.0 & THIN_MASK == owner << PAYLOAD_SHIFT | THIN_TAG
    }
    /// Recursion count of a thin lock.
    #[inline(always)]
    pub fn recursions(self) -> u32 {
        self.0 >> RECURSION_SHIFT
    }
    /// A thin lock entered once more; its count must be below [`MAX_RECURSION`].
    #[inline(always)]
    pub fn entered(self) -> LockWord {
        LockWord(self.0 + RECURSION_ONE)
    }
    /// A thin lock left once; its count must not be zero.
    #[inline(always)]
    pub fn left(self) -> LockWord {
        LockWord(self.0 - RECURSION_ONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_round_trip() {
        assert!(LockWord::neutral(0).is_free());
        let hashed = LockWord::neutral(HASH_MASK);
        assert_eq!(hashed.decode(), LockState::Neutral { hash: HASH_MASK });
        let mut thin = LockWord::thin(MAX_OWNER - 1);
        assert!(thin.is_thin_of(MAX_OWNER - 1) && !thin.is_thin_of(1));
        for n in 0..=MAX_RECURSION {
            assert_eq!(thin.decode(), LockState::Thin { owner: MAX_OWNER - 1, recursions: n });
            assert_eq!(thin.recursions(), n);
            if n < MAX_RECURSION {
                thin = thin.entered();
            }
        }
        assert_eq!(thin.left().recursions(), MAX_RECURSION - 1);
        let index = (1 << 30) - 1;
        assert_eq!(LockWord::inflated(index).decode(), LockState::Inflated { index });
    }
}
