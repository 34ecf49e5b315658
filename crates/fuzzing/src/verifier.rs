//! The verifier, among classes that do not exist: whether one can be loaded, is an interface or a superclass is drawn
//! from its name, so that every answer comes up.

use caturra_classfile::{ClassFile, ParseOptions};
use caturra_verifier::{ClassHierarchy, Failure, Member, verify};

/// The newest version that is read.
const MAX_MAJOR: u16 = 69;

/// Verifies what the reader accepts; it comes to an end, and twice to the same.
pub fn run(data: &[u8]) {
    let Ok(class) = ClassFile::parse(data, &ParseOptions::application(MAX_MAJOR)) else { return };
    let verdict = |class: &ClassFile<'_>| -> Result<(), String> {
        let mut hierarchy = Drawn { current: hash(class.name) };
        verify(&class, &mut hierarchy).map_err(|failure: Failure<String>| failure.to_string())
    };
    assert_eq!(verdict(&class), verdict(&class));
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |h: u32, b| (h ^ u32::from(*b)).wrapping_mul(0x0100_0193))
}

struct Drawn {
    current: u32,
}

impl ClassHierarchy for Drawn {
    type Class = u32;
    type Error = String;

    fn load(&mut self, name: &[u8]) -> Result<u32, String> {
        match hash(name) {
            h if h & 15 == 0 => Err("java.lang.NoClassDefFoundError".into()),
            h => Ok(h),
        }
    }

    fn resolve_throwable(&mut self, _: u16) -> Result<(), String> {
        Ok(())
    }

    fn is_interface(&self, class: u32) -> bool {
        class % 5 == 1
    }

    fn is_array_interface(&self, class: u32) -> bool {
        class % 35 == 1
    }

    fn is_subclass(&self, class: u32, ancestor: u32) -> bool {
        class == ancestor || (class ^ ancestor.rotate_left(9)) & 1 == 0
    }

    fn current_is_subclass_of(&self, ancestor: u32) -> bool {
        self.is_subclass(self.current, ancestor)
    }

    fn has_superclass_named(&self, name: &[u8]) -> bool {
        hash(name) % 3 == 1
    }

    fn is_protected_elsewhere(&self, class: u32, member: Member<'_>) -> bool {
        let (Member::Field { name, descriptor } | Member::Method { name, descriptor }) = member;
        (class ^ hash(name) ^ hash(descriptor)) & 3 == 0
    }
}
