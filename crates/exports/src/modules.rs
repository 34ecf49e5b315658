//! The module system's side in the VM (JEP 261): defining modules, reads and exports; packages of the boot
//! loader. The checks are those that `java.lang.Module`'s natives document through their exceptions.

use crate::boundary::{c, local, obj};
use crate::objects::{is_instance, is_of_boot_class, is_platform_loader, length_or_zero, put_ref_at, ref_at};
use caturra_bytecode::{mutf8, name};
use caturra_kernel::loading::loader::{LoaderRef, bind_module_object, loader_display_name, loader_of};
use caturra_kernel::loading::mirrors;
use caturra_kernel::loading::module::{Module, ModuleRef, PackageRef};
use caturra_kernel::runtime::exceptions::{JResult, Thrown, throw};
use caturra_kernel::runtime::{alloc, strings};
use caturra_kernel::{ObjRef, Sym, Thread};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::sync::atomic::Ordering;

const ILLEGAL_ARGUMENT: &str = "java/lang/IllegalArgumentException";
const NULL_POINTER: &str = "java/lang/NullPointerException";
const ILLEGAL_STATE: &str = "java/lang/IllegalStateException";
const JAVA_BASE: &str = "java.base";

/// A definition checks the tables of a loader, then adds to them: one at a time.
static DEFINING: Mutex<()> = Mutex::new(());

fn illegal(t: &Thread, message: &str) -> Thrown {
    throw(t, ILLEGAL_ARGUMENT, message)
}

/// The object must be a `java.lang.Module`.
fn check_module(t: &Thread, module: ObjRef) -> JResult<()> {
    if is_instance(module, t.vm().wk.module()) {
        Ok(())
    } else {
        Err(illegal(t, "module is not an instance of type java.lang.Module"))
    }
}

/// The VM's entry of a `java.lang.Module`, `None` when the VM was never told of it.
fn module_entry(t: &Thread, module: ObjRef) -> JResult<Option<ModuleRef>> {
    check_module(t, module)?;
    // SAFETY: a live Module with the injected field, which is 0 or the address of an entry that its loader
    // keeps; the object of an unnamed module is bound when its loader is first seen.
    unsafe {
        let raw = module.load::<u64>(t.vm().off.module_entry() as usize);
        if raw != 0 {
            return Ok(Some(ModuleRef::from_ptr(raw as *mut u8)));
        }
        let is_unnamed = module.load_ref(t.vm().off.module_name() as usize).is_null();
        let loader = module.load_ref(t.vm().off.module_loader() as usize);
        if !is_unnamed || loader.is_null() {
            return Ok(None);
        }
        // An unnamed module whose loader the VM has not met yet.
        let entry = loader_of(t, loader).unnamed_module();
        if entry.object().is_null() {
            bind_module_object(t.vm(), entry, module);
        }
        Ok((entry.object() == module).then_some(entry))
    }
}

fn entry_or(t: &Thread, module: ObjRef, message: &str) -> JResult<ModuleRef> {
    module_entry(t, module)?.ok_or_else(|| illegal(t, message))
}

fn symbol_or_none(t: &Thread, string: ObjRef) -> Option<Sym> {
    (!string.is_null()).then(|| strings::to_sym(t, string))
}

/// A package name given with dots, in internal form.
fn internal_package(package: ObjRef) -> Vec<u8> {
    name::to_internal(&strings::to_mutf8(package))
}

/// The packages of a module being defined, checked one by one.
fn package_symbols(
    t: &Thread,
    packages: ObjRef,
    module_name: &str,
    check: &dyn Fn(&[u8]) -> JResult<()>,
) -> JResult<Vec<Sym>> {
    // SAFETY: null or an array of references.
    let count = unsafe { length_or_zero(packages) };
    let mut symbols = Vec::with_capacity(count);
    for i in 0..count {
        // SAFETY: within bounds.
        let package = unsafe { ref_at(packages, i) };
        if !is_instance(package, t.vm().wk.string()) {
            return Err(illegal(t, "Bad package name"));
        }
        let bytes = internal_package(package);
        if bytes.len() > u16::MAX.into() || !name::is_binary_class_name(&bytes) {
            let text = mutf8::to_string_lossy(&bytes);
            return Err(illegal(t, &format!("Invalid package name: {text} for module: {module_name}")));
        }
        check(&bytes)?;
        symbols.push(t.vm().symbols.intern_bytes(&bytes));
    }
    Ok(symbols)
}

