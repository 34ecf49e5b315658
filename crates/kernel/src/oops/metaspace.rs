//! Metaspace: class metadata at stable addresses below 4 GiB.
//!
//! An object's header holds the 32-bit address of its class record, so the reservation must lie in the low
//! 4 GiB; machine code may hold any metadata address as a 32-bit immediate. Memory is handed out in chunks to
//! [`Arena`]s, one a class loader (or hidden class), and freed as a whole with its arena: nothing in an arena
//! has a destructor.

use parking_lot::Mutex;
use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
/// Size of the reservation, as HotSpot's default `CompressedClassSpaceSize`.
const RESERVATION: usize = 1024 * MIB;
/// Where a reservation is tried, in this order; all lie below 4 GiB and above a non-PIE executable.
const CANDIDATES: [usize; 6] = [0x8000_0000, 0x4000_0000, 0xb000_0000, 0x6000_0000, 0x2000_0000, 0xc000_0000];
/// Smallest chunk; all chunk sizes are this times a power of two.
const MIN_CHUNK: usize = 4 * KIB;
const CHUNK_CLASSES: usize = 16;

/// The reserved address range and its free chunks.
pub struct Metaspace {
    base: usize,
    size: usize,
    /// `-XX:MaxMetaspaceSize`: most bytes handed out at a time.
    limit: u64,
    /// Bytes in use of loaders that can die from which on the dead are looked for.
    threshold: AtomicUsize,
    state: Mutex<State>,
}

struct State {
    /// First address never handed out.
    top: usize,
    /// Free chunks by size class (`MIN_CHUNK << class`).
    free: [Vec<usize>; CHUNK_CLASSES],
    in_use: usize,
}

impl Metaspace {
    /// Reserves the address range, of which `limit` bytes may be in use. Beyond `threshold` bytes (`-XX:MetaspaceSize`)
    /// a collection is due.
    ///
    /// # Errors
    /// When no candidate address below 4 GiB is free.
    pub fn reserve(limit: u64, threshold: u64) -> Result<Arc<Metaspace>, String> {
        for size in [RESERVATION, RESERVATION / 4] {
            for base in CANDIDATES {
                // SAFETY: a fresh reservation; NOREPLACE never disturbs an existing mapping.
                let got = unsafe {
                    libc::mmap(
                        base as *mut _,
                        size,
                        libc::PROT_READ | libc::PROT_WRITE,
                        libc::MAP_PRIVATE
                            | libc::MAP_ANONYMOUS
                            | libc::MAP_NORESERVE
                            | libc::MAP_FIXED_NOREPLACE,
                        -1,
                        0,
                    )
                };
                if got as usize == base {
                    return Ok(Arc::new(Metaspace {
                        base,
                        size,
                        limit,
                        threshold: AtomicUsize::new(threshold as usize),
                        state: Mutex::new(State { top: base, free: Default::default(), in_use: 0 }),
                    }));
                }
                if got != libc::MAP_FAILED {
                    // SAFETY: unmaps what an old kernel placed elsewhere instead of refusing.
                    unsafe { libc::munmap(got, size) };
                }
            }
        }
        Err("cannot reserve class metadata space below 4 GiB".into())
    }

    /// Bytes handed out to arenas.
    pub fn used(&self) -> usize {
        self.state.lock().in_use
    }

    /// Whether so much is in use beside the `permanent` bytes that class loaders may have died that nobody has noticed.
    pub fn is_collection_due(&self, permanent: usize) -> bool {
        self.used() > self.threshold.load(Ordering::Relaxed).saturating_add(permanent)
    }

    /// After a collection: the next one is due when two thirds more are in use (as with HotSpot's
    /// `MinMetaspaceFreeRatio` of 40 %).
    pub fn collected(&self, permanent: usize) {
        let left = self.used().saturating_sub(permanent);
        self.threshold.fetch_max(left / 3 * 5, Ordering::Relaxed);
    }

    /// Whether `address` lies inside the reservation.
    pub fn contains(&self, address: usize) -> bool {
        address.wrapping_sub(self.base) < self.size
    }

    fn take_chunk(&self, class: usize) -> Option<usize> {
        let size = MIN_CHUNK << class;
        let mut s = self.state.lock();
        if (s.in_use + size) as u64 > self.limit {
            return None;
        }
        let address = match s.free[class].pop() {
            Some(a) => a,
            None if s.top + size <= self.base + self.size => {
                let a = s.top;
                s.top += size;
                a
            }
            None => return None,
        };
        s.in_use += size;
        Some(address)
    }

    fn give_chunk(&self, address: usize, class: usize) {
        let size = MIN_CHUNK << class;
        // SAFETY: the chunk belongs to this reservation and its arena is gone; it reads as zero afterwards.
        unsafe { libc::madvise(address as *mut _, size, libc::MADV_DONTNEED) };
        let mut s = self.state.lock();
        s.in_use -= size;
        s.free[class].push(address);
    }
}

