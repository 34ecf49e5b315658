//! Where the boot loader finds classes: patches, the run-time image, `-Xbootclasspath/a`.

use crate::loading::jimage::Image;
use crate::oops::symbol::Sym;
use crate::runtime::vm::Vm;
use hashbrown::HashMap;
use parking_lot::{Mutex, RwLock};
use std::path::PathBuf;

/// A directory or jar of `--patch-module` or `-Xbootclasspath/a`.
pub enum PathEntry {
    Directory(PathBuf),
    Jar { path: PathBuf, archive: Mutex<Option<crate::loading::zip::Zip>> },
}

impl PathEntry {
    /// An entry for an existing file or directory; others are ignored, as `java` does.
    pub fn new(path: &str) -> Option<PathEntry> {
        let path = PathBuf::from(path);
        if path.is_dir() {
            Some(PathEntry::Directory(path))
        } else if path.is_file() {
            Some(PathEntry::Jar { path, archive: Mutex::new(None) })
        } else {
            None
        }
    }

    /// The path as given.
    pub fn path(&self) -> &PathBuf {
        match self {
            PathEntry::Directory(p) | PathEntry::Jar { path: p, .. } => p,
        }
    }

    fn read(&self, vm: &Vm, file: &str) -> Option<Vec<u8>> {
        match self {
            PathEntry::Directory(d) => std::fs::read(d.join(file)).ok(),
            PathEntry::Jar { path, archive } => {
                let mut a = archive.lock();
                if a.is_none() {
                    *a = crate::loading::zip::Zip::open(vm, path);
                }
                a.as_ref()?.read(file)
            }
        }
    }
}

/// The boot loader's sources of classes.
pub struct BootPath {
    pub image: Option<Image>,
    /// `--patch-module java.base=...` and others: (module, entry), first match wins.
    pub patches: Vec<(String, PathEntry)>,
    /// `-Xbootclasspath/a`, and jars added by agents.
    pub append: RwLock<Vec<PathEntry>>,
    /// Class files given as bytes: the bare profile.
    pub builtin: HashMap<&'static str, &'static [u8]>,
    packages: RwLock<HashMap<Vec<u8>, Option<String>>>,
}

impl BootPath {
    pub fn new(image: Option<Image>, patches: Vec<(String, PathEntry)>, append: Vec<PathEntry>) -> BootPath {
        BootPath {
            image,
            patches,
            append: RwLock::new(append),
            builtin: HashMap::new(),
            packages: RwLock::default(),
        }
    }

    /// The module of the run-time image that contains a package (internal form).
    pub fn module_of_package(&self, package: &[u8]) -> Option<String> {
        if let Some(known) = self.packages.read().get(package) {
            return known.clone();
        }
        let found = self.image.as_ref().and_then(|i| i.module_of_package(package));
        self.packages.write().insert(package.to_vec(), found.clone());
        found
    }

    /// The bytes of a class, for as long as the VM lives, and where they came from.
    pub fn find_class(&self, vm: &Vm, name: Sym) -> Option<(&'static [u8], String)> {
        if let Some(bytes) = self.builtin.get(name.to_str().as_str()) {
            return Some((bytes, "bare profile".into()));
        }
        let package = name.package_bytes();
        if let Some(module) = self.boot_module(vm, package) {
            let file = format!("{}.class", name.to_str());
            for (_, entry) in self.patches.iter().filter(|(m, _)| *m == module) {
                if let Some(b) = entry.read(vm, &file) {
                    return Some((self.keep(vm, &b)?, entry.path().display().to_string()));
                }
            }
            let bytes = self.image.as_ref()?.class_bytes(&module, name.bytes())?;
            return Some((bytes, format!("jrt:/{module}")));
        }
        if self.append.read().is_empty() {
            return None;
        }
        let file = format!("{}.class", name.to_str());
        for entry in self.append.read().iter() {
            if let Some(b) = entry.read(vm, &file) {
                return Some((self.keep(vm, &b)?, entry.path().display().to_string()));
            }
        }
        None
    }

    /// The boot loader's named module with that package: `java.base` alone until modules are defined.
    fn boot_module(&self, vm: &Vm, package: &[u8]) -> Option<String> {
        if !vm.modules.is_java_base_defined() {
            return self.module_of_package(package).filter(|m| m == "java.base");
        }
        let entry = vm.loaders.boot().find_package(vm.symbols.lookup(package)?)?;
        entry.module().name.map(Sym::to_str)
    }

    fn keep(&self, vm: &Vm, bytes: &[u8]) -> Option<&'static [u8]> {
        vm.loaders.boot().arena.copy_bytes(bytes).ok()
    }
}
