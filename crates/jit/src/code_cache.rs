//! The code cache: machine code of methods and stubs, with the tables that lead from an address to its method.
//!
//! One memfd is mapped twice, for writing and for execution, so that no page is ever both. The executable side lies
//! below 4 GiB where that is possible: addresses then fit 32-bit immediates. All of it is within reach of a 32-bit
//! displacement, so helper stubs in the cache are called directly.
//!
//! Memory is handed out in units of [`UNIT`] bytes, first fit, and given back when code is freed (see `sweep`). A side
//! table with a pointer a unit answers which method an address belongs to without a lock.

use crate::nmethod::NMethod;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io;
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};

/// Allocation unit and alignment, a cache line.
pub const UNIT: usize = 64;
/// Smallest cache that can work: all stubs and a few methods.
const MIN_SIZE: usize = 1 << 20;
/// Largest cache: everything within reach of a 32-bit displacement.
const MAX_SIZE: usize = 1 << 30;
/// Where the executable mapping is tried, beside the class metadata.
const CANDIDATES: [usize; 9] = [
    0x7000_0000,
    0xc000_0000,
    0xd000_0000,
    0x6000_0000,
    0x5000_0000,
    0x4000_0000,
    0x3000_0000,
    0x2000_0000,
    0xe000_0000,
];

/// A piece of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    offset: usize,
    size: usize,
}

struct State {
    /// Free pieces, offset to size; neighbours are merged.
    free: BTreeMap<usize, usize>,
    used: usize,
    /// End of the part that was ever used.
    high: usize,
}

/// See the module's documentation.
pub struct CodeCache {
    /// Executable mapping.
    base: usize,
    /// Writable mapping of the same memory.
    writable: usize,
    size: usize,
    /// One a unit: the method whose code covers it, null for stubs and free memory.
    owners: NonNull<AtomicPtr<NMethod>>,
    state: Mutex<State>,
}

// SAFETY: the mappings belong to the cache; who writes which part is decided under the lock.
unsafe impl Send for CodeCache {}
// SAFETY: as above; the owners are atomics.
unsafe impl Sync for CodeCache {}

/// # Safety
/// As `mmap`.
unsafe fn map(at: usize, size: usize, protection: i32, flags: i32, fd: i32) -> io::Result<usize> {
    // SAFETY: the caller's promise.
    let got = unsafe { libc::mmap(at as *mut _, size, protection, flags, fd, 0) };
    if got == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(got as usize) }
}

fn map_executable(size: usize, fd: i32) -> io::Result<usize> {
    let protection = libc::PROT_READ | libc::PROT_EXEC;
    for at in CANDIDATES {
        // SAFETY: a fresh mapping; NOREPLACE never disturbs an existing one.
        if let Ok(got) =
            // SAFETY: a fresh shared mapping; NOREPLACE never disturbs an existing one.
            unsafe { map(at, size, protection, libc::MAP_SHARED | libc::MAP_FIXED_NOREPLACE, fd) }
        {
            if got == at {
                return Ok(got);
            }
            // SAFETY: unmaps what an old kernel placed elsewhere instead of refusing.
            unsafe { libc::munmap(got as *mut _, size) };
        }
    }
    // SAFETY: a fresh mapping.
    unsafe { map(0, size, protection, libc::MAP_SHARED, fd) }
}

