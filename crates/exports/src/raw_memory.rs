//! `jdk.internal.misc.Unsafe`: memory outside the heap, block operations inside and outside of it.

use crate::internal::{Args, ClassTable, Row, long_slot};
use caturra_heap::ObjRef;
use caturra_kernel::Thread;
use caturra_kernel::runtime::exceptions::JResult;
use std::sync::atomic::{Ordering, fence};

pub(crate) const INTERNAL: &[ClassTable] = &[("jdk/internal/misc/Unsafe", ROWS)];

const ROWS: &[Row] = &[
    ("allocateMemory0", "(J)J", allocate_memory),
    ("reallocateMemory0", "(JJ)J", reallocate_memory),
    ("freeMemory0", "(J)V", free_memory),
    ("setMemory0", "(Ljava/lang/Object;JJB)V", set_memory),
    ("copyMemory0", "(Ljava/lang/Object;JLjava/lang/Object;JJ)V", copy_memory),
    ("copySwapMemory0", "(Ljava/lang/Object;JLjava/lang/Object;JJJ)V", copy_swap_memory),
    ("writeback0", "(J)V", writeback),
    ("writebackPreSync0", "()V", writeback_sync),
    ("writebackPostSync0", "()V", writeback_sync),
];

/// `malloc`; 0 when there is no memory, which the Java side turns into `OutOfMemoryError`.
///
/// # Safety
/// Called as an internal native.
unsafe fn allocate_memory(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: one `long` argument behind the receiver; the Java side has rounded it up to a heap word.
    unsafe {
        let size = Args::new(slots).long(1) as usize;
        Ok(if is_too_large(t, size) { 0 } else { libc::malloc(size) as u64 })
    }
}

/// `-XX:MallocMaxTestWords`: memory seems to be out for blocks beyond it.
fn is_too_large(t: &Thread, size: usize) -> bool {
    let limit = t.vm().options.malloc_max_test_words;
    limit > 0 && size as u64 / 8 >= limit
}

/// # Safety
/// Called as an internal native, with an address that came from here.
unsafe fn reallocate_memory(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise; Java handles sizes of 0 and null addresses itself.
    unsafe {
        let args = Args::new(slots);
        if is_too_large(t, args.long(3) as usize) {
            return Ok(0);
        }
        Ok(libc::realloc(args.long(1) as usize as *mut _, args.long(3) as usize) as u64)
    }
}

/// # Safety
/// Called as an internal native, with an address that came from here.
unsafe fn free_memory(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    unsafe { libc::free(Args::new(slots).long(1) as usize as *mut _) };
    Ok(long_slot(0))
}

fn place(base: ObjRef, offset: i64) -> *mut u8 {
    base.addr().wrapping_offset(offset as isize)
}

/// Unit in which a block operation must be done so that no element is torn: the largest of 8, 4, 2 and 1
/// that divides all of the given values.
fn unit(values: u64) -> u32 {
    match values.trailing_zeros() {
        0 => 1,
        1 => 2,
        2 => 4,
        _ => 8,
    }
}

/// # Safety
/// `to` is writable for `bytes` bytes, both multiples of the size of `T`.
unsafe fn fill<T: Copy>(to: *mut u8, bytes: usize, value: T) {
    let to = to.cast::<T>();
    for i in 0..bytes / size_of::<T>() {
        // SAFETY: the caller's promise. Volatile: each element is one store, as other threads may look.
        unsafe { to.add(i).write_volatile(value) };
    }
}

/// # Safety
/// Called as an internal native; the range is valid, as `Unsafe` demands of Java.
unsafe fn set_memory(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    unsafe {
        let args = Args::new(slots);
        let (to, bytes, value) = (place(args.obj(1), args.long(2)), args.long(4) as usize, args.int(6) as u8);
        match unit(to as u64 | bytes as u64) {
            8 => fill(to, bytes, u64::from_ne_bytes([value; 8])),
            4 => fill(to, bytes, u32::from_ne_bytes([value; 4])),
            2 => fill(to, bytes, u16::from_ne_bytes([value; 2])),
            _ => to.write_bytes(value, bytes),
        }
    }
    Ok(0)
}

