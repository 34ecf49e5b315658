//! Modules (JVMTI, "Module").

use super::entry::{bytes_of, given, local, put, put_array, resolve};
use super::types::{Answer, Error};
use caturra_bytecode::mutf8;
use caturra_jni::types::{jboolean, jclass, jint, jobject};
use caturra_kernel::loading::loader;
use caturra_kernel::runtime::{calls, exceptions, strings};
use caturra_kernel::{ClassRef, ObjRef, Thread};
use std::ffi::c_char;

fn module(t: &Thread, handle: jobject) -> Answer<ObjRef> {
    given(handle.0.cast_const())?;
    let module = resolve(handle);
    // SAFETY: a live object or null.
    let is_module = !module.is_null() && unsafe { ClassRef::of(module) }.is_subclass_of(t.vm().wk.module());
    if is_module { Ok(module) } else { Err(Error::INVALID_MODULE) }
}

/// Calls one of the static methods that the class library has for agents.
fn library(t: &Thread, method: &str, signature: &str, args: &[u64]) -> Answer {
    let vm = t.vm();
    let name = vm.symbols.intern("jdk/internal/module/Modules");
    let done = loader::load_class(t, vm.loaders.boot(), name)
        .and_then(|class| calls::call_static(t, class, method, signature, args));
    done.map(|_| ()).map_err(|_| {
        exceptions::take_pending(t);
        Error::ILLEGAL_ARGUMENT
    })
}

fn exports(t: &Thread, method: &str, from: jobject, package: *const c_char, to: jobject) -> Answer {
    let from = module(t, from)?;
    let package = mutf8::to_string_lossy(bytes_of(package)?).replace('/', ".");
    let to = module(t, to)?;
    let package = strings::new_string(t, &package).map_err(|_| {
        exceptions::take_pending(t);
        Error::OUT_OF_MEMORY
    })?;
    let args = [from, package, to].map(|o| u64::from(o.raw()));
    library(t, method, "(Ljava/lang/Module;Ljava/lang/String;Ljava/lang/Module;)V", &args)
}

jvmti_functions! {
    /// `GetAllModules`.
    live fn GetAllModules((_, t), count: *mut jint, modules: *mut *mut jobject) {
        given(count)?;
        given(modules)?;
        let mut all = Vec::new();
        for l in t.vm().loaders.all() {
            if l.is_hidden_class {
                continue;
            }
            let unnamed = l.unnamed_module();
            let own = l.modules().into_iter().chain(std::iter::once(unnamed));
            all.extend(own.map(|m| m.object()).filter(|o| !o.is_null()).map(|o| local(t, o)));
        }
        put_array(count, modules, &all)
    }

    /// `GetNamedModule`: null when the loader has none with that package.
    live fn GetNamedModule((_, t), loader: jobject, package: *const c_char, found: *mut jobject) {
        let name = bytes_of(package)?;
        given(found)?;
        let object = resolve(loader);
        // SAFETY: a live object.
        if !object.is_null() && !unsafe { ClassRef::of(object) }.is_subclass_of(t.vm().wk.class_loader()) {
            return Err(Error::ILLEGAL_ARGUMENT);
        }
        let package = t.vm().symbols.lookup(name).and_then(|n| loader::loader_of(t, object).find_package(n));
        let module = package.map(|p| p.module()).filter(|m| m.is_named());
        put(found, module.map_or(jobject::NULL, |m| local(t, m.object())))
    }

    /// `AddModuleReads`.
    live fn AddModuleReads((_, t), from: jobject, to: jobject) {
        let (from, to) = (module(t, from)?, module(t, to)?);
        let args = [u64::from(from.raw()), u64::from(to.raw())];
        library(t, "addReads", "(Ljava/lang/Module;Ljava/lang/Module;)V", &args)
    }

    /// `AddModuleExports`.
    live fn AddModuleExports((_, t), from: jobject, package: *const c_char, to: jobject) {
        exports(t, "addExports", from, package, to)
    }

    /// `AddModuleOpens`.
    live fn AddModuleOpens((_, t), from: jobject, package: *const c_char, to: jobject) {
        exports(t, "addOpens", from, package, to)
    }

    /// `AddModuleUses`.
    live fn AddModuleUses((_, t), from: jobject, service: jclass) {
        let from = module(t, from)?;
        let service = super::entry::class(t, service)?.mirror();
        let args = [u64::from(from.raw()), u64::from(service.raw())];
        library(t, "addUses", "(Ljava/lang/Module;Ljava/lang/Class;)V", &args)
    }

    /// `AddModuleProvides`.
    live fn AddModuleProvides((_, t), from: jobject, service: jclass, provider: jclass) {
        let from = module(t, from)?;
        let service = super::entry::class(t, service)?.mirror();
        let provider = super::entry::class(t, provider)?.mirror();
        let args = [from, service, provider].map(|o| u64::from(o.raw()));
        library(t, "addProvides", "(Ljava/lang/Module;Ljava/lang/Class;Ljava/lang/Class;)V", &args)
    }

    /// `IsModifiableModule`.
    live fn IsModifiableModule((_, t), handle: jobject, answer: *mut jboolean) {
        module(t, handle)?;
        put(answer, 1)
    }
}
