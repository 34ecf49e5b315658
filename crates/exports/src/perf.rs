//! `jdk.internal.perf.Perf`: counters of this process, and the counters that another VM publishes in its
//! `hsperfdata` file.
//!
//! This VM publishes no such file, so the names of its own counters serve nobody and are not kept.

use crate::internal::{Args, ClassTable, long_slot, ref_slot};
use caturra_heap::ObjRef;
use caturra_kernel::Thread;
use caturra_kernel::loading::loader;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::{alloc, strings};
use std::os::fd::AsRawFd;
use std::path::PathBuf;

pub(crate) const INTERNAL: &[ClassTable] = &[(
    "jdk/internal/perf/Perf",
    &[
        ("attach", "(Ljava/lang/String;II)Ljava/nio/ByteBuffer;", attach),
        ("detach", "(Ljava/nio/ByteBuffer;)V", detach),
        ("createLong", "(Ljava/lang/String;IIJ)Ljava/nio/ByteBuffer;", create_long),
        ("createByteArray", "(Ljava/lang/String;II[BI)Ljava/nio/ByteBuffer;", create_byte_array),
        ("highResCounter", "()J", high_res_counter),
        ("highResFrequency", "()J", high_res_frequency),
    ],
)];

/// `Perf`'s constants for variability and units.
const VARIABILITY_CONSTANT: i32 = 1;
const VARIABILITY_VARIABLE: i32 = 3;
const UNITS_STRING: i32 = 5;
const UNITS_HERTZ: i32 = 6;
/// `Perf`'s access modes.
const READ_ONLY: i32 = 0;
const READ_WRITE: i32 = 1;

fn illegal_argument(t: &Thread) -> exceptions::Thrown {
    exceptions::throw_bare(t, "java/lang/IllegalArgumentException")
}

/// A `java.nio.DirectByteBuffer` over memory that Java does not own.
pub(crate) fn direct_buffer(t: &Thread, memory: *mut u8, capacity: usize) -> JResult<ObjRef> {
    let vm = t.vm();
    let class = loader::load_class(t, vm.loaders.boot(), vm.symbols.intern("java/nio/DirectByteBuffer"))?;
    alloc::new_object(t, class, "(JI)V", &[memory as u64, 0, capacity as u64])
}

/// Zeroed memory that lives as long as the process: Java's counters are never removed.
fn counter_memory(t: &Thread, bytes: usize) -> JResult<*mut u8> {
    // SAFETY: plain allocation.
    let memory = unsafe { libc::calloc(bytes, 1) };
    if memory.is_null() {
        return Err(exceptions::throw(t, "java/lang/OutOfMemoryError", "perf data memory"));
    }
    Ok(memory.cast())
}

/// # Safety
/// Called as an internal native.
unsafe fn create_long(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let args = unsafe { Args::new(slots) };
    let (name, variability, units, value) = (args.obj(1), args.int(2), args.int(3), args.long(4));
    if !(1..=UNITS_HERTZ).contains(&units)
        || !(VARIABILITY_CONSTANT..=VARIABILITY_VARIABLE).contains(&variability)
    {
        return Err(illegal_argument(t));
    }
    if name.is_null() {
        return Err(exceptions::npe(t));
    }
    let memory = counter_memory(t, 8)?;
    // SAFETY: 8 fresh, aligned bytes.
    unsafe { memory.cast::<i64>().write(value) };
    Ok(ref_slot(direct_buffer(t, memory, 8)?))
}

/// # Safety
/// Called as an internal native.
unsafe fn create_byte_array(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let args = unsafe { Args::new(slots) };
    let (name, variability, units) = (args.obj(1), args.int(2), args.int(3));
    let (value, max_length) = (args.obj(4), args.int(5));
    if name.is_null() || value.is_null() {
        return Err(exceptions::npe(t));
    }
    let constant = variability == VARIABILITY_CONSTANT;
    if units != UNITS_STRING || !(constant || variability == VARIABILITY_VARIABLE) || max_length < 0 {
        return Err(illegal_argument(t));
    }
    // SAFETY: `value` is a live byte array.
    let length = unsafe { value.array_length() } as usize;
    let capacity = if constant { length } else { max_length as usize };
    let memory = counter_memory(t, capacity + 1)?;
    // SAFETY: the array is live and the memory has room for `capacity` bytes and a terminator.
    unsafe {
        let (bytes, _) = alloc::bytes_of(value);
        memory.copy_from_nonoverlapping(bytes, length.min(capacity));
    }
    Ok(ref_slot(direct_buffer(t, memory, capacity + 1)?))
}

