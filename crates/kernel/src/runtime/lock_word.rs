//! The lock word of an object header (32 bits).
//!
//! ```text
//!  31..28   27..2                              1..0
//!  (collector)  identity hash, or 0             0    neutral
//!  (collector)  recursions 8 | owner id 18      1    thin lock
//!  (collector)  index in the monitor table      2    inflated
//! ```
//! The top four bits belong to the collector and are preserved.

/// Bits that monitors do not touch.
pub const RESERVED: u32 = 0xf000_0000;
/// For machine code: zero in these bits is a neutral word, and the payload is the hash, 0 where there is none.
pub const TAG: u32 = 3;
pub const PAYLOAD_SHIFT: u32 = 2;
/// For machine code: a thin lock's owner, and its tag.
pub const OWNER_SHIFT: u32 = PAYLOAD_SHIFT;
pub const THIN_TAG: u32 = 1;
const PAYLOAD: u32 = !RESERVED & !TAG;
/// Owner ids and with them thread ids are below this.
pub const MAX_OWNER: u32 = 1 << 18;
const OWNER_MASK: u32 = (MAX_OWNER - 1) << PAYLOAD_SHIFT;
const RECURSION_SHIFT: u32 = PAYLOAD_SHIFT + 18;
const RECURSION_ONE: u32 = 1 << RECURSION_SHIFT;
/// Entries beyond the first that a thin lock counts.
pub const MAX_RECURSION: u32 = 255;
/// Identity hashes are 1 to this.
pub const HASH_MASK: u32 = (1 << 26) - 1;

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
        let payload = (self.0 & PAYLOAD) >> PAYLOAD_SHIFT;
        match self.0 & TAG {
            0 => LockState::Neutral { hash: payload },
            1 => LockState::Thin { owner: payload & (MAX_OWNER - 1), recursions: payload >> 18 },
            _ => LockState::Inflated { index: payload },
        }
    }
    #[inline(always)]
    fn with(self, payload: u32, tag: u32) -> LockWord {
        LockWord(self.0 & RESERVED | payload << PAYLOAD_SHIFT | tag)
    }
    /// Neither locked nor hashed.
    #[inline(always)]
    pub fn is_free(self) -> bool {
        self.0 & !RESERVED == 0
    }
    #[inline(always)]
    pub fn neutral(self, hash: u32) -> LockWord {
        self.with(hash & HASH_MASK, 0)
    }
    #[inline(always)]
    pub fn thin(self, owner: u32) -> LockWord {
        LockWord(self.0 & RESERVED | owner << PAYLOAD_SHIFT | 1)
    }
    #[inline(always)]
    pub fn inflated(self, index: u32) -> LockWord {
        self.with(index, 2)
    }
    /// Thin and owned by `owner`.
    #[inline(always)]
    pub fn is_thin_of(self, owner: u32) -> bool {
        self.0 & (TAG | OWNER_MASK) == owner << PAYLOAD_SHIFT | 1
    }
    /// Recursion count of a thin lock.
    #[inline(always)]
    pub fn recursions(self) -> u32 {
        (self.0 & !RESERVED) >> RECURSION_SHIFT
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
    fn states_round_trip_and_reserved_bits_stay() {
        for reserved in [0, RESERVED, 0x5000_0000] {
            let w = LockWord(reserved);
            assert!(w.is_free());
            let hashed = w.neutral(HASH_MASK);
            assert_eq!(hashed.decode(), LockState::Neutral { hash: HASH_MASK });
            let mut thin = w.thin(MAX_OWNER - 1);
            assert!(thin.is_thin_of(MAX_OWNER - 1) && !thin.is_thin_of(1));
            for n in 0..=MAX_RECURSION {
                assert_eq!(thin.decode(), LockState::Thin { owner: MAX_OWNER - 1, recursions: n });
                assert_eq!(thin.recursions(), n);
                if n < MAX_RECURSION {
                    thin = thin.entered();
                }
            }
            assert_eq!(thin.left().recursions(), MAX_RECURSION - 1);
            let fat = thin.inflated(HASH_MASK);
            assert_eq!(fat.decode(), LockState::Inflated { index: HASH_MASK });
            for v in [hashed, thin, fat] {
                assert_eq!(v.0 & RESERVED, reserved);
            }
        }
    }
}
