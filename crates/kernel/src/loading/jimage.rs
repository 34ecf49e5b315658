//! The run-time image `lib/modules` (JEP 220), mapped read-only; class bytes are used where they lie.
//!
//! Read here rather than through `libjimage.so`: the look-up is a perfect hash over a mapped file, and the C++
//! library would add its own start-up and copies.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

const MAGIC: u32 = 0xcafe_dada;
const HEADER: usize = 28;
const HASH_MULTIPLIER: u32 = 0x0100_0193;

/// After so many bytes of class files the image's pages are let go. The kernel maps sixteen pages around each that is
/// touched, so that what is resident is several times what was read, and most of it is read once.
const RESIDENT: usize = 256 << 10;

/// An open run-time image.
pub struct Image {
    index: Index<'static>,
    /// Bytes of class files that were found.
    given: AtomicUsize,
}

/// The bytes of a run-time image, of which nothing but the header was checked. No content can make a look-up do
/// worse than find nothing or the wrong bytes.
pub struct Index<'a> {
    bytes: &'a [u8],
    table_len: usize,
    redirect: usize,
    offsets: usize,
    locations: usize,
    strings: usize,
    index_size: usize,
}

/// Where a resource lies.
struct Location {
    offset: usize,
    compressed: usize,
    size: usize,
}

#[derive(Default)]
struct Attributes {
    module: usize,
    parent: usize,
    base: usize,
    extension: usize,
    location: [usize; 3],
}

/// The hash of a resource's path, given in parts.
pub fn hash(parts: &[&[u8]], seed: u32) -> u32 {
    let mut h = seed;
    for b in parts.iter().copied().flatten() {
        h = h.wrapping_mul(HASH_MULTIPLIER) ^ u32::from(*b);
    }
    h & 0x7fff_ffff
}

fn bad(what: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, what.to_string())
}

impl Image {
    /// Maps the image file.
    ///
    /// # Errors
    /// When it cannot be read or is not an image of this byte order.
    pub fn open(path: &Path) -> std::io::Result<Image> {
        let file = File::open(path)?;
        let len = file.metadata()?.len() as usize;
        if len < HEADER {
            return Err(bad("run-time image too short"));
        }
        // SAFETY: a fresh private read-only mapping of a regular file of that length.
        let base = unsafe {
            libc::mmap(std::ptr::null_mut(), len, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0)
        };
        if base == libc::MAP_FAILED {
            return Err(std::io::Error::last_os_error());
        }
        // SAFETY: the mapping covers `len` bytes and lives as long as the VM that owns the image; class bytes
        // taken from it belong to classes of that VM.
        let bytes: &'static [u8] = unsafe { std::slice::from_raw_parts(base.cast(), len) };
        match Index::new(bytes) {
            Ok(index) => Ok(Image { index, given: AtomicUsize::new(0) }),
            Err(e) => {
                // SAFETY: the mapping made above, of which nothing was kept.
                unsafe { libc::munmap(base, len) };
                Err(e)
            }
        }
    }

    /// As [`Index::class_bytes`].
    pub fn class_bytes(&self, module: &str, name: &[u8]) -> Option<&'static [u8]> {
        let bytes = self.index.class_bytes(module, name)?;
        let given = self.given.fetch_add(bytes.len(), Ordering::Relaxed);
        if given / RESIDENT != (given + bytes.len()) / RESIDENT {
            self.let_go();
        }
        Some(bytes)
    }

    /// Takes the image out of the process's resident memory; what is read again comes back from the page cache.
    fn let_go(&self) {
        let bytes = self.index.bytes;
        // SAFETY: a private mapping of a file that is only read: its content stays the same.
        unsafe { libc::madvise(bytes.as_ptr().cast_mut().cast(), bytes.len(), libc::MADV_DONTNEED) };
    }

    /// As [`Index::module_of_package`].
    pub fn module_of_package(&self, package: &[u8]) -> Option<String> {
        self.index.module_of_package(package)
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let bytes = self.index.bytes;
        // SAFETY: the VM that owned the image is gone, with all classes that used its bytes.
        unsafe { libc::munmap(bytes.as_ptr().cast_mut().cast(), bytes.len()) };
    }
}

