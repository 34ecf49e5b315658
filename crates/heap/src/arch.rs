//! The machine-dependent part: callee-saved registers of the collecting thread; and its dead stack.

use std::mem::MaybeUninit;

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

/// Clears the part of the stack below the caller's frame that deeper calls have left references in: the collector's own
/// frames cover it next, with gaps that keep the old words, and a conservative scan would take them for roots.
#[inline(never)]
pub fn clear_dead_stack() {
    let mut dead = [MaybeUninit::<u64>::uninit(); DEAD_WORDS];
    for word in &mut dead {
        // SAFETY: an element of the array; volatile, so that the stores are made although nobody reads them.
        unsafe { word.as_mut_ptr().write_volatile(0) };
    }
}

/// More than the frames from here to the scan of the stacks take.
const DEAD_WORDS: usize = 2048;
