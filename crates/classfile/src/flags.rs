//! Checks of access flags (JVMS §4.1, §4.5, §4.6), by class-file version.

use caturra_bytecode::access::*;
use caturra_bytecode::mutf8;

use crate::parser::Parser;
use crate::parser::version::{JAVA_1_5, JAVA_8, JAVA_17};
use crate::problem::{Parsed, ProblemKind};

/// More than one of public, protected and private.
fn has_illegal_visibility(flags: u16) -> bool {
    (flags & (ACC_PUBLIC | ACC_PROTECTED | ACC_PRIVATE)).count_ones() > 1
}

impl Parser<'_, '_> {
    /// The flags of a class, or of an entry of `InnerClasses`.
    pub(crate) fn check_class_flags(&self, flags: u16) -> Parsed<()> {
        let has = |flag: u16| flags & flag != 0;
        if has(ACC_MODULE) && !self.options.modules {
            return Err(self.problem(
                ProblemKind::NoClassDefFoundError,
                format_args!("{} is not a class because access_flag ACC_MODULE is set", self.name()),
            ));
        }
        if !self.options.check_format || has(ACC_MODULE) {
            return Ok(());
        }
        let since_5 = self.major >= JAVA_1_5;
        let illegal = has(ACC_ABSTRACT) && has(ACC_FINAL)
            || has(ACC_INTERFACE) && !has(ACC_ABSTRACT)
            || has(ACC_INTERFACE) && since_5 && (has(ACC_SUPER) || has(ACC_ENUM))
            || !has(ACC_INTERFACE) && since_5 && has(ACC_ANNOTATION);
        if illegal {
            return Err(self.format_error(format_args!(
                "Illegal class modifiers in class {}: 0x{flags:X}",
                self.name()
            )));
        }
        Ok(())
    }

    pub(crate) fn check_field_flags(&self, flags: u16) -> Parsed<()> {
        if !self.options.check_format {
            return Ok(());
        }
        let has = |flag: u16| flags & flag != 0;
        let illegal = if self.is_interface() {
            const REQUIRED: u16 = ACC_PUBLIC | ACC_STATIC | ACC_FINAL;
            flags & REQUIRED != REQUIRED
                || has(ACC_PRIVATE | ACC_PROTECTED | ACC_VOLATILE | ACC_TRANSIENT)
                || self.major >= JAVA_1_5 && has(ACC_ENUM)
        } else {
            has_illegal_visibility(flags) || has(ACC_FINAL) && has(ACC_VOLATILE)
        };
        if illegal {
            return Err(self.format_error(format_args!(
                "Illegal field modifiers in class {}: 0x{flags:X}",
                self.name()
            )));
        }
        Ok(())
    }

    /// The flags of any method but `<clinit>`.
    pub(crate) fn check_method_flags(&self, flags: u16, name: &[u8]) -> Parsed<()> {
        if !self.options.check_format {
            return Ok(());
        }
        let has = |flag: u16| flags & flag != 0;
        let since_5 = self.major >= JAVA_1_5;
        // From version 61 on ACC_STRICT means nothing.
        let strict = self.major < JAVA_17 && has(ACC_STRICT);
        let illegal = if self.is_interface() {
            if self.major >= JAVA_8 {
                has(ACC_PUBLIC) == has(ACC_PRIVATE)
                    || has(ACC_NATIVE | ACC_PROTECTED | ACC_FINAL | ACC_SYNCHRONIZED)
                    || has(ACC_ABSTRACT) && (has(ACC_PRIVATE | ACC_STATIC) || strict)
            } else if since_5 {
                flags & (ACC_PUBLIC | ACC_ABSTRACT) != ACC_PUBLIC | ACC_ABSTRACT
                    || has(ACC_PRIVATE | ACC_PROTECTED | ACC_STATIC | ACC_FINAL)
                    || has(ACC_SYNCHRONIZED | ACC_NATIVE | ACC_STRICT)
            } else {
                flags & (ACC_PUBLIC | ACC_ABSTRACT) != ACC_PUBLIC | ACC_ABSTRACT
                    || has(ACC_STATIC | ACC_FINAL | ACC_NATIVE)
            }
        } else if has_illegal_visibility(flags) {
            true
        } else if name == b"<init>" {
            has(ACC_STATIC | ACC_FINAL | ACC_SYNCHRONIZED | ACC_NATIVE | ACC_ABSTRACT)
                || since_5 && has(ACC_BRIDGE)
        } else {
            has(ACC_ABSTRACT)
                && (has(ACC_FINAL | ACC_NATIVE | ACC_PRIVATE | ACC_STATIC)
                    || since_5 && (has(ACC_SYNCHRONIZED) || strict))
        };
        if illegal {
            return Err(self.format_error(format_args!(
                "Method {} in class {} has illegal modifiers: 0x{flags:X}",
                mutf8::to_string_lossy(name),
                self.name()
            )));
        }
        Ok(())
    }
}
