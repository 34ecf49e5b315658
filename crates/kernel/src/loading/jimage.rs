//! The run-time image `lib/modules` (JEP 220), mapped read-only; class bytes are used where they lie.
//!
//! Read here rather than through `libjimage.so`: the look-up is a perfect hash over a mapped file, and the C++
//! library would add its own start-up and copies.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;

const MAGIC: u32 = 0xcafe_dada;
const HEADER: usize = 28;
const HASH_MULTIPLIER: u32 = 0x0100_0193;

/// An open run-time image.
pub struct Image {
    base: *const u8,
    len: usize,
    table_len: usize,
    redirect: usize,
    offsets: usize,
    locations: usize,
    strings: usize,
    index_size: usize,
}

// SAFETY: the mapping is read-only and private.
unsafe impl Send for Image {}
// SAFETY: as above.
unsafe impl Sync for Image {}

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

fn hash(parts: &[&[u8]], seed: u32) -> u32 {
    let mut h = seed;
    for b in parts.iter().copied().flatten() {
        h = h.wrapping_mul(HASH_MULTIPLIER) ^ u32::from(*b);
    }
    h & 0x7fff_ffff
}

impl Image {
    /// Maps the image file.
    ///
    /// # Errors
    /// When it cannot be read or is not an image of this byte order.
    pub fn open(path: &Path) -> std::io::Result<Image> {
        let bad = |what: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, what.to_string());
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
        let mut image = Image {
            base: base.cast(),
            len,
            table_len: 0,
            redirect: HEADER,
            offsets: 0,
            locations: 0,
            strings: 0,
            index_size: 0,
        };
        if image.u32(0) != Some(MAGIC) {
            return Err(bad("not a run-time image"));
        }
        let table_len = image.u32(16).unwrap_or(0) as usize;
        let locations_size = image.u32(20).unwrap_or(0) as usize;
        let strings_size = image.u32(24).unwrap_or(0) as usize;
        image.table_len = table_len;
        image.offsets = HEADER + table_len * 4;
        image.locations = image.offsets + table_len * 4;
        image.strings = image.locations + locations_size;
        image.index_size = image.strings + strings_size;
        if table_len == 0 || image.index_size > len {
            return Err(bad("run-time image index is corrupt"));
        }
        Ok(image)
    }

    fn bytes(&self) -> &'static [u8] {
        // SAFETY: the mapping covers `len` bytes and lives as long as the VM that owns the image; class bytes
        // taken from it belong to classes of that VM.
        unsafe { std::slice::from_raw_parts(self.base, self.len) }
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let b = self.bytes().get(at..at + 4)?;
        Some(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn string(&self, offset: usize) -> &'static [u8] {
        let tail = self.bytes().get(self.strings + offset..self.index_size).unwrap_or(&[]);
        &tail[..tail.iter().position(|b| *b == 0).unwrap_or(tail.len())]
    }

    fn attributes(&self, at: usize) -> Option<Attributes> {
        let data = self.bytes().get(self.locations + at..self.strings)?;
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
        let mut push = |p: &'static [u8], s: &[u8]| {
            // Lifetimes: the parts live through this call only.
            parts[n] = p;
            // SAFETY: extends the borrow for the array; it does not outlive the arguments.
            parts[n + 1] = unsafe { std::slice::from_raw_parts(s.as_ptr(), s.len()) };
            n += 2;
        };
        push(b"/", module);
        if !parent.is_empty() {
            push(b"/", parent);
        }
        push(b"/", base);
        if !extension.is_empty() {
            push(b".", extension);
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
    pub fn class_bytes(&self, module: &str, name: &[u8]) -> Option<&'static [u8]> {
        let (parent, base) = match name.iter().rposition(|b| *b == b'/') {
            Some(i) => (&name[..i], &name[i + 1..]),
            None => (&b""[..], name),
        };
        let l = self.find(module.as_bytes(), parent, base, b"class")?;
        self.resource(&l)
    }

    fn resource(&self, l: &Location) -> Option<&'static [u8]> {
        if l.compressed != 0 {
            return None;
        }
        let start = self.index_size + l.offset;
        self.bytes().get(start..start + l.size)
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

impl Drop for Image {
    fn drop(&mut self) {
        // SAFETY: the VM that owned the image is gone, with all classes that used its bytes.
        unsafe { libc::munmap(self.base.cast_mut().cast(), self.len) };
    }
}
