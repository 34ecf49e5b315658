//! `jdk.internal.misc.Unsafe`: reads, writes and atomic updates of fields, array elements and raw memory.
//!
//! A null base object makes the offset an address. Plain accesses may be misaligned (views of byte arrays and
//! native structures): they are single machine accesses on the processors we run on, whatever the alignment.

use crate::internal::{Args, ClassTable, Row, bool_slot, int_slot, long_slot, ref_slot};
use caturra_heap::ObjRef;
use caturra_kernel::Thread;
use caturra_kernel::runtime::exceptions::JResult;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering, fence};

pub(crate) const INTERNAL: &[ClassTable] = &[("jdk/internal/misc/Unsafe", ROWS)];

/// Address of `(Object o, long offset)` in slots 1 to 3 (slot 0 is the `Unsafe` object).
#[inline(always)]
fn address(args: Args) -> *mut u8 {
    args.obj(1).addr().wrapping_offset(args.long(2) as isize)
}

/// Sizes of memory accesses as the processor does them in one piece.
trait Cell: Copy {
    /// # Safety
    /// `p` is readable for the size of the type.
    unsafe fn load_volatile(p: *const u8) -> Self;
    /// # Safety
    /// `p` is writable for the size of the type.
    unsafe fn store_volatile(p: *mut u8, v: Self);
}

macro_rules! cell {
    ($($ty:ty: $atomic:ty, $bits:ty, $to:expr, $from:expr;)*) => {$(
        impl Cell for $ty {
            #[inline(always)]
            unsafe fn load_volatile(p: *const u8) -> $ty {
                let p = p.cast_mut().cast::<$bits>();
                let from: fn($bits) -> $ty = $from;
                if p.is_aligned() {
                    // SAFETY: the caller's promise, and `p` is aligned.
                    return from(unsafe { <$atomic>::from_ptr(p) }.load(Ordering::SeqCst));
                }
                fence(Ordering::SeqCst);
                // SAFETY: the caller's promise.
                let v = unsafe { p.read_unaligned() };
                fence(Ordering::SeqCst);
                from(v)
            }
            #[inline(always)]
            unsafe fn store_volatile(p: *mut u8, v: $ty) {
                let p = p.cast::<$bits>();
                let to: fn($ty) -> $bits = $to;
                if p.is_aligned() {
                    // SAFETY: the caller's promise, and `p` is aligned.
                    unsafe { <$atomic>::from_ptr(p) }.store(to(v), Ordering::SeqCst);
                    return;
                }
                fence(Ordering::SeqCst);
                // SAFETY: the caller's promise.
                unsafe { p.write_unaligned(to(v)) };
                fence(Ordering::SeqCst);
            }
        }
    )*};
}

cell! {
    u8: AtomicU8, u8, |v| v, |v| v;
    i8: AtomicU8, u8, |v| v as u8, |v| v as i8;
    i16: AtomicU16, u16, |v| v as u16, |v| v as i16;
    u16: AtomicU16, u16, |v| v, |v| v;
    i32: AtomicU32, u32, |v| v as u32, |v| v as i32;
    i64: AtomicU64, u64, |v| v as u64, |v| v as i64;
}

/// get, put, getVolatile and putVolatile of one type.
macro_rules! accessors {
    ($($module:ident: $ty:ty, $slot:expr, $value:expr;)*) => {$(
        mod $module {
            use super::*;
            /// # Safety
            /// Called as an internal native; the place is valid for the access, as `Unsafe` demands of Java.
            pub unsafe fn get(_t: &Thread, slots: *mut u64) -> JResult<u64> {
                // SAFETY: the caller's promise.
                unsafe {
                    let args = Args::new(slots);
                    let slot: fn($ty) -> u64 = $slot;
                    Ok(slot(address(args).cast::<$ty>().read_unaligned()))
                }
            }
            /// # Safety
            /// As `get`.
            pub unsafe fn put(_t: &Thread, slots: *mut u64) -> JResult<u64> {
                // SAFETY: the caller's promise.
                unsafe {
                    let args = Args::new(slots);
                    let value: fn(Args) -> $ty = $value;
                    address(args).cast::<$ty>().write_unaligned(value(args));
                    Ok(0)
                }
            }
            /// # Safety
            /// As `get`.
            pub unsafe fn get_volatile(_t: &Thread, slots: *mut u64) -> JResult<u64> {
                // SAFETY: the caller's promise.
                unsafe {
                    let args = Args::new(slots);
                    let slot: fn($ty) -> u64 = $slot;
                    Ok(slot(<$ty>::load_volatile(address(args))))
                }
            }
            /// # Safety
            /// As `get`.
            pub unsafe fn put_volatile(_t: &Thread, slots: *mut u64) -> JResult<u64> {
                // SAFETY: the caller's promise.
                unsafe {
                    let args = Args::new(slots);
                    let value: fn(Args) -> $ty = $value;
                    <$ty>::store_volatile(address(args), value(args));
                    Ok(0)
                }
            }
        }
    )*};
}

