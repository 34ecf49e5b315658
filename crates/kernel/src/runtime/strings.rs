//! `java.lang.String` objects and the table of interned strings (JLS §3.10.5).
//!
//! Strings are compact (JEP 254): Latin-1 bytes with coder 0 where every unit fits, else UTF-16 with coder 1.

use crate::oops::symbol::Sym;
use crate::runtime::alloc;
use crate::runtime::exceptions::JResult;
use crate::runtime::thread::Thread;
use crate::runtime::vm::Vm;
use caturra_bytecode::descriptor::BasicType;
use caturra_bytecode::mutf8;
use caturra_heap::ObjRef;
use hashbrown::HashTable;
use parking_lot::Mutex;

const LATIN1: u8 = 0;
const UTF16: u8 = 1;

/// A new string with the text of a Rust string.
pub fn new_string(t: &Thread, text: &str) -> JResult<ObjRef> {
    if text.is_ascii() {
        return from_latin1(t, text.as_bytes());
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    from_utf16(t, &units)
}

/// A new string of Latin-1 characters.
pub fn from_latin1(t: &Thread, bytes: &[u8]) -> JResult<ObjRef> {
    let array = alloc::prim_array(t, BasicType::Byte, bytes.len() as i32)?;
    // SAFETY: a fresh byte array of that length.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), array.field_addr(12), bytes.len()) };
    with_value(t, array, LATIN1)
}

/// A new string of UTF-16 units.
pub fn from_utf16(t: &Thread, units: &[u16]) -> JResult<ObjRef> {
    if units.iter().all(|u| *u < 256) {
        let bytes: Vec<u8> = units.iter().map(|u| *u as u8).collect();
        return from_latin1(t, &bytes);
    }
    let Ok(len) = i32::try_from(units.len() * 2) else {
        return Err(crate::runtime::exceptions::out_of_memory(t, caturra_heap::OutOfMemory::ArraySize));
    };
    let array = alloc::prim_array(t, BasicType::Byte, len)?;
    // SAFETY: a fresh byte array of twice that length; bytes need no alignment.
    unsafe {
        std::ptr::copy_nonoverlapping(units.as_ptr().cast::<u8>(), array.field_addr(12), units.len() * 2);
    }
    with_value(t, array, UTF16)
}

/// A new string from modified UTF-8.
pub fn from_mutf8(t: &Thread, bytes: &[u8]) -> JResult<ObjRef> {
    if bytes.is_ascii() {
        return from_latin1(t, bytes);
    }
    from_utf16(t, &mutf8::decode(bytes))
}

pub fn from_sym(t: &Thread, sym: Sym) -> JResult<ObjRef> {
    from_mutf8(t, sym.bytes())
}

fn with_value(t: &Thread, value: ObjRef, coder: u8) -> JResult<ObjRef> {
    let vm = t.vm();
    let s = alloc::instance(t, vm.wk.string())?;
    // SAFETY: a fresh String with these fields.
    unsafe {
        vm.put_ref(s, vm.off.string_value() as usize, value);
        s.store::<u8>(vm.off.string_coder() as usize, coder);
    }
    Ok(s)
}

/// The characters of a string, borrowed from its array.
enum Chars<'a> {
    Latin1(&'a [u8]),
    Utf16(&'a [u8]),
}

impl Chars<'_> {
    fn len(&self) -> usize {
        match self {
            Chars::Latin1(b) => b.len(),
            Chars::Utf16(b) => b.len() / 2,
        }
    }
    fn units(&self) -> impl Iterator<Item = u16> + '_ {
        let (latin, wide) = match self {
            Chars::Latin1(b) => (*b, &[][..]),
            Chars::Utf16(b) => (&[][..], *b),
        };
        latin
            .iter()
            .map(|b| u16::from(*b))
            .chain(wide.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])))
    }
}

/// # Safety
/// `s` is a live String and stays in a local of the caller while the result is used.
unsafe fn chars<'a>(vm: &Vm, s: ObjRef) -> Chars<'a> {
    // SAFETY: String's fields; the byte array is immutable and does not move.
    unsafe {
        let value = s.load_ref(vm.off.string_value() as usize);
        if value.is_null() {
            return Chars::Latin1(&[]);
        }
        let (p, len) = alloc::bytes_of(value);
        let bytes = std::slice::from_raw_parts(p, len);
        if s.load::<u8>(vm.off.string_coder() as usize) == LATIN1 {
            Chars::Latin1(bytes)
        } else {
            Chars::Utf16(bytes)
        }
    }
}

