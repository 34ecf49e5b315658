//! The file of performance data, `/tmp/hsperfdata_USER/PID`, by which `jps`, `jcmd -l` and others find VMs and what
//! they run. Its layout is that of version 2.0 of the JDK's `sun.jvmstat.perfdata` classes, which read it.
//!
//! It holds what is known when the VM starts; there are no counters that change.

use caturra_exports::properties::{VM_NAME, VM_VENDOR, VM_VERSION};
use caturra_kernel::Vm;
use parking_lot::Mutex;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const MAGIC: u32 = 0xcafe_c0c0;
const HEADER: usize = 32;
const LITTLE_ENDIAN: u8 = 1;
/// Units and variability of an entry.
const UNITS_NONE: u8 = 1;
const UNITS_STRING: u8 = 5;
const CONSTANT: u8 = 1;
/// Entries begin at multiples of this.
const ALIGNMENT: usize = 8;
/// Length of what fits a path.
const LONGEST_TEXT: usize = 4096;
const PAGE: usize = 4096;

static PUBLISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// One entry: name, type, contents.
struct Entry {
    name: &'static str,
    kind: u8,
    units: u8,
    elements: usize,
    bytes: Vec<u8>,
}

fn number(name: &'static str, value: i64) -> Entry {
    Entry { name, kind: b'J', units: UNITS_NONE, elements: 0, bytes: value.to_le_bytes().to_vec() }
}

fn text(name: &'static str, value: &str) -> Entry {
    let mut bytes: Vec<u8> = value.bytes().take(LONGEST_TEXT).collect();
    bytes.push(0);
    Entry { name, kind: b'B', units: UNITS_STRING, elements: bytes.len(), bytes }
}

fn entries(vm: &Vm) -> Vec<Entry> {
    let options = &vm.options;
    let property = |key: &str| {
        let all = options.system_properties.lock();
        all.iter().rev().find(|(k, _)| k == key).map_or_else(String::new, |(_, v)| v.clone())
    };
    let command = property("sun.java.command");
    let (flags, arguments): (Vec<_>, Vec<_>) =
        options.vm_arguments.iter().cloned().partition(|a| a.starts_with("-XX:Flags="));
    vec![
        text("sun.rt.javaCommand", &command),
        text("java.rt.vmArgs", &arguments.join(" ")),
        text("java.rt.vmFlags", &flags.join(" ")),
        text("java.property.java.vm.name", VM_NAME),
        text("java.property.java.vm.vendor", VM_VENDOR),
        text("java.property.java.vm.version", VM_VERSION),
        text("java.property.java.vm.info", options.vm_info()),
        text("java.property.java.vm.specification.name", "Java Virtual Machine Specification"),
        text("java.property.java.vm.specification.vendor", "Oracle Corporation"),
        text("java.property.java.vm.specification.version", &options.release.to_string()),
        text(
            "java.property.java.version",
            options.runtime_version.split(['+', '-']).next().unwrap_or_default(),
        ),
        text("java.property.java.home", &options.java_home),
        text("java.property.java.class.path", &property("java.class.path")),
        text("sun.rt.jvmVersion", VM_VERSION),
        // Whether tools can attach, and places for more that are not used.
        text(
            "sun.rt.jvmCapabilities",
            if options.disable_attach {
                "0000000000000000000000000000000000000000000000000000000000000000"
            } else {
                "1000000000000000000000000000000000000000000000000000000000000000"
            },
        ),
        number("sun.rt.createVmBeginTime", vm.started_millis),
        number("sun.os.hrt.frequency", 1_000_000_000),
    ]
}

