//! Whole-heap verification.

use crate::objref::ObjRef;

/// What a verification saw.
#[derive(Copy, Clone, Debug, Default)]
pub struct VerifyReport {
    pub objects: u64,
    pub bytes: u64,
    pub references: u64,
}

/// The first fault found.
#[derive(Clone, Debug)]
pub struct HeapFault {
    /// Object that holds the fault, `NULL` for a root.
    pub object: ObjRef,
    /// Offset of the faulty field.
    pub offset: usize,
    pub value: ObjRef,
    pub what: &'static str,
}

impl std::fmt::Display for HeapFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (object {:?}, offset {}, value {:?})", self.what, self.object, self.offset, self.value)
    }
}

impl std::error::Error for HeapFault {}