fn vm() -> &'static Vm {
    Thread::current().expect("strings are read on attached threads").vm()
}

/// Text of a non-null string; lone surrogates become U+FFFD.
pub fn to_rust(s: ObjRef) -> String {
    // SAFETY: `s` is a String argument of this call, live in the caller.
    match unsafe { chars(vm(), s) } {
        Chars::Latin1(b) if b.is_ascii() => String::from_utf8_lossy(b).into_owned(),
        c => char::decode_utf16(c.units()).map(|r| r.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
    }
}

pub fn to_utf16(s: ObjRef) -> Vec<u16> {
    // SAFETY: as in `to_rust`.
    unsafe { chars(vm(), s) }.units().collect()
}

pub fn to_mutf8(s: ObjRef) -> Vec<u8> {
    // SAFETY: as in `to_rust`.
    match unsafe { chars(vm(), s) } {
        Chars::Latin1(b) if b.iter().all(|c| (1..128).contains(c)) => b.to_vec(),
        c => mutf8::encode(c.units()),
    }
}

/// Number of UTF-16 units.
pub fn length(s: ObjRef) -> usize {
    // SAFETY: as in `to_rust`.
    unsafe { chars(vm(), s) }.len()
}

/// The symbol of a class name given with dots, in internal form.
pub fn class_name_symbol(t: &Thread, name: ObjRef) -> Sym {
    let mut bytes = to_mutf8(name);
    for b in &mut bytes {
        if *b == b'.' {
            *b = b'/';
        }
    }
    t.vm().symbols.intern_bytes(&bytes)
}

pub fn to_sym(t: &Thread, s: ObjRef) -> Sym {
    t.vm().symbols.intern_bytes(&to_mutf8(s))
}

/// Interned strings: weak, cleared by the collector.
pub struct StringTable {
    table: Mutex<HashTable<ObjRef>>,
}

impl Default for StringTable {
    fn default() -> Self {
        StringTable { table: Mutex::new(HashTable::with_capacity(2048)) }
    }
}

fn hash_units(units: impl Iterator<Item = u16>) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325u64;
    for u in units {
        h = (h ^ u64::from(u)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    h ^ (h >> 29)
}

fn hash_of(vm: &Vm, s: ObjRef) -> u64 {
    // SAFETY: entries of the table are live strings.
    hash_units(unsafe { chars(vm, s) }.units())
}

impl StringTable {
    /// Drops the entries of dead strings; the world is stopped.
    pub fn clear_dead(&self, forward: &dyn Fn(ObjRef) -> ObjRef) {
        self.table.lock().retain(|s| {
            *s = forward(*s);
            !s.is_null()
        });
    }
    pub fn len(&self) -> usize {
        self.table.lock().len()
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    fn find(&self, vm: &Vm, hash: u64, units: &[u16]) -> Option<ObjRef> {
        let table = self.table.lock();
        // SAFETY: entries of the table are live strings.
        table.find(hash, |s| unsafe { chars(vm, *s) }.units().eq(units.iter().copied())).copied()
    }
}

/// The canonical string equal to `s` (`String.intern`).
pub fn intern(t: &Thread, s: ObjRef) -> JResult<ObjRef> {
    let vm = t.vm();
    let units = to_utf16(s);
    Ok(intern_with(vm, &units, s))
}

fn intern_with(vm: &Vm, units: &[u16], candidate: ObjRef) -> ObjRef {
    let hash = hash_units(units.iter().copied());
    let mut table = vm.strings.table.lock();
    // SAFETY: entries of the table are live strings.
    if let Some(found) = table.find(hash, |s| unsafe { chars(vm, *s) }.units().eq(units.iter().copied())) {
        return *found;
    }
    table.insert_unique(hash, candidate, |s| hash_of(vm, *s));
    candidate
}

/// The interned string of a constant.
pub fn intern_sym(t: &Thread, sym: Sym) -> JResult<ObjRef> {
    let vm = t.vm();
    let units = mutf8::decode(sym.bytes());
    if let Some(found) = vm.strings.find(vm, hash_units(units.iter().copied()), &units) {
        return Ok(found);
    }
    let s = from_utf16(t, &units)?;
    Ok(intern_with(vm, &units, s))
}

/// The interned string of a Rust string.
pub fn intern_str(t: &Thread, text: &str) -> JResult<ObjRef> {
    let s = new_string(t, text)?;
    intern(t, s)
}
