//! The machine-dependent part: callee-saved registers of the collecting thread.

/// Values of the registers that callers may keep references in across a call.
#[inline(always)]
pub(crate) fn callee_saved() -> [u64; 12] {
    let mut saved = [0u64; 12];
    #[cfg(target_arch = "x86_64")]
    // SAFETY: stores to a local array.
    unsafe {
        std::arch::asm!(
            "mov [{0}], rbx", "mov [{0} + 8], rbp", "mov [{0} + 16], r12",
            "mov [{0} + 24], r13", "mov [{0} + 32], r14", "mov [{0} + 40], r15",
            in(reg) saved.as_mut_ptr(), options(nostack, preserves_flags)
        );
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: stores to a local array.
    unsafe {
        std::arch::asm!(
            "stp x19, x20, [{0}]", "stp x21, x22, [{0}, #16]", "stp x23, x24, [{0}, #32]",
            "stp x25, x26, [{0}, #48]", "stp x27, x28, [{0}, #64]", "str x29, [{0}, #80]",
            in(reg) saved.as_mut_ptr(), options(nostack, preserves_flags)
        );
    }
    saved
}
