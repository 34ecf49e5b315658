//! Writes shared objects that hold no code: a name, libraries they need, and symbols with absolute addresses
//! (System V ABI, chapters 4 and 5).

/// What a shared object says of itself.
#[derive(Default)]
pub struct SharedObject<'a> {
    /// `DT_SONAME`.
    pub name: Option<&'a str>,
    /// `DT_NEEDED`.
    pub needed: &'a [&'a str],
    /// Functions and their addresses in this process (`SHN_ABS`: the dynamic linker takes them as they are).
    pub symbols: &'a [(&'a str, u64)],
}

const HEADER_SIZE: u64 = 64;
const PROGRAM_HEADER_SIZE: u64 = 56;
const SYMBOL_SIZE: usize = 24;

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_GNU_STACK: u32 = 0x6474_e551;
const FLAGS_RW: u32 = 6;

const DT_NEEDED: u64 = 1;
const DT_HASH: u64 = 4;
const DT_STRTAB: u64 = 5;
const DT_SYMTAB: u64 = 6;
const DT_STRSZ: u64 = 10;
const DT_SYMENT: u64 = 11;
const DT_SONAME: u64 = 14;
const DT_VERSYM: u64 = 0x6fff_fff0;
const DT_VERNEED: u64 = 0x6fff_fffe;
const DT_VERNEEDNUM: u64 = 0x6fff_ffff;

/// The C library's name, and a version that this object pretends to need of it. The dynamic linker looks at symbol
/// versions only in objects that have some, and refuses a library without any where versions are asked for, as some of
/// the JDK's libraries do. The need is weak: the version may be missing.
const C_LIBRARY: &str = "libc.so.6";
const C_LIBRARY_VERSION: &str = "GLIBC_2.2.5";
const VER_FLG_WEAK: u16 = 2;
/// Index of that version; 0 and 1 stand for local and unversioned symbols.
const VERSION_INDEX: u16 = 2;
const VER_NDX_GLOBAL: u16 = 1;

const SHN_ABS: u16 = 0xfff1;
/// `STB_GLOBAL`, `STT_FUNC`.
const GLOBAL_FUNCTION: u8 = 1 << 4 | 2;

#[cfg(target_arch = "x86_64")]
const MACHINE: u16 = 62;
#[cfg(target_arch = "aarch64")]
const MACHINE: u16 = 183;

/// The hash of the ABI's symbol hash table.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0u32, |h, b| {
        let h = (h << 4).wrapping_add(u32::from(b));
        let high = h & 0xf000_0000;
        (h ^ (high >> 24)) & !high
    })
}

/// Strings one after the other, each ended by a zero byte.
struct StringTable(Vec<u8>);

impl StringTable {
    fn add(&mut self, text: &str) -> u32 {
        let at = self.0.len() as u32;
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(0);
        at
    }
}