/// What `Module.defineModule0` passes.
struct Definition {
    module: ObjRef,
    open: bool,
    version: ObjRef,
    location: ObjRef,
    packages: ObjRef,
}

fn define_module(t: &Thread, d: &Definition) -> JResult<()> {
    if d.module.is_null() {
        return Err(throw(t, NULL_POINTER, "Null module object"));
    }
    check_module(t, d.module)?;
    let off = &t.vm().off;
    // SAFETY: a live Module's fields.
    let (name_object, loader_object) = unsafe {
        (d.module.load_ref(off.module_name() as usize), d.module.load_ref(off.module_loader() as usize))
    };
    if name_object.is_null() {
        return Err(throw(t, NULL_POINTER, "Null module name"));
    }
    let module_name = strings::to_rust(name_object);
    if module_name.is_empty() {
        return Err(illegal(t, "Invalid module name: "));
    }
    if module_name == JAVA_BASE {
        return define_java_base(t, d, loader_object);
    }
    if is_of_boot_class(loader_object, "jdk/internal/reflect/DelegatingClassLoader") {
        return Err(illegal(t, "Class loader is an invalid delegating class loader"));
    }
    let loader = loader_of(t, loader_object);
    let may_define_java = loader_object.is_null() || is_platform_loader(loader_object);
    let packages = package_symbols(t, d.packages, &module_name, &|package| {
        if may_define_java || package != b"java" && !package.starts_with(b"java/") {
            return Ok(());
        }
        let dotted = mutf8::to_string_lossy(&name::to_external(package));
        let who = loader_display_name(t, loader);
        Err(illegal(
            t,
            &format!("Class loader (instance of): {who} tried to define prohibited package name: {dotted}"),
        ))
    })?;
    let module_symbol = strings::to_sym(t, name_object);
    let (version, location) = (symbol_or_none(t, d.version), symbol_or_none(t, d.location));
    match add_module(loader, module_symbol, d.open, &packages) {
        Ok(entry) => {
            *entry.version.write() = version;
            *entry.location.write() = location;
            bind_module_object(t.vm(), entry, d.module);
            Ok(())
        }
        Err(Conflict::Module) => {
            Err(throw(t, ILLEGAL_STATE, &format!("Module {module_name} is already defined")))
        }
        Err(Conflict::Package(package)) => {
            Err(throw(t, ILLEGAL_STATE, &package_conflict(&module_name, package)))
        }
    }
}

/// Why a module cannot be added to its loader.
enum Conflict {
    Module,
    Package(PackageRef),
}

fn add_module(loader: LoaderRef, name: Sym, open: bool, packages: &[Sym]) -> Result<ModuleRef, Conflict> {
    let _guard = DEFINING.lock();
    if loader.find_module(name).is_some() {
        return Err(Conflict::Module);
    }
    if let Some(existing) = packages.iter().find_map(|p| loader.find_package(*p)) {
        return Err(Conflict::Package(existing));
    }
    let entry = loader.add_module(Module::new(Some(name), loader, open));
    for package in packages {
        loader.package(*package, || entry);
    }
    Ok(entry)
}

fn package_conflict(module: &str, package: PackageRef) -> String {
    let name = package.name;
    match package.module().name {
        Some(other) => {
            format!(
                "Package {name} for module {module} is already in another module, {other}, defined to the class loader"
            )
        }
        None => {
            format!(
                "Package {name} for module {module} is already in the unnamed module defined to the class loader"
            )
        }
    }
}