impl<'a> Index<'a> {
    /// Reads the header of an image.
    ///
    /// # Errors
    /// When it is not an image of this byte order.
    pub fn new(bytes: &'a [u8]) -> std::io::Result<Index<'a>> {
        let mut index = Index {
            bytes,
            table_len: 0,
            redirect: HEADER,
            offsets: 0,
            locations: 0,
            strings: 0,
            index_size: 0,
        };
        if index.u32(0) != Some(MAGIC) {
            return Err(bad("not a run-time image"));
        }
        let field =
            |at| index.u32(at).map(|value| value as usize).ok_or_else(|| bad("run-time image too short"));
        let (table_len, locations_size, strings_size) = (field(16)?, field(20)?, field(24)?);
        index.table_len = table_len;
        index.offsets = HEADER + table_len * 4;
        index.locations = index.offsets + table_len * 4;
        index.strings = index.locations + locations_size;
        index.index_size = index.strings + strings_size;
        if table_len == 0 || index.index_size > bytes.len() {
            return Err(bad("run-time image index is corrupt"));
        }
        Ok(index)
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let b = self.bytes.get(at..)?.first_chunk()?;
        Some(u32::from_le_bytes(*b))
    }

    fn string(&self, offset: usize) -> &'a [u8] {
        let start = self.strings.saturating_add(offset);
        let tail = self.bytes.get(start..self.index_size).unwrap_or(&[]);
        &tail[..tail.iter().position(|b| *b == 0).unwrap_or(tail.len())]
    }

    fn attributes(&self, at: usize) -> Option<Attributes> {
        let data = self.bytes.get(self.locations + at..self.strings)?;
        let mut a = Attributes::default();
        let mut i = 0;
        loop {
            let byte = *data.get(i)?;
            let kind = byte >> 3;
            if kind == 0 {
                return Some(a);
            }
            let n = (byte & 7) as usize + 1;
            let value = data.get(i + 1..i + 1 + n)?.iter().fold(0usize, |v, b| v << 8 | *b as usize);
            match kind {
                1 => a.module = value,
                2 => a.parent = value,
                3 => a.base = value,
                4 => a.extension = value,
                5..=7 => a.location[kind as usize - 5] = value,
                _ => return None,
            }
            i += 1 + n;
        }
    }

    fn find(&self, module: &[u8], parent: &[u8], base: &[u8], extension: &[u8]) -> Option<Location> {
        let mut parts: [&[u8]; 8] = [b""; 8];
        let mut n = 0;
        let all: [(&[u8], &[u8], bool); 4] =
            [(b"/", module, true), (b"/", parent, false), (b"/", base, true), (b".", extension, false)];
        for (separator, part, always) in all {
            if always || !part.is_empty() {
                parts[n] = separator;
                parts[n + 1] = part;
                n += 2;
            }
        }
        let parts = &parts[..n];
        let slot = hash(parts, HASH_MULTIPLIER) as usize % self.table_len;
        let value = self.u32(self.redirect + slot * 4)? as i32;
        let index = match value {
            0 => return None,
            v if v > 0 => hash(parts, v as u32) as usize % self.table_len,
            v => (-1 - v) as usize,
        };
        let a = self.attributes(self.u32(self.offsets + index * 4)? as usize)?;
        (self.string(a.module) == module
            && self.string(a.parent) == parent
            && self.string(a.base) == base
            && self.string(a.extension) == extension)
            .then_some(Location { offset: a.location[0], compressed: a.location[1], size: a.location[2] })
    }

    /// The bytes of class `name` (internal form) in `module`, `None` when absent or stored compressed (an image
    /// made by `jlink --compress`, which is not supported).
    pub fn class_bytes(&self, module: &str, name: &[u8]) -> Option<&'a [u8]> {
        let (parent, base) = match name.iter().rposition(|b| *b == b'/') {
            Some(i) => (&name[..i], &name[i + 1..]),
            None => (&b""[..], name),
        };
        let l = self.find(module.as_bytes(), parent, base, b"class")?;
        self.resource(&l)
    }

    fn resource(&self, l: &Location) -> Option<&'a [u8]> {
        if l.compressed != 0 {
            return None;
        }
        let start = self.index_size.checked_add(l.offset)?;
        self.bytes.get(start..start.checked_add(l.size)?)
    }

    /// The module that contains `package` (internal form).
    pub fn module_of_package(&self, package: &[u8]) -> Option<String> {
        let dotted: Vec<u8> = package.iter().map(|b| if *b == b'/' { b'.' } else { *b }).collect();
        // "/packages/java.lang" is stored whole as base name.
        let data = self.resource(&self.find(b"packages", b"", &dotted, b"")?)?;
        for entry in data.chunks_exact(8) {
            let is_empty = u32::from_le_bytes([entry[0], entry[1], entry[2], entry[3]]);
            let name = u32::from_le_bytes([entry[4], entry[5], entry[6], entry[7]]);
            if is_empty == 0 {
                return String::from_utf8(self.string(name as usize).to_vec()).ok();
            }
        }
        None
    }
}
