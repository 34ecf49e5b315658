//! The attributes of a class (JVMS §4.7), by class-file version.

use std::collections::HashMap;

use caturra_bytecode::access::*;

use crate::class_file::{
    Annotations, BootstrapMethod, ClassAttributes, EnclosingMethod, InnerClass, RecordComponent,
};
use crate::constant_pool::Constant;
use crate::parser::Parser;
use crate::parser::version::{JAVA_1_5, JAVA_7, JAVA_11, JAVA_16, JAVA_17};
use crate::problem::Parsed;
use crate::reader::{RawAttributes, Table, U2Table};

/// Attributes that have occurred. Four of them are decoded only after all others, as HotSpot does it: they have
/// the position and length of their content here.
#[derive(Default)]
struct Seen {
    source_file: bool,
    bootstrap_methods: bool,
    inner_classes: Option<(usize, u32)>,
    nest_members: Option<(usize, u32)>,
    record: Option<(usize, u32)>,
    permitted_subclasses: Option<(usize, u32)>,
}

impl<'a> Parser<'a, '_> {
    pub(crate) fn parse_class_attributes(&mut self) -> Parsed<ClassAttributes<'a>> {
        let mut attributes =
            ClassAttributes { synthetic: self.access_flags & ACC_SYNTHETIC != 0, ..Default::default() };
        let mut seen = Seen::default();
        let count = self.reader.u2()?;
        let start = self.reader.position();
        for _ in 0..count {
            let name_index = self.reader.u2()?;
            let length = self.reader.u4()?;
            let name = self.utf8_or(
                name_index,
                format_args!("Attribute name has bad constant pool index {name_index}"),
            )?;
            self.parse_class_attribute(&mut attributes, &mut seen, name, length)?;
        }
        attributes.raw = RawAttributes { bytes: self.reader.since(start) };
        if let Some((start, length)) = seen.inner_classes {
            attributes.inner_classes = self.at(start, |parser| parser.parse_inner_classes(length))?;
        }
        if let Some((start, length)) = seen.nest_members {
            attributes.nest_members =
                self.at(start, |parser| parser.parse_classes("NestMembers", "Nest member", length))?;
        }
        if let Some((start, length)) = seen.record {
            attributes.record = Some(self.at(start, |parser| parser.parse_record(length))?);
        }
        if let Some((start, length)) = seen.permitted_subclasses {
            attributes.permitted_subclasses = Some(self.at(start, |parser| {
                parser.parse_classes("PermittedSubclasses", "Permitted subclass", length)
            })?);
        }
        if seen.inner_classes.is_none() {
            // HotSpot keeps both in one table, which is made for `InnerClasses` alone.
            attributes.enclosing_method = None;
        }
        if self.max_bootstrap_index.is_some() && !seen.bootstrap_methods {
            return Err(self.class_error(format_args!("Missing BootstrapMethods attribute")));
        }
        Ok(attributes)
    }

    /// Parses at an earlier position and returns to the present one.
    fn at<T>(&mut self, start: usize, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let mut earlier = self.reader.clone();
        earlier.rewind(start);
        let present = std::mem::replace(&mut self.reader, earlier);
        let result = parse(self);
        self.reader = present;
        result
    }

    /// Leaves out the content of an attribute that is decoded later.
    fn defer(&mut self, length: u32) -> Parsed<Option<(usize, u32)>> {
        let start = self.reader.position();
        self.reader.slice(length as usize)?;
        Ok(Some((start, length)))
    }

    fn only_once(&self, repeated: bool, name: &str) -> Parsed<()> {
        if repeated { Err(self.class_error(format_args!("Multiple {name} attributes"))) } else { Ok(()) }
    }

    fn parse_class_attribute(
        &mut self,
        attributes: &mut ClassAttributes<'a>,
        seen: &mut Seen,
        name: &[u8],
        length: u32,
    ) -> Parsed<()> {
        match name {
            b"SourceFile" => {
                if length != 2 {
                    return Err(self.class_error(format_args!("Wrong SourceFile attribute length")));
                }
                self.only_once(seen.source_file, "SourceFile")?;
                seen.source_file = true;
                let index = self.reader.u2()?;
                self.utf8_or(
                    index,
                    format_args!("Invalid SourceFile attribute at constant pool index {index}"),
                )?;
                attributes.source_file = index;
            }
            b"SourceDebugExtension" => {
                self.only_once(attributes.source_debug_extension.is_some(), "SourceDebugExtension")?;
                attributes.source_debug_extension = Some(self.reader.slice(length as usize)?);
            }
            b"InnerClasses" => {
                self.only_once(seen.inner_classes.is_some(), "InnerClasses")?;
                seen.inner_classes = self.defer(length)?;
            }
            b"Synthetic" => {
                self.check_empty("Synthetic classfile", length)?;
                attributes.synthetic = true;
            }
            b"Deprecated" => {
                self.check_empty("Deprecated classfile", length)?;
                attributes.deprecated = true;
            }
            _ if self.major < JAVA_1_5 => {
                self.reader.slice(length as usize)?;
            }
            b"Signature" => {
                self.only_once(attributes.signature != 0, "Signature")?;
                if length != 2 {
                    return Err(self.class_error(format_args!("Wrong Signature attribute length {length}")));
                }
                let index = self.reader.u2()?;
                self.utf8_or(
                    index,
                    format_args!("Invalid constant pool index {index} in Signature attribute"),
                )?;
                attributes.signature = index;
            }
            b"EnclosingMethod" => {
                self.only_once(attributes.enclosing_method.is_some(), "EnclosingMethod")?;
                attributes.enclosing_method = Some(self.parse_enclosing_method(length)?);
            }
            b"BootstrapMethods" if self.major >= JAVA_7 => {
                self.only_once(seen.bootstrap_methods, "BootstrapMethods")?;
                seen.bootstrap_methods = true;
                attributes.bootstrap_methods = self.parse_bootstrap_methods(length)?;
            }
            b"NestMembers" if self.major >= JAVA_11 => {
                self.only_once(seen.nest_members.is_some(), "NestMembers")?;
                if attributes.nest_host != 0 {
                    return Err(
                        self.class_error(format_args!("Conflicting NestHost and NestMembers attributes"))
                    );
                }
                seen.nest_members = self.defer(length)?;
            }
            b"NestHost" if self.major >= JAVA_11 => {
                self.only_once(attributes.nest_host != 0, "NestHost")?;
                if seen.nest_members.is_some() {
                    return Err(
                        self.class_error(format_args!("Conflicting NestMembers and NestHost attributes"))
                    );
                }
                if length != 2 {
                    return Err(self.class_error(format_args!("Wrong NestHost attribute length")));
                }
                let index = self.reader.u2()?;
                if !self.pool.is_class(index) {
                    return Err(self.class_error(format_args!(
                        "Nest-host class_info_index {index} has bad constant type"
                    )));
                }
                attributes.nest_host = index;
            }
            b"Record" if self.major >= JAVA_16 => {
                self.only_once(seen.record.is_some(), "Record")?;
                seen.record = self.defer(length)?;
            }
            b"PermittedSubclasses" if self.major >= JAVA_17 => {
                self.only_once(seen.permitted_subclasses.is_some(), "PermittedSubclasses")?;
                if self.access_flags & ACC_FINAL != 0 {
                    return Err(self.format_error(format_args!(
                        "PermittedSubclasses attribute in final class file {}",
                        self.name()
                    )));
                }
                seen.permitted_subclasses = self.defer(length)?;
            }
            _ => {
                if !self.parse_annotations(&mut attributes.annotations, name, length, "")? {
                    self.reader.slice(length as usize)?;
                }
            }
        }
        Ok(())
    }

    /// A counted table of classes that is the whole attribute.
    fn parse_classes(&mut self, attribute: &str, what: &str, length: u32) -> Parsed<U2Table<'a>> {
        let count = self.reader.u2()?;
        let classes: U2Table<'a> = self.reader.table(count as usize)?;
        for index in classes {
            if !self.pool.is_class(index) {
                return Err(
                    self.class_error(format_args!("{what} class_info_index {index} has bad constant type"))
                );
            }
        }
        if length != 2 + 2 * u32::from(count) {
            return Err(self.class_error(format_args!("Wrong {attribute} attribute length")));
        }
        Ok(classes)
    }

    fn parse_inner_classes(&mut self, length: u32) -> Parsed<Vec<InnerClass>> {
        let count = self.reader.u2()?;
        let table: Table<'a, InnerClass> = self.reader.table(count as usize)?;
        let mut classes = Vec::with_capacity(count as usize);
        for mut entry in table {
            let InnerClass { inner_class, outer_class, inner_name, access_flags } = entry;
            if !self.pool.is_class(inner_class) {
                return Err(self.class_error(format_args!(
                    "inner_class_info_index {inner_class} has bad constant type"
                )));
            }
            if outer_class != 0 {
                let Some(outer) = self.pool.class_name(outer_class) else {
                    return Err(self.class_error(format_args!(
                        "outer_class_info_index {outer_class} has bad constant type"
                    )));
                };
                if outer.first() == Some(&b'[') {
                    return Err(self.class_error(format_args!("Outer class is an array class")));
                }
            }
            if inner_name != 0 {
                self.utf8_or(
                    inner_name,
                    format_args!("inner_name_index {inner_name} has bad constant type"),
                )?;
            }
            if self.options.check_format && inner_class == outer_class {
                return Err(self.class_error(format_args!("Class is both outer and inner class")));
            }
            entry.access_flags = self.effective_class_flags(access_flags, RECOGNIZED_INNER_CLASS_FLAGS);
            self.check_class_flags(entry.access_flags)?;
            classes.push(entry);
        }
        let repeated = self.options.check_format && self.has_repeated_inner_class(&classes)?;
        // Compilers before version 49 wrote wrong lengths.
        if self.major >= JAVA_1_5 && length != 2 + 8 * u32::from(count) {
            return Err(self.class_error(format_args!("Wrong InnerClasses attribute length")));
        }
        if repeated {
            classes.clear();
        }
        Ok(classes)
    }

    /// Whether two entries are for the same class, or a class is outside of itself. Two equal entries are a problem,
    /// unless such a class comes before them.
    fn has_repeated_inner_class(&self, classes: &[InnerClass]) -> Parsed<bool> {
        let mut later = HashMap::with_capacity(classes.len());
        let next: Vec<Option<usize>> =
            classes.iter().enumerate().rev().map(|(at, entry)| later.insert(entry.inner_class, at)).collect();
        let in_itself = self.inner_classes_in_themselves(classes);
        for ((entry, next), in_itself) in classes.iter().zip(next.iter().rev()).zip(in_itself) {
            if in_itself {
                return Ok(true);
            }
            if let Some(next) = *next {
                if self.major >= JAVA_1_5 && *entry == classes[next] {
                    return Err(self.class_error(format_args!("Duplicate entry in InnerClasses attribute")));
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// For each entry whether a class on the way outward, by the names of classes, is met again, as HotSpot looks for
    /// it: two walkers, one twice as fast as the other, from the inner and the outer class. The ways go by the first
    /// entry of each name, which may be another entry than the one they start from.
    fn inner_classes_in_themselves(&self, classes: &[InnerClass]) -> Vec<bool> {
        let name = |index: u16| (index != 0).then(|| self.pool.class_name(index)).flatten();
        let mut first = HashMap::with_capacity(classes.len());
        for (at, entry) in classes.iter().enumerate() {
            first.entry(name(entry.inner_class)).or_insert(at);
        }
        // `None` where the way ends: without an entry, or at an entry without an outer class.
        let outward = |class: Option<&[u8]>| {
            let at = class.and_then(|class| first.get(&Some(class)))?;
            name(classes[*at].outer_class)
        };
        let meets_itself = |entry: &InnerClass| {
            let (mut slow, mut fast) = (name(entry.inner_class), name(entry.outer_class));
            // A way without end has met itself after as many steps as there are entries.
            for _ in 0..=classes.len() {
                if fast.is_none() {
                    return false;
                }
                if slow == fast {
                    return true;
                }
                fast = outward(outward(fast));
                slow = outward(slow);
            }
            true
        };
        classes.iter().map(meets_itself).collect()
    }

    fn parse_enclosing_method(&mut self, length: u32) -> Parsed<EnclosingMethod> {
        if length != 4 {
            return Err(self.class_error(format_args!("Wrong EnclosingMethod attribute length {length}")));
        }
        let class_index = self.reader.u2()?;
        let method_index = self.reader.u2()?;
        if class_index == 0 {
            return Err(self.class_error(format_args!("Invalid class index in EnclosingMethod attribute")));
        }
        if !self.pool.is_class(class_index) {
            return Err(self.class_error(format_args!(
                "Invalid or out-of-bounds class index in EnclosingMethod attribute"
            )));
        }
        if method_index != 0 && !matches!(self.pool.get(method_index), Constant::NameAndType { .. }) {
            return Err(self.class_error(format_args!(
                "Invalid or out-of-bounds method index in EnclosingMethod attribute"
            )));
        }
        Ok(EnclosingMethod { class_index, method_index })
    }

    fn parse_bootstrap_methods(&mut self, length: u32) -> Parsed<Vec<BootstrapMethod<'a>>> {
        if length < 2 {
            return Err(self.class_error(format_args!("Invalid BootstrapMethods attribute length {length}")));
        }
        let start = self.reader.position();
        if self.reader.remaining() < length as usize {
            // The error that reading past the end is.
            self.reader.slice(length as usize)?;
        }
        let count = self.reader.u2()?;
        if self.max_bootstrap_index.is_some_and(|index| index >= count) {
            return Err(self.class_error(format_args!("Short length on BootstrapMethods")));
        }
        let wrong_count = "Invalid BootstrapMethods num_bootstrap_methods or num_bootstrap_arguments value";
        let mut methods = Vec::with_capacity((count as usize).min(length as usize / 4));
        for _ in 0..count {
            self.reader.need(4)?;
            let method_handle = self.reader.u2()?;
            let argument_count = self.reader.u2()?;
            if !matches!(self.pool.get(method_handle), Constant::MethodHandle { .. }) {
                return Err(self.class_error(format_args!(
                    "bootstrap_method_index {method_handle} has bad constant type"
                )));
            }
            let end = self.reader.position() - start + 2 * argument_count as usize;
            if end > length as usize {
                return Err(self.class_error(format_args!("{wrong_count}")));
            }
            let arguments: U2Table<'a> = self.reader.table(argument_count as usize)?;
            for index in arguments {
                if !self.pool.get(index).is_loadable() {
                    return Err(
                        self.class_error(format_args!("argument_index {index} has bad constant type"))
                    );
                }
            }
            methods.push(BootstrapMethod { method_handle, arguments });
        }
        if self.reader.position() - start != length as usize {
            return Err(self.class_error(format_args!("Bad length on BootstrapMethods")));
        }
        Ok(methods)
    }

    fn parse_record(&mut self, length: u32) -> Parsed<Vec<RecordComponent<'a>>> {
        let start = self.reader.position();
        let count = self.reader.u2()?;
        let mut components = Vec::with_capacity((count as usize).min(self.reader.remaining() / 6));
        for _ in 0..count {
            components.push(self.parse_record_component()?);
        }
        if self.reader.position() - start != length as usize {
            return Err(self.class_error(format_args!("Record attribute has wrong length")));
        }
        Ok(components)
    }

    fn parse_record_component(&mut self) -> Parsed<RecordComponent<'a>> {
        const OF: &str = " for Record component";
        self.reader.need(6)?;
        let name_index = self.reader.u2()?;
        let name = self.utf8_or(
            name_index,
            format_args!("Invalid constant pool index {name_index} for name in Record attribute"),
        )?;
        self.check_field_name(name)?;
        let descriptor_index = self.reader.u2()?;
        let descriptor = self.utf8_or(
            descriptor_index,
            format_args!("Invalid constant pool index {descriptor_index} for descriptor in Record attribute"),
        )?;
        self.check_field_descriptor(name, descriptor)?;
        let mut component = RecordComponent {
            name_index,
            descriptor_index,
            signature: 0,
            annotations: Annotations::default(),
            attributes: RawAttributes::default(),
        };
        let count = self.reader.u2()?;
        let start = self.reader.position();
        for _ in 0..count {
            let name_index = self.reader.u2()?;
            let length = self.reader.u4()?;
            let name =
                self.utf8_or(name_index, format_args!("Invalid Record attribute name index {name_index}"))?;
            if name == b"Signature" {
                if component.signature != 0 {
                    return Err(self.class_error(format_args!("Multiple Signature attributes{OF}")));
                }
                if length != 2 {
                    return Err(self.class_error(format_args!(
                        "Invalid Signature attribute length {length} in Record component"
                    )));
                }
                component.signature = self.parse_signature()?;
            } else if !self.parse_annotations(&mut component.annotations, name, length, OF)? {
                self.reader.slice(length as usize)?;
            }
        }
        component.attributes = RawAttributes { bytes: self.reader.since(start) };
        Ok(component)
    }
}
