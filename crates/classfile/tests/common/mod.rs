//! Access to the classes of an installed JDK through `lib/modules`.

use std::path::{Path, PathBuf};

/// The runtime image of a JDK, a memory copy of `lib/modules` (jimage, as `jdk.internal.jimage` defines it).
pub struct Image {
    bytes: Vec<u8>,
}

/// Where Debian installs JDK 17.
pub const REFERENCE_HOME: &str = "/usr/lib/jvm/java-17-openjdk-amd64";

const MAGIC: u32 = 0xCAFE_DADA;
const HEADER: usize = 28;

impl Image {
    /// The image of `JAVA_HOME` or of the usual place; `None`, with a note, where there is none.
    #[allow(dead_code, reason = "not every test that has this module wants any JDK")]
    pub fn open() -> Option<Image> {
        let home = std::env::var_os("JAVA_HOME").map(PathBuf::from);
        home.and_then(|home| Image::read(&home)).or_else(Image::open_reference)
    }

    /// The image of the reference JDK 17; `None`, with a note, where there is none.
    pub fn open_reference() -> Option<Image> {
        let image = Image::read(Path::new(REFERENCE_HOME));
        if image.is_none() {
            eprintln!("skipped: no JDK 17 at {REFERENCE_HOME}");
        }
        image
    }

    fn read(home: &Path) -> Option<Image> {
        std::fs::read(home.join("lib/modules")).ok().map(|bytes| Image { bytes })
    }

    fn u4(&self, at: usize) -> usize {
        u32::from_le_bytes(self.bytes[at..at + 4].try_into().unwrap()) as usize
    }

    /// Calls `visit` with module, path without the extension, and content of every class.
    pub fn for_each_class(&self, mut visit: impl FnMut(&str, &str, &[u8])) {
        assert_eq!(self.u4(0), MAGIC as usize, "jimage of the other byte order");
        let (length, locations_size, strings_size) = (self.u4(16), self.u4(20), self.u4(24));
        let offsets = HEADER + 4 * length;
        let locations = offsets + 4 * length;
        let strings = locations + locations_size;
        let content = strings + strings_size;
        let string = |offset: u64| {
            let rest = &self.bytes[strings + offset as usize..];
            let end = rest.iter().position(|&byte| byte == 0).unwrap();
            std::str::from_utf8(&rest[..end]).unwrap()
        };
        for entry in 0..length {
            let mut at = locations + self.u4(offsets + 4 * entry);
            // module, parent, base, extension, offset, compressed size, uncompressed size
            let mut attributes = [0u64; 8];
            while self.bytes[at] >> 3 != 0 {
                let (kind, size) = (self.bytes[at] >> 3, (self.bytes[at] & 7) as usize + 1);
                let value = &self.bytes[at + 1..at + 1 + size];
                attributes[kind as usize] = value.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
                at += 1 + size;
            }
            let [_, module, parent, base, extension, offset, compressed, size] = attributes;
            if string(extension) != "class" || compressed != 0 {
                continue;
            }
            let start = content + offset as usize;
            let (parent, base) = (string(parent), string(base));
            let path = if parent.is_empty() { base.to_owned() } else { format!("{parent}/{base}") };
            visit(string(module), &path, &self.bytes[start..start + size as usize]);
        }
    }
}
