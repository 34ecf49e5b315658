//! Address space from the operating system.

use crate::objref::HEAP_LIMIT;
use std::io;

/// Size of a page; madvise ranges are multiples of it.
pub(crate) const PAGE_SIZE: usize = 4096;

/// A private anonymous mapping, unmapped on drop. Pages become resident when first written.
pub(crate) struct Mapping {
    base: *mut u8,
    len: usize,
}

// SAFETY: a mapping is an address range; who may touch which part is the business of its users.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    fn map(hint: usize, len: usize, flags: i32) -> io::Result<Mapping> {
        let all = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | flags;
        // SAFETY: a new mapping; MAP_FIXED_NOREPLACE never replaces one.
        let p = unsafe {
            libc::mmap(hint as *mut libc::c_void, len, libc::PROT_READ | libc::PROT_WRITE, all, -1, 0)
        };
        if p == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let mapping = Mapping { base: p.cast(), len };
        // A huge page for the first byte of each table would cost more than a small program's whole heap.
        // SAFETY: the mapping is ours. Kernels without huge pages refuse, which is as good.
        unsafe { libc::madvise(p, len, libc::MADV_NOHUGEPAGE) };
        if hint != 0 && p as usize != hint {
            // A kernel older than 4.17 takes MAP_FIXED_NOREPLACE for a hint.
            return Err(io::Error::from_raw_os_error(libc::EEXIST));
        }
        Ok(mapping)
    }

    /// Reserves `len` bytes wherever there is room.
    pub fn anywhere(len: usize) -> io::Result<Mapping> {
        Mapping::map(0, len, 0)
    }

    /// Reserves `len` bytes below the limit of narrow references, from 4 GiB on if there is room: below that
    /// the kernel keeps class records, and small integers do not look like narrow references.
    pub fn for_heap(len: usize, align: usize) -> io::Result<Mapping> {
        const STEP: usize = 128 << 20;
        const FIRST: usize = 4 << 30;
        let limit = HEAP_LIMIT as usize;
        let above = (FIRST..limit).step_by(STEP);
        let below = (256 << 20..FIRST).step_by(STEP);
        for hint in above.chain(below) {
            debug_assert!(hint % align == 0);
            if hint + len > limit {
                continue;
            }
            match Mapping::map(hint, len, libc::MAP_FIXED_NOREPLACE) {
                Ok(mapping) => return Ok(mapping),
                Err(e) if e.raw_os_error() == Some(libc::EEXIST) => continue,
                Err(e) => return Err(e),
            }
        }
        Err(io::Error::new(io::ErrorKind::OutOfMemory, "no room for the heap below 32 GiB"))
    }

    pub fn base(&self) -> *mut u8 {
        self.base
    }

    pub fn len(&self) -> usize {
        self.len
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and nothing uses it any more.
        unsafe { libc::munmap(self.base.cast(), self.len) };
    }
}

/// Gives the pages of a range back to the system; they read as zero afterwards.
///
/// # Safety
/// The range is page-aligned, part of a [`Mapping`], and its contents are dead.
pub(crate) unsafe fn release(addr: *mut u8, len: usize) {
    debug_assert!((addr as usize).is_multiple_of(PAGE_SIZE) && len.is_multiple_of(PAGE_SIZE));
    if len == 0 {
        return;
    }
    // SAFETY: promised by the caller.
    let rc = unsafe { libc::madvise(addr.cast(), len, libc::MADV_DONTNEED) };
    if rc != 0 {
        // Locked pages (mlockall) cannot be dropped; the promise of zeroes must hold all the same.
        // SAFETY: promised by the caller.
        unsafe { addr.write_bytes(0, len) };
    }
}