// `float` and `double` move as bit patterns: a signalling NaN must come through unchanged.
accessors! {
    boolean: u8, |v| bool_slot(v != 0), |a| a.boolean(4) as u8;
    byte: i8, |v| int_slot(i32::from(v)), |a| a.int(4) as i8;
    short: i16, |v| int_slot(i32::from(v)), |a| a.int(4) as i16;
    char: u16, |v| int_slot(i32::from(v)), |a| a.int(4) as u16;
    int: i32, int_slot, |a| a.int(4);
    long: i64, long_slot, |a| a.long(4);
}

mod reference {
    use super::*;

    /// Stores a reference, with the write barrier when the place is in the heap.
    ///
    /// # Safety
    /// `(base, offset)` is a reference field or element, or `base` is null and the offset an address.
    #[inline(always)]
    unsafe fn barrier(t: &Thread, base: ObjRef, place: *mut u8) {
        if !base.is_null() {
            // SAFETY: the place lies in a heap object.
            unsafe { t.vm().heap.cards().mark(place) };
        }
    }

    /// # Safety
    /// As the accessors of primitives.
    pub unsafe fn get(_t: &Thread, slots: *mut u64) -> JResult<u64> {
        // SAFETY: the caller's promise.
        unsafe { Ok(u64::from(address(Args::new(slots)).cast::<u32>().read_volatile())) }
    }
    /// # Safety
    /// As `get`.
    pub unsafe fn put(t: &Thread, slots: *mut u64) -> JResult<u64> {
        // SAFETY: the caller's promise.
        unsafe {
            let args = Args::new(slots);
            let place = address(args);
            place.cast::<u32>().write_volatile(args.obj(4).raw());
            barrier(t, args.obj(1), place);
            Ok(0)
        }
    }
    /// # Safety
    /// As `get`.
    pub unsafe fn get_volatile(_t: &Thread, slots: *mut u64) -> JResult<u64> {
        // SAFETY: the caller's promise; references are aligned.
        unsafe { Ok(u64::from(AtomicU32::from_ptr(address(Args::new(slots)).cast()).load(Ordering::SeqCst))) }
    }
    /// # Safety
    /// As `get`.
    pub unsafe fn put_volatile(t: &Thread, slots: *mut u64) -> JResult<u64> {
        // SAFETY: the caller's promise; references are aligned.
        unsafe {
            let args = Args::new(slots);
            let place = address(args);
            AtomicU32::from_ptr(place.cast()).store(args.obj(4).raw(), Ordering::SeqCst);
            barrier(t, args.obj(1), place);
            Ok(0)
        }
    }
    /// The value found at the place; it was the expected one iff the exchange took place.
    ///
    /// # Safety
    /// As `get`.
    unsafe fn exchange(t: &Thread, args: Args) -> Result<u32, u32> {
        // SAFETY: the caller's promise; references are aligned.
        unsafe {
            let place = address(args);
            let (expected, new) = (args.obj(4).raw(), args.obj(5).raw());
            let r = AtomicU32::from_ptr(place.cast()).compare_exchange(
                expected,
                new,
                Ordering::SeqCst,
                Ordering::SeqCst,
            );
            if r.is_ok() {
                barrier(t, args.obj(1), place);
            }
            r
        }
    }
    /// # Safety
    /// As `get`.
    pub unsafe fn compare_and_set(t: &Thread, slots: *mut u64) -> JResult<u64> {
        // SAFETY: the caller's promise.
        Ok(bool_slot(unsafe { exchange(t, Args::new(slots)) }.is_ok()))
    }
    /// # Safety
    /// As `get`.
    pub unsafe fn compare_and_exchange(t: &Thread, slots: *mut u64) -> JResult<u64> {
        // SAFETY: the caller's promise.
        let (Ok(found) | Err(found)) = unsafe { exchange(t, Args::new(slots)) };
        Ok(u64::from(found))
    }
    /// An uncompressed reference, that is an object's address, in native memory.
    ///
    /// # Safety
    /// The address holds one.
    pub unsafe fn get_uncompressed(_t: &Thread, slots: *mut u64) -> JResult<u64> {
        // SAFETY: the caller's promise.
        unsafe {
            let place = Args::new(slots).long(1) as usize as *const *const u8;
            Ok(ref_slot(ObjRef::from_addr(place.read_unaligned())))
        }
    }
}