/// Copies with element-wise stores in the direction that lets the ranges overlap.
///
/// # Safety
/// The ranges are valid and aligned for `T`; `bytes` is a multiple of its size.
unsafe fn copy<T: Copy>(from: *const u8, to: *mut u8, bytes: usize) {
    let (from, to, n) = (from.cast::<T>(), to.cast::<T>(), bytes / size_of::<T>());
    let one = |i: usize| {
        // SAFETY: `i < n`; volatile for the reason given at `fill`.
        unsafe { to.add(i).write_volatile(from.add(i).read_volatile()) }
    };
    if (to as usize).wrapping_sub(from as usize) >= bytes {
        (0..n).for_each(one);
    } else {
        (0..n).rev().for_each(one);
    }
}

/// # Safety
/// Called as an internal native; the ranges are valid and hold no references, as `Unsafe` demands of Java.
unsafe fn copy_memory(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    unsafe {
        let args = Args::new(slots);
        let (from, to) = (place(args.obj(1), args.long(2)), place(args.obj(4), args.long(5)));
        let bytes = args.long(7) as usize;
        // Large copies between aligned places go through memmove: it moves whole vectors, which on x86-64
        // and aarch64 does not tear aligned elements.
        match unit(from as u64 | to as u64 | bytes as u64) {
            8 if bytes < 256 => copy::<u64>(from, to, bytes),
            4 if bytes < 64 => copy::<u32>(from, to, bytes),
            2 if bytes < 32 => copy::<u16>(from, to, bytes),
            _ => std::ptr::copy(from, to, bytes),
        }
    }
    Ok(0)
}

/// Copies elements of `N` bytes with their bytes reversed. The ranges are either the same or must not tear
/// into each other in the chosen direction.
///
/// # Safety
/// The ranges are valid; `bytes` is a multiple of `N`.
unsafe fn copy_swapped<const N: usize>(from: *const u8, to: *mut u8, bytes: usize) {
    let n = bytes / N;
    let one = |i: usize| {
        // SAFETY: element `i < n` lies in both ranges; `[u8; N]` has no alignment.
        unsafe {
            let mut element = from.add(i * N).cast::<[u8; N]>().read();
            element.reverse();
            to.add(i * N).cast::<[u8; N]>().write(element);
        }
    };
    if (to as usize).wrapping_sub(from as usize) >= bytes {
        (0..n).for_each(one);
    } else {
        (0..n).rev().for_each(one);
    }
}

/// # Safety
/// As [`copy_memory`]; the element size is 2, 4 or 8 (the Java side checks).
unsafe fn copy_swap_memory(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    unsafe {
        let args = Args::new(slots);
        let (from, to) = (place(args.obj(1), args.long(2)), place(args.obj(4), args.long(5)));
        let bytes = args.long(7) as usize;
        match args.long(9) {
            2 => copy_swapped::<2>(from, to, bytes),
            4 => copy_swapped::<4>(from, to, bytes),
            8 => copy_swapped::<8>(from, to, bytes),
            size => unreachable!("copySwapMemory with elements of {size} bytes passed the Java check"),
        }
    }
    Ok(0)
}

/// Writes a cache line back to (persistent) memory.
///
/// # Safety
/// Called as an internal native with the address of mapped memory.
unsafe fn writeback(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    unsafe {
        let line = Args::new(slots).long(1) as usize as *const u8;
        #[cfg(target_arch = "x86_64")]
        std::arch::x86_64::_mm_clflush(line);
        #[cfg(target_arch = "aarch64")]
        std::arch::asm!("dc cvac, {}", in(reg) line, options(nostack, preserves_flags));
    }
    Ok(0)
}

/// Orders write-backs against other stores; `clflush` is ordered by a full fence.
///
/// # Safety
/// Called as an internal native.
unsafe fn writeback_sync(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    fence(Ordering::SeqCst);
    Ok(0)
}