/// The counter file of a VM process, of the given user or of any.
fn counter_file(user: Option<&str>, pid: i32) -> Option<PathBuf> {
    if let Some(user) = user {
        return Some(PathBuf::from(format!("/tmp/hsperfdata_{user}/{pid}")));
    }
    std::fs::read_dir("/tmp").ok()?.flatten().find_map(|entry| {
        let is_ours = entry.file_name().to_string_lossy().starts_with("hsperfdata_");
        let file = entry.path().join(pid.to_string());
        (is_ours && file.is_file()).then_some(file)
    })
}

/// Maps the counters of another VM.
///
/// # Safety
/// Called as an internal native.
unsafe fn attach(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let args = unsafe { Args::new(slots) };
    let (user, pid, mode) = (args.obj(1), args.int(2), args.int(3));
    if mode != READ_ONLY && mode != READ_WRITE {
        return Err(illegal_argument(t));
    }
    let user = (!user.is_null()).then(|| strings::to_rust(user));
    // The user's name is a part of a path: nothing else may come in through it.
    if pid <= 0 || user.as_deref().is_some_and(|u| u.contains('/')) {
        return Err(exceptions::throw(
            t,
            "java/io/IOException",
            "Could not attach to this VM: it publishes no counters",
        ));
    }
    let no_process = || exceptions::throw(t, "java/lang/IllegalArgumentException", "Process not found");
    let Some(path) = counter_file(user.as_deref(), pid) else { return Err(no_process()) };
    let mapped = std::fs::OpenOptions::new()
        .read(true)
        .write(mode == READ_WRITE)
        .open(&path)
        .and_then(|file| map(&file, mode == READ_WRITE));
    match mapped {
        Ok((memory, bytes)) => Ok(ref_slot(direct_buffer(t, memory, bytes)?)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(no_process()),
        Err(e) => Err(exceptions::throw(t, "java/io/IOException", &format!("{}: {e}", path.display()))),
    }
}

fn map(file: &std::fs::File, writable: bool) -> std::io::Result<(*mut u8, usize)> {
    let bytes = usize::try_from(file.metadata()?.len()).map_err(std::io::Error::other)?;
    if bytes == 0 || i32::try_from(bytes).is_err() {
        return Err(std::io::Error::other("Invalid size of performance data"));
    }
    let protection = libc::PROT_READ | if writable { libc::PROT_WRITE } else { 0 };
    // SAFETY: a fresh mapping of an open file.
    let p =
        unsafe { libc::mmap(std::ptr::null_mut(), bytes, protection, libc::MAP_SHARED, file.as_raw_fd(), 0) };
    if p == libc::MAP_FAILED {
        return Err(std::io::Error::last_os_error());
    }
    Ok((p.cast(), bytes))
}

/// Unmaps what [`attach`] has mapped.
///
/// # Safety
/// Called as an internal native, with such a buffer (the Java side keeps it private).
unsafe fn detach(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let buffer = unsafe { Args::new(slots) }.obj(1);
    if buffer.is_null() {
        return Err(exceptions::npe(t));
    }
    let capacity = caturra_kernel::runtime::calls::call_method(t, buffer, "capacity", "()I", &[])?;
    let address = caturra_kernel::runtime::calls::call_method(t, buffer, "address", "()J", &[])?;
    // SAFETY: the caller's promise: the range is a mapping of `attach`.
    unsafe { libc::munmap(address as *mut _, capacity as u32 as usize) };
    Ok(0)
}

/// Nanoseconds since the VM started.
///
/// # Safety
/// Called as an internal native.
unsafe fn high_res_counter(t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(long_slot(t.vm().started.elapsed().as_nanos() as i64))
}

/// # Safety
/// Called as an internal native.
unsafe fn high_res_frequency(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(long_slot(1_000_000_000))
}
