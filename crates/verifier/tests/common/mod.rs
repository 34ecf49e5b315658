//! A class hierarchy made of class files: those of the JDK's runtime image, and others given for a test.
#![allow(dead_code, reason = "every test uses a part of it")]

use std::collections::HashMap;

use caturra_bytecode::access::{ACC_INTERFACE, ACC_PROTECTED};
use caturra_bytecode::name::package;
use caturra_classfile::{ClassFile, ConstantPool, ParseOptions};
use caturra_verifier::{ClassFileMethod, ClassHierarchy, ClassView, Failure, Member};

pub mod assembler;
pub mod hotspot;
#[path = "../../../classfile/tests/common/mod.rs"]
pub mod image;

/// The newest class-file version that the tests meet.
pub const MAX_MAJOR: u16 = 69;

/// What the verifier can ask about a class.
pub struct Info {
    pub super_name: Option<Vec<u8>>,
    pub interfaces: Vec<Vec<u8>>,
    pub is_interface: bool,
    /// The module, which here stands for the loader too.
    pub module: String,
    /// Name, descriptor, flags.
    pub fields: Vec<(Vec<u8>, Vec<u8>, u16)>,
    pub methods: Vec<(Vec<u8>, Vec<u8>, u16)>,
}

impl Info {
    pub fn of(class: &ClassFile<'_>, module: &str) -> Info {
        Info {
            super_name: class.super_name.map(<[u8]>::to_vec),
            interfaces: class.interface_names().map(<[u8]>::to_vec).collect(),
            is_interface: class.has_flags(ACC_INTERFACE),
            module: module.to_owned(),
            fields: class
                .fields
                .iter()
                .map(|f| (f.name.to_vec(), f.descriptor.to_vec(), f.access_flags))
                .collect(),
            methods: class
                .methods
                .iter()
                .map(|m| (m.name.to_vec(), m.descriptor.to_vec(), m.access_flags))
                .collect(),
        }
    }
}

/// Classes by name.
#[derive(Default)]
pub struct World {
    names: HashMap<Vec<u8>, usize>,
    classes: Vec<(Vec<u8>, Info)>,
}

impl World {
    pub fn add(&mut self, name: &[u8], info: Info) {
        self.names.insert(name.to_vec(), self.classes.len());
        self.classes.push((name.to_vec(), info));
    }

    /// Puts another class in the place of one, which is returned.
    pub fn replace(&mut self, name: &[u8], info: Info) -> Info {
        let class = self.find(name).expect("the class is in the world");
        std::mem::replace(&mut self.classes[class].1, info)
    }

    fn find(&self, name: &[u8]) -> Option<usize> {
        self.names.get(name).copied()
    }

    fn parent(&self, class: usize) -> Option<usize> {
        self.find(self.classes[class].1.super_name.as_deref()?)
    }

    fn ancestors(&self, class: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(class), |&class| self.parent(class))
    }

    fn find_field(&self, class: usize, name: &[u8], descriptor: &[u8]) -> Option<(usize, u16)> {
        self.ancestors(class).find_map(|class| {
            let info = &self.classes[class].1;
            let own = info.fields.iter().find(|field| field.0 == name && field.1 == descriptor);
            own.map(|field| (class, field.2)).or_else(|| {
                let interfaces = info.interfaces.iter().filter_map(|interface| self.find(interface));
                interfaces.filter_map(|interface| self.find_field(interface, name, descriptor)).next()
            })
        })
    }

    fn find_method(&self, class: usize, name: &[u8], descriptor: &[u8]) -> Option<(usize, u16)> {
        self.ancestors(class).find_map(|class| {
            let methods = &self.classes[class].1.methods;
            let own = methods.iter().find(|method| method.0 == name && method.1 == descriptor);
            own.map(|method| (class, method.2))
        })
    }

    fn package(&self, class: usize) -> (&[u8], &str) {
        let (name, info) = &self.classes[class];
        (package(name), &info.module)
    }

    /// Verifies a class that is in the world; the names of the classes that were loaded, in their order.
    pub fn verify(&self, class: &ClassFile<'_>) -> Result<Vec<Vec<u8>>, Failure<String>> {
        let current = self.find(class.name).expect("the class is in the world");
        let mut hierarchy = Around { world: self, current, loaded: Vec::new() };
        caturra_verifier::verify(&class, &mut hierarchy).map(|()| hierarchy.loaded)
    }

    /// Verifies each method by itself; the texts of the errors, in the order of the methods.
    pub fn method_errors(&self, class: &ClassFile<'_>) -> Vec<String> {
        let current = self.find(class.name).expect("the class is in the world");
        let verify = |index| {
            let mut hierarchy = Around { world: self, current, loaded: Vec::new() };
            caturra_verifier::verify(&OneMethod { class, index }, &mut hierarchy)
        };
        (0..class.methods.len()).filter_map(|index| verify(index).err()).map(|f| f.to_string()).collect()
    }
}