/// The file's contents. The last number of the header says that all of it is there.
fn image(all: &[Entry]) -> Vec<u8> {
    let mut body = Vec::new();
    for e in all {
        let name = e.name.len() + 1;
        let data = (20 + name).next_multiple_of(ALIGNMENT);
        let length = (data + e.bytes.len()).next_multiple_of(ALIGNMENT);
        let start = body.len();
        for word in [length, 20, e.elements] {
            body.extend((word as u32).to_le_bytes());
        }
        body.extend([e.kind, 0, e.units, CONSTANT]);
        body.extend((data as u32).to_le_bytes());
        body.extend(e.name.bytes());
        body.resize(start + data, 0);
        body.extend(&e.bytes);
        body.resize(start + length, 0);
    }
    let mut file = Vec::with_capacity(HEADER + body.len());
    // The magic number is in big-endian order whatever the rest is.
    file.extend(MAGIC.to_be_bytes());
    file.extend([LITTLE_ENDIAN, 2, 0, 1]);
    file.extend(((HEADER + body.len()) as u32).to_le_bytes());
    file.extend(0u32.to_le_bytes());
    file.extend(0u64.to_le_bytes());
    file.extend((HEADER as u32).to_le_bytes());
    file.extend((all.len() as u32).to_le_bytes());
    file.extend(body);
    // Who maps the file wants whole pages.
    file.resize(file.len().next_multiple_of(PAGE), 0);
    file
}

fn user_name() -> Option<String> {
    let mut buffer = vec![0; 4096];
    // SAFETY: the structure and the buffer are filled in; the name lies in the buffer.
    unsafe {
        let mut entry: libc::passwd = std::mem::zeroed();
        let mut found = std::ptr::null_mut();
        let status =
            libc::getpwuid_r(libc::geteuid(), &mut entry, buffer.as_mut_ptr(), buffer.len(), &mut found);
        if status != 0 || found.is_null() || entry.pw_name.is_null() {
            return None;
        }
        let name = std::ffi::CStr::from_ptr(entry.pw_name).to_str().ok()?.to_owned();
        (!name.is_empty() && !name.contains('/')).then_some(name)
    }
}

/// Whether nobody else can have put something else in the directory's place.
fn is_ours(directory: &Path) -> bool {
    fs::symlink_metadata(directory).is_ok_and(|m| {
        // SAFETY: a plain call.
        m.is_dir() && m.uid() == unsafe { libc::geteuid() } && m.mode() & 0o022 == 0
    })
}

/// Removes what VMs left behind that were killed.
fn clean(directory: &Path) {
    let Ok(files) = fs::read_dir(directory) else { return };
    for file in files.flatten() {
        let pid = file.file_name().to_str().and_then(|n| n.parse::<i32>().ok());
        // SAFETY: signal 0 only asks whether the process is there.
        let gone = |pid| unsafe { libc::kill(pid, 0) != 0 } && io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH);
        if pid.is_some_and(gone) {
            // Another VM may have been faster.
            let _ = fs::remove_file(file.path());
        }
    }
}

fn write(vm: &Vm) -> io::Result<PathBuf> {
    let user = user_name().ok_or(io::ErrorKind::NotFound)?;
    let directory = PathBuf::from(format!("/tmp/hsperfdata_{user}"));
    match fs::DirBuilder::new().mode(0o755).create(&directory) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        _ => {}
    }
    if !is_ours(&directory) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    clean(&directory);
    let path = directory.join(std::process::id().to_string());
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(&path)?;
    file.write_all(&image(&entries(vm)))?;
    Ok(path)
}

/// Writes the file, unless options forbid it. Where it cannot be written, nobody is told: the VM runs without it.
pub(crate) fn publish(vm: &Vm) {
    let options = &vm.options;
    if options.use_perf_data && !options.perf_disable_shared_memory && options.is_launcher() {
        *PUBLISHED.lock() = write(vm).ok();
    }
}

/// Removes the file.
pub(crate) fn remove() {
    if let Some(path) = PUBLISHED.lock().take() {
        // Where it is gone already, nothing is to be done.
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_aligned_and_counted() {
        let file = image(&[text("a.b", "hello"), number("n", 7)]);
        assert_eq!(file[..8], [0xca, 0xfe, 0xc0, 0xc0, 1, 2, 0, 1]);
        let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!((file.len(), word(24), word(28)), (PAGE, HEADER, 2));
        let first = HEADER;
        assert_eq!(&file[first + word(first + 16)..][..6], b"hello\0");
        let second = first + word(first);
        assert_eq!(second % ALIGNMENT, 0);
        assert_eq!(file[second + word(second + 16)], 7);
        assert_eq!(second + word(second), word(8));
    }
}