impl CodeCache {
    /// Reserves a cache of about `size` bytes.
    ///
    /// # Errors
    /// When the system does not grant the mappings.
    pub fn new(size: usize) -> io::Result<CodeCache> {
        let size = size.clamp(MIN_SIZE, MAX_SIZE).next_multiple_of(4096);
        // SAFETY: creates a file descriptor that is closed below; the mappings keep the memory.
        let fd = unsafe { libc::memfd_create(c"caturra-code".as_ptr(), libc::MFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        let mapped = (|| {
            // SAFETY: a file of our own, and fresh mappings.
            unsafe {
                if libc::ftruncate(fd, size as libc::off_t) != 0 {
                    return Err(io::Error::last_os_error());
                }
                let writable = map(0, size, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED, fd)?;
                let base = map_executable(size, fd).inspect_err(|_| {
                    libc::munmap(writable as *mut _, size);
                })?;
                let table = size / UNIT * size_of::<usize>();
                let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
                let owners =
                    map(0, table, libc::PROT_READ | libc::PROT_WRITE, flags, -1).inspect_err(|_| {
                        libc::munmap(writable as *mut _, size);
                        libc::munmap(base as *mut _, size);
                    })?;
                Ok((base, writable, owners))
            }
        })();
        // SAFETY: opened above.
        unsafe { libc::close(fd) };
        let (base, writable, owners) = mapped?;
        let Some(owners) = NonNull::new(owners as *mut AtomicPtr<NMethod>) else {
            return Err(io::ErrorKind::OutOfMemory.into());
        };
        let state = State { free: BTreeMap::from([(0, size)]), used: 0, high: 0 };
        Ok(CodeCache { base, writable, size, owners, state: Mutex::new(state) })
    }

    pub fn size(&self) -> usize {
        self.size
    }
    /// Bytes in use.
    pub fn used(&self) -> usize {
        self.state.lock().used
    }
    /// Bytes of the largest free piece.
    pub fn largest_free(&self) -> usize {
        self.state.lock().free.values().copied().max().unwrap_or(0)
    }
    /// Bytes from the start to the end of what was ever used.
    pub fn high(&self) -> usize {
        self.state.lock().high
    }
    pub fn contains(&self, address: usize) -> bool {
        address.wrapping_sub(self.base) < self.size
    }

    /// A free piece of at least `size` bytes; `None` when the cache is full.
    pub fn allocate(&self, size: usize) -> Option<Block> {
        let size = size.max(1).next_multiple_of(UNIT);
        let mut state = self.state.lock();
        let (&offset, &room) = state.free.iter().find(|(_, room)| **room >= size)?;
        state.free.remove(&offset);
        if room > size {
            state.free.insert(offset + size, room - size);
        }
        state.used += size;
        state.high = state.high.max(offset + size);
        Some(Block { offset, size })
    }

    /// Gives a piece back. Nothing refers to its code any more.
    pub fn free(&self, block: Block) {
        self.set_owner(block, null_mut());
        // Stale code must not run: an int3 at each byte.
        // SAFETY: the piece is the caller's.
        unsafe { (self.address_to_write(block) as *mut u8).write_bytes(0xcc, block.size) };
        let mut state = self.state.lock();
        state.used -= block.size;
        let (mut offset, mut size) = (block.offset, block.size);
        if let Some((&before, &room)) = state.free.range(..offset).next_back()
            && before + room == offset
        {
            state.free.remove(&before);
            offset = before;
            size += room;
        }
        if let Some(room) = state.free.remove(&(offset + size)) {
            size += room;
        }
        state.free.insert(offset, size);
    }

    /// Address at which the code of a piece runs.
    pub fn address(&self, block: Block) -> usize {
        self.base + block.offset
    }

    fn address_to_write(&self, block: Block) -> usize {
        self.writable + block.offset
    }

    /// Copies code to the start of a piece.
    pub fn write(&self, block: Block, code: &[u8]) {
        assert!(code.len() <= block.size);
        // SAFETY: the piece is the caller's and large enough.
        unsafe {
            (self.address_to_write(block) as *mut u8).copy_from_nonoverlapping(code.as_ptr(), code.len())
        };
    }

    /// As [`CodeCache::write`], `at` bytes from the start of the piece.
    pub fn write_at(&self, block: Block, at: usize, code: &[u8]) {
        assert!(at + code.len() <= block.size);
        // SAFETY: as above.
        unsafe {
            ((self.address_to_write(block) + at) as *mut u8)
                .copy_from_nonoverlapping(code.as_ptr(), code.len());
        }
    }

    fn owner(&self, unit: usize) -> &AtomicPtr<NMethod> {
        debug_assert!(unit < self.size / UNIT);
        // SAFETY: inside the table; zero pages are null pointers.
        unsafe { self.owners.add(unit).as_ref() }
    }

    /// Says which method a piece belongs to.
    pub fn set_owner(&self, block: Block, method: *mut NMethod) {
        for unit in block.offset / UNIT..(block.offset + block.size) / UNIT {
            self.owner(unit).store(method, Ordering::Release);
        }
    }

    /// The method whose code lies at an address. Valid until the next safepoint.
    pub fn find(&self, address: usize) -> Option<&NMethod> {
        if !self.contains(address) {
            return None;
        }
        let method = self.owner((address - self.base) / UNIT).load(Ordering::Acquire);
        // SAFETY: methods are freed at safepoints only, after their pieces.
        unsafe { method.as_ref() }
    }
}

impl Drop for CodeCache {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`; no thread runs compiled code of this VM any more.
        unsafe {
            libc::munmap(self.base as *mut _, self.size);
            libc::munmap(self.writable as *mut _, self.size);
            libc::munmap(self.owners.as_ptr().cast(), self.size / UNIT * size_of::<usize>());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_written_on_one_side_runs_on_the_other() {
        let cache = CodeCache::new(1 << 20).unwrap();
        let block = cache.allocate(6).unwrap();
        // mov eax, 42; ret
        cache.write(block, &[0xb8, 42, 0, 0, 0, 0xc3]);
        // SAFETY: the code written above.
        let f: extern "C" fn() -> i32 = unsafe { std::mem::transmute(cache.address(block)) };
        assert_eq!(f(), 42);
        assert!(cache.find(cache.address(block)).is_none());
    }

    #[test]
    fn freed_pieces_are_merged_and_reused() {
        let cache = CodeCache::new(1 << 20).unwrap();
        let all: Vec<Block> = (0..16).map(|_| cache.allocate(1000).unwrap()).collect();
        assert_eq!(cache.used(), 16 * 1024);
        for b in all.iter().rev().step_by(2).chain(all.iter().step_by(2)) {
            cache.free(*b);
        }
        assert_eq!(cache.used(), 0);
        let whole = cache.allocate(1 << 20).unwrap();
        assert!(cache.allocate(1).is_none());
        cache.free(whole);
        assert!(cache.allocate(1).is_some());
    }
}
