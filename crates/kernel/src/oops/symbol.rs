//! Symbols: modified UTF-8 strings interned once a VM, compared by address.

use crate::oops::metaspace::{Arena, Metaspace};
use crate::oops::method::Signature;
use caturra_bytecode::descriptor::{BasicType, MethodDescriptor};
use hashbrown::hash_table::Entry;
use hashbrown::{HashMap, HashTable};
use parking_lot::{Mutex, RwLock};
use std::alloc::Layout;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ptr::NonNull;
use std::sync::Arc;

/// An interned string in modified UTF-8 (JVMS §4.4.7). Two symbols of a VM are equal iff their addresses are.
/// Symbols live as long as their VM.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Sym(NonNull<Header>);

#[repr(C)]
struct Header {
    hash: u32,
    len: u32,
}

// SAFETY: symbols are immutable after interning and live as long as the VM.
unsafe impl Send for Sym {}
// SAFETY: as above.
unsafe impl Sync for Sym {}

impl Hash for Sym {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u32(self.hash_code());
    }
}

impl Sym {
    /// The bytes, modified UTF-8 without a terminator.
    pub fn bytes(self) -> &'static [u8] {
        // SAFETY: a symbol is a header followed by `len` bytes, immutable and as long-lived as the VM.
        unsafe {
            let h = self.0.as_ptr();
            std::slice::from_raw_parts(h.add(1).cast(), (*h).len as usize)
        }
    }

    pub fn hash_code(self) -> u32 {
        // SAFETY: as in `bytes`.
        unsafe { (*self.0.as_ptr()).hash }
    }

    pub fn len(self) -> usize {
        self.bytes().len()
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// As a Rust string; lone surrogates become U+FFFD.
    pub fn to_str(self) -> String {
        caturra_bytecode::mutf8::to_string_lossy(self.bytes())
    }

    /// A class name with dots for slashes, as Java programs see it.
    pub fn to_external(self) -> String {
        self.to_str().replace('/', ".")
    }

    /// The package part of a class name in internal form ("java/lang"), empty for the unnamed package.
    pub fn package_bytes(self) -> &'static [u8] {
        let b = self.bytes();
        b.iter().rposition(|&c| c == b'/').map_or(&[], |i| &b[..i])
    }

    pub fn starts_with(self, prefix: &str) -> bool {
        self.bytes().starts_with(prefix.as_bytes())
    }

    pub fn as_raw(self) -> u64 {
        self.0.as_ptr() as u64
    }

    /// # Safety
    /// `raw` must come from [`Sym::as_raw`] of a symbol whose VM lives.
    pub unsafe fn from_raw(raw: u64) -> Sym {
        // SAFETY: the caller's promise.
        unsafe { Sym(NonNull::new_unchecked(raw as *mut Header)) }
    }
}

impl PartialEq<str> for Sym {
    fn eq(&self, other: &str) -> bool {
        self.bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Sym {
    fn eq(&self, other: &&str) -> bool {
        self.bytes() == other.as_bytes()
    }
}

impl fmt::Display for Sym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_str())
    }
}

impl fmt::Debug for Sym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_str())
    }
}

