//! Linked call sites of `invokedynamic` and signature-polymorphic methods, in the arena of the caller's loader.

use crate::oops::method::MethodRef;
use crate::oops::symbol::Sym;
use caturra_heap::ObjRef;
use std::ptr::null_mut;
use std::sync::atomic::AtomicPtr;

/// An `invokedynamic` site; its address is the instruction's operand in private code. Each site is linked by itself
/// even where two share a constant-pool entry (JVMS §6.5).
#[repr(C)]
pub struct DynamicSite {
    /// The linked adapter and appendix, null before.
    pub linked: AtomicPtr<HandleCall>,
    /// What the first thread to finish came to; null before. Decides for all threads.
    pub outcome: AtomicPtr<Outcome>,
    pub cp_index: u16,
}

impl DynamicSite {
    pub fn new(cp_index: u16) -> DynamicSite {
        DynamicSite { linked: AtomicPtr::new(null_mut()), outcome: AtomicPtr::new(null_mut()), cp_index }
    }
}

/// How linking a call site ended (JVMS §6.5): a `LinkageError` is raised again at every later attempt.
pub enum Outcome {
    Linked(*mut HandleCall),
    /// Class and message (UTF-8) of the error.
    Failed {
        class: Sym,
        message: Option<&'static [u8]>,
    },
}

/// A linked `invokehandle` or `invokedynamic`: the adapter is called with the appendix as last argument.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct HandleCall {
    pub adapter: MethodRef,
    /// Handle of the appendix in the loader of the calling class; null when there is none.
    pub appendix: *const ObjRef,
}

impl HandleCall {
    /// Slots of the arguments that the call site pushes, the method handle or var handle first.
    #[inline(always)]
    pub fn call_slots(&self) -> usize {
        usize::from(self.adapter.arg_slots) - usize::from(!self.appendix.is_null())
    }
}
