//! The table of native methods that the VM implements itself.

use caturra_heap::ObjRef;
use caturra_kernel::MethodRef;
use caturra_kernel::runtime::vm::InternalNative;

/// A native method of a class: name, descriptor, implementation.
pub type Row = (&'static str, &'static str, InternalNative);

/// The internal native methods of one class (internal form of its name).
pub type ClassTable = (&'static str, &'static [Row]);

/// All tables. A module with internal natives has `pub(crate) const INTERNAL: &[ClassTable]`.
const TABLES: &[&[ClassTable]] = &[
    crate::unsafe_access::INTERNAL,
    crate::raw_memory::INTERNAL,
    crate::unsafe_misc::INTERNAL,
    crate::object::INTERNAL,
    crate::thread::INTERNAL,
    crate::process::INTERNAL,
    crate::references::INTERNAL,
    crate::archive::INTERNAL,
    crate::perf::INTERNAL,
    crate::scoped_memory::INTERNAL,
    crate::access_control::INTERNAL,
    crate::array::INTERNAL,
    crate::array_copy::INTERNAL,
    crate::assertions::INTERNAL,
    crate::class::INTERNAL,
    crate::define::INTERNAL,
    crate::invoke::INTERNAL,
    crate::stack_walk::INTERNAL,
    crate::throwable::INTERNAL,
];

/// The VM's own implementation of a native method of a boot class, if it has one. Asked once a method, when
/// it is first linked; it takes precedence over `RegisterNatives` and over library look-up.
pub fn internal_native(m: MethodRef) -> Option<InternalNative> {
    if !m.holder.loader.is_boot() {
        return None;
    }
    TABLES
        .iter()
        .flat_map(|tables| tables.iter())
        .filter(|(class, _)| m.holder.name == *class)
        .flat_map(|(_, rows)| rows.iter())
        .find(|(name, signature, _)| m.name == *name && m.signature.symbol == *signature)
        .map(|row| row.2)
}

/// The argument slots of an internal native: receiver first, `long` and `double` take two slots.
#[derive(Clone, Copy)]
pub struct Args(*mut u64);

impl Args {
    /// # Safety
    /// `slots` are the arguments of a call in progress; they outlive the value.
    #[inline(always)]
    pub unsafe fn new(slots: *mut u64) -> Args {
        Args(slots)
    }
    /// The raw slot. `index` must be one of the method's argument slots, as for all accessors.
    #[inline(always)]
    pub fn raw(self, index: usize) -> u64 {
        // SAFETY: the promise of `new`, and the callers index by the method's descriptor.
        unsafe { *self.0.add(index) }
    }
    #[inline(always)]
    pub fn int(self, index: usize) -> i32 {
        self.raw(index) as u32 as i32
    }
    #[inline(always)]
    pub fn long(self, index: usize) -> i64 {
        self.raw(index) as i64
    }
    #[inline(always)]
    pub fn boolean(self, index: usize) -> bool {
        self.raw(index) as u32 & 1 != 0
    }
    #[inline(always)]
    pub fn float(self, index: usize) -> f32 {
        f32::from_bits(self.raw(index) as u32)
    }
    #[inline(always)]
    pub fn double(self, index: usize) -> f64 {
        f64::from_bits(self.raw(index))
    }
    #[inline(always)]
    pub fn obj(self, index: usize) -> ObjRef {
        ObjRef::from_raw(self.raw(index) as u32)
    }
}

/// Slot values of results.
#[inline(always)]
pub fn int_slot(v: i32) -> u64 {
    u64::from(v as u32)
}
#[inline(always)]
pub fn bool_slot(v: bool) -> u64 {
    u64::from(v)
}
#[inline(always)]
pub fn long_slot(v: i64) -> u64 {
    v as u64
}
#[inline(always)]
pub fn ref_slot(v: ObjRef) -> u64 {
    u64::from(v.raw())
}

#[cfg(test)]
mod tests {
    use super::*;
    use caturra_classfile::{ClassFile, ParseOptions};
    use caturra_kernel::loading::jimage::Image;
    use std::collections::HashMap;
    use std::path::Path;

    const ACC_NATIVE: u16 = 0x100;

    /// Rows for other releases than 17.
    const OTHER_RELEASES: &[(&str, &str)] =
        &[("java/lang/Object", "wait0"), ("java/lang/ref/PhantomReference", "clear0")];

    /// Classes whose natives, `registerNatives` included, must all be in the tables: no library has them.
    const COMPLETE: &[&str] =
        &["jdk/internal/misc/Unsafe", "jdk/internal/perf/Perf", "jdk/internal/misc/ScopedMemoryAccess"];

    /// The native methods of a `java.base` class.
    fn natives(image: &Image, class: &str) -> Vec<(String, String)> {
        let bytes = image.class_bytes("java.base", class.as_bytes()).expect(class);
        let file = ClassFile::parse(bytes, &ParseOptions::trusted(61)).expect(class);
        let text = |b: &[u8]| String::from_utf8(b.to_vec()).unwrap();
        file.methods
            .iter()
            .filter(|m| m.access_flags & ACC_NATIVE != 0)
            .map(|m| (text(m.name), text(m.descriptor)))
            .collect()
    }

    #[test]
    fn rows_name_native_methods_of_the_jdk() {
        let modules = Path::new("/usr/lib/jvm/java-17-openjdk-amd64/lib/modules");
        if !modules.exists() {
            return;
        }
        let image = Image::open(modules).unwrap();
        let mut found: HashMap<&str, Vec<(String, String)>> = HashMap::new();
        let mut wrong = Vec::new();
        for (class, rows) in TABLES.iter().flat_map(|t| t.iter()) {
            let natives = found.entry(class).or_insert_with(|| natives(&image, class));
            for (name, signature, _) in *rows {
                let is_there = natives.iter().any(|(n, s)| n == name && s == signature);
                if !is_there && !OTHER_RELEASES.contains(&(class, name)) {
                    wrong.push(format!("{class}.{name}{signature}"));
                }
            }
        }
        assert!(wrong.is_empty(), "no such native method: {wrong:#?}");
        for class in COMPLETE {
            let missing: Vec<_> = natives(&image, class)
                .into_iter()
                .filter(|(n, s)| {
                    !TABLES
                        .iter()
                        .flat_map(|t| t.iter())
                        .filter(|(c, _)| c == class)
                        .any(|(_, rows)| rows.iter().any(|r| r.0 == n && r.1 == s))
                })
                .collect();
            assert!(missing.is_empty(), "{class} lacks {missing:?}");
        }
    }
}