fn hash_bytes(bytes: &[u8]) -> u32 {
    let mut h = 0x9e37_79b9_7f4a_7c15u64 ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for c in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(c);
        h = (h ^ u64::from_le_bytes(word)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        h ^= h >> 32;
    }
    for &b in chunks.remainder() {
        h = (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    h = (h ^ (h >> 29)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    (h ^ (h >> 32)) as u32
}

/// A hash as the table wants it: it takes a bucket by the low bits and a tag by the highest seven.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

/// The VM's symbols.
pub struct SymbolTable {
    /// Half of what is looked for is new, so that one kind of lock serves best.
    table: Mutex<HashTable<Sym>>,
    signatures: RwLock<HashMap<Sym, &'static Signature>>,
    arena: Arena,
}

impl SymbolTable {
    pub fn new(space: Arc<Metaspace>) -> SymbolTable {
        SymbolTable {
            table: Mutex::new(HashTable::with_capacity(16 * 1024)),
            signatures: RwLock::default(),
            arena: Arena::new(space),
        }
    }

    /// The symbol of `bytes`, created when new.
    ///
    /// # Panics
    /// When metaspace is exhausted: symbols are needed to report any error.
    pub fn intern_bytes(&self, bytes: &[u8]) -> Sym {
        let hash = hash_bytes(bytes);
        let mut table = self.table.lock();
        let place = table.entry(spread(hash), |s| s.bytes() == bytes, |s| spread(s.hash_code()));
        let vacant = match place {
            Entry::Occupied(known) => return *known.get(),
            Entry::Vacant(vacant) => vacant,
        };
        let layout = Layout::from_size_align(8 + bytes.len(), 8).expect("symbols are at most 64 KiB long");
        let p = self.arena.alloc_raw(layout).expect("metaspace exhausted by symbols").cast::<Header>();
        // SAFETY: fresh memory of header plus `len` bytes.
        unsafe {
            p.write(Header { hash, len: bytes.len() as u32 });
            p.add(1).cast::<u8>().copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len());
        }
        *vacant.insert(Sym(p)).get()
    }

    pub fn intern(&self, s: &str) -> Sym {
        // Only strings with NUL or supplementary characters differ between UTF-8 and its modified form.
        if s.bytes().all(|b| b != 0 && b < 0xf0) {
            self.intern_bytes(s.as_bytes())
        } else {
            self.intern_bytes(&caturra_bytecode::mutf8::from_str(s))
        }
    }

    /// The symbol of `bytes` if it exists: a name never interned names nothing.
    pub fn lookup(&self, bytes: &[u8]) -> Option<Sym> {
        let hash = hash_bytes(bytes);
        self.table.lock().find(spread(hash), |s| s.bytes() == bytes).copied()
    }

    /// The parsed form of a method descriptor, `None` when `sym` is none.
    ///
    /// # Panics
    /// When metaspace is exhausted, as [`SymbolTable::intern_bytes`].
    pub fn signature(&self, sym: Sym) -> Option<&'static Signature> {
        if let Some(s) = self.signatures.read().get(&sym) {
            return Some(s);
        }
        let d = MethodDescriptor::parse(sym.bytes())?;
        let params: Vec<BasicType> = d.parameters().map(|p| p.basic_type()).collect();
        let mut map = self.signatures.write();
        if let Some(s) = map.get(&sym) {
            return Some(s);
        }
        let params =
            self.arena.alloc_slice(params.len(), |i| params[i]).expect("metaspace exhausted by symbols");
        let parsed = Signature {
            params,
            ret: d.return_type().basic_type(),
            param_slots: d.parameter_slots() as u16,
            symbol: sym,
        };
        let parsed = self.arena.alloc(parsed).expect("metaspace exhausted by symbols");
        // SAFETY: lives as long as the VM.
        let parsed: &'static Signature = unsafe { &*parsed.as_ptr() };
        map.insert(sym, parsed);
        Some(parsed)
    }

    pub fn len(&self) -> usize {
        self.table.lock().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Declares the symbols that the VM itself uses, as fields of one struct.
macro_rules! known_symbols {
    ($($name:ident = $text:expr;)*) => {
        /// Symbols that the VM refers to by name.
        #[allow(missing_docs)]
        pub struct KnownSymbols { $(pub $name: Sym,)* }
        impl KnownSymbols {
            pub fn new(table: &SymbolTable) -> KnownSymbols {
                KnownSymbols { $($name: table.intern($text),)* }
            }
        }
    };
}

known_symbols! {
    object_initializer = "<init>";
    class_initializer = "<clinit>";
    void_method = "()V";
    string_void = "(Ljava/lang/String;)V";
    finalize = "finalize";
    clone = "clone";
    clone_signature = "()Ljava/lang/Object;";
    main = "main";
    java_lang_object = "java/lang/Object";
    java_lang_class = "java/lang/Class";
    java_lang_string = "java/lang/String";
    java_lang_cloneable = "java/lang/Cloneable";
    java_io_serializable = "java/io/Serializable";
    java_lang_class_loader = "java/lang/ClassLoader";
    java_lang_throwable = "java/lang/Throwable";
    java_lang_record = "java/lang/Record";
    java_lang_enum = "java/lang/Enum";
    java_lang_thread = "java/lang/Thread";
    java_lang_module = "java/lang/Module";
    java_lang_ref_reference = "java/lang/ref/Reference";
    java_lang_ref_soft_reference = "java/lang/ref/SoftReference";
    java_lang_ref_weak_reference = "java/lang/ref/WeakReference";
    java_lang_ref_final_reference = "java/lang/ref/FinalReference";
    java_lang_ref_phantom_reference = "java/lang/ref/PhantomReference";
    java_lang_invoke_method_handle = "java/lang/invoke/MethodHandle";
    java_lang_invoke_var_handle = "java/lang/invoke/VarHandle";
    java_lang_invoke_method_handle_natives = "java/lang/invoke/MethodHandleNatives";
    reflect_magic_accessor = "jdk/internal/reflect/MagicAccessorImpl";
    object_array_signature = "[Ljava/lang/Object;";
    polymorphic_signature_type = "([Ljava/lang/Object;)Ljava/lang/Object;";
    invoke = "invoke";
    invoke_exact = "invokeExact";
    invoke_basic = "invokeBasic";
    link_to_virtual = "linkToVirtual";
    link_to_static = "linkToStatic";
    link_to_special = "linkToSpecial";
    link_to_interface = "linkToInterface";
    link_to_native = "linkToNative";
    load_class = "loadClass";
    load_class_signature = "(Ljava/lang/String;)Ljava/lang/Class;";
    java_base = "java.base";
    string_signature = "Ljava/lang/String;";
    object_signature = "Ljava/lang/Object;";
    class_signature = "Ljava/lang/Class;";
    byte_array_signature = "[B";
    referent = "referent";
    discovered = "discovered";
    run = "run";
}