/// # Safety
/// As the accessors: the place holds an aligned `int`.
unsafe fn exchange_int(args: Args) -> Result<u32, u32> {
    // SAFETY: the caller's promise.
    let place = unsafe { AtomicU32::from_ptr(address(args).cast()) };
    place.compare_exchange(args.raw(4) as u32, args.raw(5) as u32, Ordering::SeqCst, Ordering::SeqCst)
}
/// # Safety
/// As the accessors: the place holds an aligned `long`.
unsafe fn exchange_long(args: Args) -> Result<u64, u64> {
    // SAFETY: the caller's promise.
    let place = unsafe { AtomicU64::from_ptr(address(args).cast()) };
    place.compare_exchange(args.raw(4), args.raw(6), Ordering::SeqCst, Ordering::SeqCst)
}
/// # Safety
/// As [`exchange_int`].
unsafe fn compare_and_set_int(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    Ok(bool_slot(unsafe { exchange_int(Args::new(slots)) }.is_ok()))
}
/// # Safety
/// As [`exchange_int`].
unsafe fn compare_and_exchange_int(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let (Ok(found) | Err(found)) = unsafe { exchange_int(Args::new(slots)) };
    Ok(u64::from(found))
}
/// # Safety
/// As [`exchange_long`].
unsafe fn compare_and_set_long(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    Ok(bool_slot(unsafe { exchange_long(Args::new(slots)) }.is_ok()))
}
/// # Safety
/// As [`exchange_long`].
unsafe fn compare_and_exchange_long(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let (Ok(found) | Err(found)) = unsafe { exchange_long(Args::new(slots)) };
    Ok(found)
}

/// # Safety
/// Called as an internal native.
unsafe fn load_fence(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    fence(Ordering::Acquire);
    Ok(0)
}
/// # Safety
/// Called as an internal native.
unsafe fn store_fence(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    fence(Ordering::Release);
    Ok(0)
}
/// # Safety
/// Called as an internal native.
unsafe fn full_fence(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    fence(Ordering::SeqCst);
    Ok(0)
}

macro_rules! rows {
    ($($module:ident $name:literal $desc:literal;)*; $($extra:expr,)*) => {
        const ROWS: &[Row] = &[
            $(
                (concat!("get", $name), concat!("(Ljava/lang/Object;J)", $desc), $module::get),
                (concat!("put", $name), concat!("(Ljava/lang/Object;J", $desc, ")V"), $module::put),
                (concat!("get", $name, "Volatile"), concat!("(Ljava/lang/Object;J)", $desc), $module::get_volatile),
                (concat!("put", $name, "Volatile"), concat!("(Ljava/lang/Object;J", $desc, ")V"), $module::put_volatile),
            )*
            $($extra,)*
        ];
    };
}

rows! {
    boolean "Boolean" "Z";
    byte "Byte" "B";
    short "Short" "S";
    char "Char" "C";
    int "Int" "I";
    long "Long" "J";
    int "Float" "F";
    long "Double" "D";
    reference "Reference" "Ljava/lang/Object;";
    ;
    ("getUncompressedObject", "(J)Ljava/lang/Object;", reference::get_uncompressed),
    (
        "compareAndSetReference",
        "(Ljava/lang/Object;JLjava/lang/Object;Ljava/lang/Object;)Z",
        reference::compare_and_set,
    ),
    (
        "compareAndExchangeReference",
        "(Ljava/lang/Object;JLjava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;",
        reference::compare_and_exchange,
    ),
    ("compareAndSetInt", "(Ljava/lang/Object;JII)Z", compare_and_set_int),
    ("compareAndExchangeInt", "(Ljava/lang/Object;JII)I", compare_and_exchange_int),
    ("compareAndSetLong", "(Ljava/lang/Object;JJJ)Z", compare_and_set_long),
    ("compareAndExchangeLong", "(Ljava/lang/Object;JJJ)J", compare_and_exchange_long),
    ("loadFence", "()V", load_fence),
    ("storeFence", "()V", store_fence),
    ("fullFence", "()V", full_fence),
}