/// `java.base` exists in the VM before its object: packages are added to it, and every class made so far learns
/// its module.
fn define_java_base(t: &Thread, d: &Definition, loader_object: ObjRef) -> JResult<()> {
    let packages = package_symbols(t, d.packages, JAVA_BASE, &|_| Ok(()))?;
    if !loader_object.is_null() {
        return Err(illegal(t, "Class loader must be the boot class loader"));
    }
    let vm = t.vm();
    let entry = vm.modules.java_base();
    let (version, location) = (symbol_or_none(t, d.version), symbol_or_none(t, d.location));
    let first = {
        let _guard = DEFINING.lock();
        let first = !vm.modules.is_java_base_defined();
        if first {
            for package in packages {
                let known = vm.loaders.boot().package(package, || entry);
                if !known.module().is_named() {
                    known.set_module(entry);
                }
            }
            *entry.version.write() = version;
            *entry.location.write() = location;
            bind_module_object(vm, entry, d.module);
            vm.modules.set_java_base_defined();
        }
        first
    };
    if !first {
        return Err(throw(t, "java/lang/InternalError", "Module java.base is already defined"));
    }
    // Only one thread runs Java code at this time.
    mirrors::fix_up_modules(vm, entry);
    Ok(())
}

/// To whom a package is exported.
#[derive(Clone, Copy)]
enum ExportTo {
    All,
    AllUnnamed,
    Module(ObjRef),
}

fn add_exports(t: &Thread, from: ObjRef, package: ObjRef, to: ExportTo) -> JResult<()> {
    let unnamed = matches!(to, ExportTo::AllUnnamed);
    let which = if unnamed { "module" } else { "from_module" };
    if matches!(to, ExportTo::Module(m) if m.is_null()) {
        return Err(throw(t, NULL_POINTER, "to_module is null"));
    }
    // The order in which the two nulls are found differs between the functions.
    let nulls = if unnamed {
        [(from, "module is null"), (package, "package is null")]
    } else {
        [(package, "package is null"), (from, "from_module is null")]
    };
    if let Some((_, message)) = nulls.iter().find(|(o, _)| o.is_null()) {
        return Err(throw(t, NULL_POINTER, message));
    }
    let entry = entry_or(t, from, if unnamed { "module is invalid" } else { "from_module cannot be found" })?;
    // Unnamed and open modules export every package.
    if !entry.is_named() || entry.open.load(Ordering::Acquire) {
        return Ok(());
    }
    let target = match to {
        ExportTo::Module(m) => Some(entry_or(t, m, "to_module is invalid")?),
        ExportTo::All | ExportTo::AllUnnamed => None,
    };
    let name = internal_package(package);
    let found = t.vm().symbols.lookup(&name).and_then(|s| entry.loader.find_package(s));
    let Some(found) = found.filter(|p| p.module() == entry) else {
        let (text, module) = (mutf8::to_string_lossy(&name), entry.display_name());
        return Err(illegal(t, &format!("Package {text} not found in {which} {module}")));
    };
    match (to, target) {
        (ExportTo::AllUnnamed, _) => found.export_to_all_unnamed(),
        (_, None) => found.export_to_all(),
        (_, Some(target)) if target != entry => {
            found.export_to(target);
            // A module that a package of another loader is exported to stays as long as the exporter knows it.
            if target.loader != entry.loader {
                entry.loader.add_handle(target.object());
            }
        }
        _ => {}
    }
    Ok(())
}

fn add_reads(t: &Thread, from: ObjRef, to: ObjRef) -> JResult<()> {
    if from.is_null() {
        return Err(throw(t, NULL_POINTER, "from_module is null"));
    }
    let entry = entry_or(t, from, "from_module is not valid")?;
    if to.is_null() {
        if entry.is_named() {
            entry.add_read_all_unnamed();
        }
        return Ok(());
    }
    let target = entry_or(t, to, "to_module is invalid")?;
    if target != entry && entry.is_named() {
        entry.add_read(target);
        if target.loader != entry.loader {
            entry.loader.add_handle(target.object());
        }
    }
    Ok(())
}

fn set_boot_unnamed_module(t: &Thread, module: ObjRef) -> JResult<()> {
    if module.is_null() {
        return Err(throw(t, NULL_POINTER, "Null module object"));
    }
    check_module(t, module)?;
    let vm = t.vm();
    // SAFETY: a live Module's fields.
    let (name, loader) = unsafe {
        (module.load_ref(vm.off.module_name() as usize), module.load_ref(vm.off.module_loader() as usize))
    };
    if !name.is_null() {
        return Err(illegal(t, "boot loader's unnamed module's java.lang.Module has a name"));
    }
    if !loader.is_null() {
        return Err(illegal(t, "Class loader must be the boot class loader"));
    }
    bind_module_object(vm, vm.loaders.boot().unnamed_module(), module);
    Ok(())
}