impl SharedObject<'_> {
    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut strings = StringTable(vec![0]);
        let c_library = strings.add(C_LIBRARY);
        let mut needed: Vec<u32> = self.needed.iter().map(|n| strings.add(n)).collect();
        needed.push(c_library);
        let name = self.name.map(|n| strings.add(n));

        // The first symbol is the null symbol.
        let mut symbols = vec![0u8; SYMBOL_SIZE];
        for (symbol, address) in self.symbols {
            symbols.extend(strings.add(symbol).to_le_bytes());
            symbols.extend([GLOBAL_FUNCTION, 0]);
            symbols.extend(SHN_ABS.to_le_bytes());
            symbols.extend(address.to_le_bytes());
            symbols.extend(0u64.to_le_bytes());
        }
        let hash_table = self.hash_table();

        // One file with one version; then the version of each symbol.
        let mut versions = Vec::new();
        versions.extend([1u16, 1].iter().flat_map(|h| h.to_le_bytes()));
        versions.extend([c_library, 16, 0].iter().flat_map(|w| w.to_le_bytes()));
        versions.extend(hash(C_LIBRARY_VERSION).to_le_bytes());
        versions.extend([VER_FLG_WEAK, VERSION_INDEX].iter().flat_map(|h| h.to_le_bytes()));
        versions.extend([strings.add(C_LIBRARY_VERSION), 0].iter().flat_map(|w| w.to_le_bytes()));
        let mut symbol_versions = 0u16.to_le_bytes().to_vec();
        symbol_versions.extend(self.symbols.iter().flat_map(|_| VER_NDX_GLOBAL.to_le_bytes()));

        const PROGRAM_HEADERS: u64 = 3;
        let symbols_at = HEADER_SIZE + PROGRAM_HEADERS * PROGRAM_HEADER_SIZE;
        let hash_at = symbols_at + symbols.len() as u64;
        let versions_at = hash_at + hash_table.len() as u64;
        let symbol_versions_at = versions_at + versions.len() as u64;
        let strings_at = symbol_versions_at + symbol_versions.len() as u64;
        let dynamic_at = (strings_at + strings.0.len() as u64).next_multiple_of(8);

        let mut dynamic: Vec<(u64, u64)> = needed.iter().map(|n| (DT_NEEDED, u64::from(*n))).collect();
        dynamic.extend(name.map(|n| (DT_SONAME, u64::from(n))));
        dynamic.extend([
            (DT_HASH, hash_at),
            (DT_STRTAB, strings_at),
            (DT_SYMTAB, symbols_at),
            (DT_STRSZ, strings.0.len() as u64),
            (DT_SYMENT, SYMBOL_SIZE as u64),
            (DT_VERNEED, versions_at),
            (DT_VERNEEDNUM, 1),
            (DT_VERSYM, symbol_versions_at),
            (0, 0),
        ]);
        let dynamic_size = dynamic.len() as u64 * 16;
        let size = dynamic_at + dynamic_size;

        let mut file = Vec::with_capacity(size as usize);
        // ELF, 64 bits, little-endian, version 1, System V; a shared object.
        file.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
        file.extend(3u16.to_le_bytes());
        file.extend(MACHINE.to_le_bytes());
        file.extend(1u32.to_le_bytes());
        // Entry, program headers, section headers.
        for word in [0, HEADER_SIZE, 0] {
            file.extend(word.to_le_bytes());
        }
        file.extend(0u32.to_le_bytes());
        for half in [HEADER_SIZE, PROGRAM_HEADER_SIZE, PROGRAM_HEADERS, 64, 0, 0] {
            file.extend((half as u16).to_le_bytes());
        }
        // The dynamic linker writes to the dynamic section, so all is mapped writable; nothing is executable.
        for (kind, offset, length, align) in [
            (PT_LOAD, 0, size, 0x1000u64),
            (PT_DYNAMIC, dynamic_at, dynamic_size, 8),
            (PT_GNU_STACK, 0, 0, 16),
        ] {
            file.extend(kind.to_le_bytes());
            file.extend(FLAGS_RW.to_le_bytes());
            for word in [offset, offset, offset, length, length, align] {
                file.extend(word.to_le_bytes());
            }
        }
        file.extend(symbols);
        file.extend(hash_table);
        file.extend(versions);
        file.extend(symbol_versions);
        file.extend(strings.0);
        file.resize(dynamic_at as usize, 0);
        for (tag, value) in dynamic {
            file.extend(tag.to_le_bytes());
            file.extend(value.to_le_bytes());
        }
        file
    }

    /// Bucket heads and chains over the symbols (`DT_HASH`).
    fn hash_table(&self) -> Vec<u8> {
        let count = self.symbols.len() + 1;
        let mut buckets = vec![0u32; self.symbols.len().max(1)];
        let mut chains = vec![0u32; count];
        for (i, (symbol, _)) in self.symbols.iter().enumerate() {
            let index = i as u32 + 1;
            let bucket = hash(symbol) as usize % buckets.len();
            chains[index as usize] = std::mem::replace(&mut buckets[bucket], index);
        }
        let head = [buckets.len() as u32, count as u32];
        let words = head.iter().chain(&buckets).chain(&chains).flat_map(|w| w.to_le_bytes());
        let mut bytes: Vec<u8> = words.collect();
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_is_that_of_the_abi() {
        assert_eq!(hash(""), 0);
        assert_eq!(hash("printf"), 0x077905a6);
        assert_eq!(hash("exit"), 0x0006cf04);
        assert_eq!(hash("a_rather_long_name"), hash("a_rather_long_name") & 0x0fff_ffff);
    }
}