/// A class with one of its methods alone.
struct OneMethod<'c, 'a> {
    class: &'c ClassFile<'a>,
    index: usize,
}

impl<'c, 'a: 'c> ClassView<'a> for OneMethod<'c, 'a> {
    type Pool = ConstantPool<'a>;
    type Method = ClassFileMethod<'c, 'a>;

    fn pool(&self) -> &ConstantPool<'a> {
        &self.class.constant_pool
    }

    fn major_version(&self) -> u16 {
        self.class.major_version
    }

    fn name(&self) -> &'a [u8] {
        self.class.name
    }

    fn external_name(&self) -> Vec<u8> {
        self.class.external_name()
    }

    fn super_name(&self) -> Option<&'a [u8]> {
        self.class.super_name
    }

    fn has_direct_interface(&self, name: &[u8]) -> bool {
        self.class.has_direct_interface(name)
    }

    fn declares_field(&self, name: &[u8], descriptor: &[u8]) -> bool {
        self.class.declares_field(name, descriptor)
    }

    fn method_count(&self) -> usize {
        1
    }

    fn method(&self, _: usize) -> ClassFileMethod<'c, 'a> {
        ClassView::method(&self.class, self.index)
    }
}

/// The world as one of its classes sees it.
struct Around<'w> {
    world: &'w World,
    current: usize,
    loaded: Vec<Vec<u8>>,
}

impl ClassHierarchy for Around<'_> {
    type Class = usize;
    type Error = String;

    fn load(&mut self, name: &[u8]) -> Result<usize, String> {
        self.loaded.push(name.to_vec());
        let missing = || format!("java.lang.NoClassDefFoundError: {}", String::from_utf8_lossy(name));
        self.world.find(name).ok_or_else(missing)
    }

    fn resolve_throwable(&mut self, _: u16) -> Result<(), String> {
        self.load(b"java/lang/Throwable").map(drop)
    }

    fn is_interface(&self, class: usize) -> bool {
        self.world.classes[class].1.is_interface
    }

    fn is_array_interface(&self, class: usize) -> bool {
        matches!(self.world.classes[class].0.as_slice(), b"java/lang/Cloneable" | b"java/io/Serializable")
    }

    fn is_subclass(&self, class: usize, ancestor: usize) -> bool {
        self.world.ancestors(class).any(|class| class == ancestor)
    }

    fn current_is_subclass_of(&self, ancestor: usize) -> bool {
        self.is_subclass(self.current, ancestor)
    }

    fn has_superclass_named(&self, name: &[u8]) -> bool {
        self.world.ancestors(self.current).skip(1).any(|class| self.world.classes[class].0 == name)
    }

    fn is_protected_elsewhere(&self, class: usize, member: Member<'_>) -> bool {
        let found = match member {
            Member::Field { name, descriptor } => self.world.find_field(class, name, descriptor),
            Member::Method { name, descriptor } => self.world.find_method(class, name, descriptor),
        };
        found.is_some_and(|(holder, flags)| {
            flags & ACC_PROTECTED != 0 && self.world.package(holder) != self.world.package(self.current)
        })
    }
}

/// All class files of the runtime image: module, name, content.
pub fn jdk_classes() -> Option<Vec<(String, String, Vec<u8>)>> {
    let image = image::Image::open()?;
    let mut files = Vec::new();
    image.for_each_class(|module, path, bytes| {
        if !path.ends_with("module-info") {
            files.push((module.to_owned(), path.to_owned(), bytes.to_vec()));
        }
    });
    Some(files)
}

/// A world of the JDK's classes.
pub fn jdk_world(files: &[(String, String, Vec<u8>)]) -> World {
    let mut world = World::default();
    for (module, path, bytes) in files {
        let class = ClassFile::parse(bytes, &ParseOptions::trusted(MAX_MAJOR)).unwrap();
        world.add(path.as_bytes(), Info::of(&class, module));
    }
    world
}