/// The packages of the boot loader from which a class was defined, each once.
fn loaded_boot_packages(t: &Thread) -> Vec<PackageRef> {
    let mut packages: Vec<PackageRef> = Vec::new();
    let mut seen = HashSet::new();
    for class in t.vm().loaders.boot().defined_classes() {
        if let Some(package) = class.package.filter(|p| !p.name.is_empty())
            && seen.insert(package.as_ptr() as usize)
        {
            packages.push(package);
        }
    }
    packages
}

/// Where the classes of a boot package come from: its module's location, else the class-path entry.
fn package_origin(package: PackageRef) -> Option<String> {
    let location = *package.module().location.read();
    location.map(|l| l.to_str().to_string()).or_else(|| package.source.read().clone())
}

jvm_entry! {
    /// `Module.defineModule0`.
    fn JVM_DefineModule(t; module: c::jobject, is_open: c::jboolean, version: c::jstring, location: c::jstring, packages: c::jobjectArray) {
        // SAFETY: handles of the caller, as in every function of this file.
        let definition = unsafe {
            Definition {
                module: obj(module),
                open: is_open != 0,
                version: obj(version),
                location: obj(location),
                packages: obj(packages),
            }
        };
        define_module(t, &definition)
    }
    /// `BootLoader.setBootLoaderUnnamedModule0`.
    fn JVM_SetBootLoaderUnnamedModule(t; module: c::jobject) {
        // SAFETY: as above.
        set_boot_unnamed_module(t, unsafe { obj(module) })
    }
    /// `Module.addExports0`.
    fn JVM_AddModuleExports(t; from_module: c::jobject, package: c::jstring, to_module: c::jobject) {
        // SAFETY: as above.
        let (from, package, to) = unsafe { (obj(from_module), obj(package), obj(to_module)) };
        add_exports(t, from, package, ExportTo::Module(to))
    }
    /// `Module.addExportsToAllUnnamed0`.
    fn JVM_AddModuleExportsToAllUnnamed(t; from_module: c::jobject, package: c::jstring) {
        // SAFETY: as above.
        let (from, package) = unsafe { (obj(from_module), obj(package)) };
        add_exports(t, from, package, ExportTo::AllUnnamed)
    }
    /// `Module.addExportsToAll0`.
    fn JVM_AddModuleExportsToAll(t; from_module: c::jobject, package: c::jstring) {
        // SAFETY: as above.
        let (from, package) = unsafe { (obj(from_module), obj(package)) };
        add_exports(t, from, package, ExportTo::All)
    }
    /// `Module.addReads0`; a null target stands for all unnamed modules.
    fn JVM_AddReadsModule(t; from_module: c::jobject, source_module: c::jobject) {
        // SAFETY: as above.
        let (from, to) = unsafe { (obj(from_module), obj(source_module)) };
        add_reads(t, from, to)
    }
    /// The module or jar that a package of the boot loader comes from; the name is in internal form.
    fn JVM_GetSystemPackage(t; name: c::jstring) -> c::jstring {
        // SAFETY: as above.
        let name = unsafe { obj(name) };
        if name.is_null() {
            return Ok(std::ptr::null_mut());
        }
        let name = strings::to_mutf8(name);
        let package = loaded_boot_packages(t).into_iter().find(|p| p.name.bytes() == name);
        match package.and_then(package_origin) {
            Some(text) => Ok(local(t, strings::new_string(t, &text)?)),
            None => Ok(std::ptr::null_mut()),
        }
    }
    /// The packages of the boot loader from which a class was loaded, in internal form.
    fn JVM_GetSystemPackages(t) -> c::jobjectArray {
        let packages = loaded_boot_packages(t);
        let array = alloc::ref_array(t, t.vm().wk.string(), packages.len() as i32)?;
        for (i, package) in packages.iter().enumerate() {
            let name = strings::from_sym(t, package.name)?;
            // SAFETY: a new array of that length.
            unsafe { put_ref_at(t, array, i, name) };
        }
        Ok(local(t, array))
    }
}