impl Drop for Metaspace {
    fn drop(&mut self) {
        // SAFETY: every arena holds an `Arc` of this, so none is left.
        unsafe { libc::munmap(self.base as *mut _, self.size) };
    }
}

/// A bump allocator of zeroed metadata, freed as a whole.
pub struct Arena {
    space: Arc<Metaspace>,
    state: Mutex<ArenaState>,
}

#[derive(Default)]
struct ArenaState {
    cursor: usize,
    limit: usize,
    /// Size class of the next chunk; doubles up to 64 KiB so that small loaders stay small.
    next_class: usize,
    chunks: Vec<(usize, usize)>,
}

/// The metaspace reservation is exhausted (`OutOfMemoryError: Metaspace`).
#[derive(Debug)]
pub struct MetaspaceFull;

impl Arena {
    pub fn new(space: Arc<Metaspace>) -> Arena {
        Arena { space, state: Mutex::default() }
    }

    /// Bytes it has taken from the metaspace.
    pub fn size(&self) -> usize {
        self.state.lock().chunks.iter().map(|(_, class)| MIN_CHUNK << class).sum()
    }

    /// Zeroed memory of `layout`, stable until the arena is dropped.
    pub fn alloc_raw(&self, layout: Layout) -> Result<NonNull<u8>, MetaspaceFull> {
        let mut s = self.state.lock();
        let align = layout.align().max(8);
        let mut start = s.cursor.next_multiple_of(align);
        if s.cursor == 0 || start + layout.size() > s.limit {
            let mut class = s.next_class;
            while (MIN_CHUNK << class) < layout.size() + align {
                class += 1;
            }
            if class >= CHUNK_CLASSES {
                return Err(MetaspaceFull);
            }
            let chunk = self.space.take_chunk(class).ok_or(MetaspaceFull)?;
            s.chunks.push((chunk, class));
            s.next_class = (s.next_class + 1).min(4);
            start = chunk.next_multiple_of(align);
            s.limit = chunk + (MIN_CHUNK << class);
        }
        s.cursor = start + layout.size();
        NonNull::new(start as *mut u8).ok_or(MetaspaceFull)
    }

    /// A copy of `value` in the arena. `T` must not need drop.
    pub fn alloc<T>(&self, value: T) -> Result<NonNull<T>, MetaspaceFull> {
        const { assert!(!std::mem::needs_drop::<T>()) };
        let p = self.alloc_raw(Layout::new::<T>())?.cast::<T>();
        // SAFETY: fresh memory of T's layout.
        unsafe { p.write(value) };
        Ok(p)
    }

    /// A slice built item by item in the arena. The lifetime is the arena's (see ARCHITECTURE.md, metadata).
    pub fn alloc_slice<T>(
        &self,
        len: usize,
        mut item: impl FnMut(usize) -> T,
    ) -> Result<&'static mut [T], MetaspaceFull> {
        const { assert!(!std::mem::needs_drop::<T>()) };
        if len == 0 {
            return Ok(&mut []);
        }
        let layout = Layout::array::<T>(len).map_err(|_| MetaspaceFull)?;
        let p = self.alloc_raw(layout)?.cast::<T>();
        for i in 0..len {
            // SAFETY: i < len, fresh memory of the array's layout.
            unsafe { p.add(i).write(item(i)) };
        }
        // SAFETY: all `len` items are initialised; the memory lives as long as the arena, and metadata is
        // only reached through live classes (metadata invariant).
        Ok(unsafe { std::slice::from_raw_parts_mut(p.as_ptr(), len) })
    }

    /// A copy of `bytes` in the arena.
    pub fn copy_bytes(&self, bytes: &[u8]) -> Result<&'static [u8], MetaspaceFull> {
        Ok(self.alloc_slice(bytes.len(), |i| bytes[i])?)
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        for (address, class) in std::mem::take(&mut self.state.get_mut().chunks) {
            self.space.give_chunk(address, class);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arenas_hand_out_zeroed_low_memory_and_give_it_back() {
        let space = Metaspace::reserve(u64::MAX, u64::MAX).expect("reservation");
        let arena = Arena::new(space.clone());
        let a = arena.alloc_slice(1000, |i| i as u64).expect("slice");
        assert!((a.as_ptr() as usize) < 1 << 32);
        assert_eq!(a[999], 999);
        let raw = arena.alloc_raw(Layout::from_size_align(100_000, 64).expect("layout")).expect("raw");
        assert_eq!(raw.as_ptr() as usize % 64, 0);
        assert!(space.used() >= 108_000);
        drop(arena);
        assert_eq!(space.used(), 0);
        let again = Arena::new(space);
        let b = again.alloc_slice::<u64>(4, |_| 0).expect("slice");
        assert_eq!(b, [0; 4]);
    }
}
