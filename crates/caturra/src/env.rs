//! A thread's way into the VM.

use crate::class::Class;
use crate::error::{Error, JavaException};
use crate::object::{Element, Object};
use crate::vm::Life;
use crate::{Result, object};
use caturra_bytecode::descriptor::FieldType;
use caturra_kernel::linking::init;
use caturra_kernel::loading::define::{self, DefineRequest};
use caturra_kernel::loading::loader::{self, LoaderRef};
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::safepoint::JavaScope;
use caturra_kernel::runtime::thread_list::{self, AttachRequest};
use caturra_kernel::runtime::{alloc, calls, strings};
use caturra_kernel::{ObjRef, Thread};
use std::cell::Cell;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;

/// The calling thread, attached to a VM. Outside of calls it counts as running native code: it holds up nobody.
pub struct Env<'vm> {
    thread: &'static Thread,
    life: Arc<Life>,
    /// Counted in `ATTACHED`, as opposed to lent to a native method.
    counted: bool,
    /// Borrows the VM, and belongs to one thread.
    scope: PhantomData<(&'vm (), *const ())>,
}

#[derive(Clone, Copy, Default)]
struct Attached {
    /// Live `Env`s of this thread.
    count: usize,
    /// Whether the first one attached the thread, so the last one detaches it.
    ours: bool,
}

thread_local! {
    static ATTACHED: Cell<Attached> = const { Cell::new(Attached { count: 0, ours: false }) };
}

impl<'vm> Env<'vm> {
    pub(crate) fn attach(life: &Arc<Life>, name: Option<&str>, daemon: bool) -> Result<Env<'vm>> {
        let vm = life.vm();
        let mut attached = ATTACHED.get();
        let thread = match Thread::current() {
            Some(t) if std::ptr::eq(t.vm(), vm) => t,
            Some(_) => return Err(Error::Attach("the thread is attached to another virtual machine".into())),
            None => {
                let request =
                    AttachRequest { name: name.map(str::to_string), group: std::ptr::null_mut(), daemon };
                let t = thread_list::attach(vm, request)
                    .ok_or_else(|| Error::Attach("the thread cannot be attached".into()))?;
                attached.ours = true;
                t
            }
        };
        attached.count += 1;
        ATTACHED.set(attached);
        Ok(Env { thread, life: life.clone(), counted: true, scope: PhantomData })
    }

    /// For the time of a native method that `thread` runs.
    pub(crate) fn lend(thread: &'static Thread, life: Arc<Life>) -> Env<'vm> {
        Env { thread, life, counted: false, scope: PhantomData }
    }

    pub(crate) fn life(&self) -> &Arc<Life> {
        &self.life
    }

    /// Runs `f` in Java state; an exception becomes an error.
    pub(crate) fn java<R>(&self, f: impl FnOnce(&'static Thread) -> JResult<R>) -> Result<R> {
        self.try_java(|t| Ok(f(t)))
    }

    /// As `java`, for bodies that fail in other ways as well.
    pub(crate) fn try_java<R>(&self, f: impl FnOnce(&'static Thread) -> Result<JResult<R>>) -> Result<R> {
        let t = self.thread;
        let _scope = JavaScope::enter(t);
        f(t)?.map_err(|_thrown| Error::from(JavaException::take(self, t)))
    }

    pub(crate) fn thread(&self) -> &'static Thread {
        self.thread
    }

    pub(crate) fn vm(&self) -> &'static caturra_kernel::Vm {
        self.thread.vm()
    }

    /// The loader of application classes.
    fn system_loader(t: &Thread) -> JResult<LoaderRef> {
        let signature = "()Ljava/lang/ClassLoader;";
        let class = t.vm().wk.class_loader();
        let object = calls::call_static(t, class, "getSystemClassLoader", signature, &[])?;
        Ok(loader::loader_of(t, ObjRef::from_raw(object as u32)))
    }

    /// Loads a class by name, from the class path or the class library, and initialises it. Arrays go by their
    /// descriptors (`[I`).
    ///
    /// # Errors
    /// The exception: `ClassNotFoundException`, `ExceptionInInitializerError`, …
    pub fn load_class(&self, name: &str) -> Result<Class> {
        let name = name.replace('.', "/");
        self.java(|t| {
            let loader = Self::system_loader(t)?;
            let class = loader::load_class(t, loader, t.vm().symbols.intern(&name))?;
            if class.is_instance_class() {
                init::initialize(t, class)?;
            }
            Ok(Class::root(self, class))
        })
    }

    /// Defines a class from the bytes of a class file, in the loader of application classes. It is initialised when
    /// it is first used.
    ///
    /// # Errors
    /// The exception: `ClassFormatError`, `NoClassDefFoundError` (for a superclass), `LinkageError` (a class of that
    /// name exists), …
    pub fn define_class(&self, bytes: &[u8]) -> Result<Class> {
        self.java(|t| {
            let loader = Self::system_loader(t)?;
            let request = DefineRequest {
                loader,
                name: None,
                bytes,
                protection_domain: ObjRef::NULL,
                source: None,
                hidden: None,
            };
            define::define_class(t, &request).map(|class| Class::root(self, class))
        })
    }

    /// Defines a class from a class file; see [`Env::define_class`].
    ///
    /// # Errors
    /// [`Error::Io`], and as `define_class`.
    pub fn define_class_file(&self, path: impl AsRef<Path>) -> Result<Class> {
        self.define_class(&std::fs::read(path)?)
    }

    /// A new `java.lang.String`.
    ///
    /// # Errors
    /// `OutOfMemoryError`.
    pub fn new_string(&self, text: &str) -> Result<Object> {
        self.java(|t| strings::new_string(t, text).map(|s| Object::root(self, s)))
    }

    /// A new array of a primitive type with the given elements.
    ///
    /// # Errors
    /// `OutOfMemoryError`.
    pub fn new_array<T: Element>(&self, elements: &[T]) -> Result<Object> {
        self.java(|t| object::new_array(t, elements).map(|a| Object::root(self, a)))
    }

    /// A new array with elements of a class.
    ///
    /// # Errors
    /// [`Error::Type`] when an element is no instance of it; `OutOfMemoryError`.
    pub fn new_object_array(&self, class: &Class, elements: &[Option<Object>]) -> Result<Object> {
        let length = i32::try_from(elements.len()).map_err(|_| Error::Type("too many elements".into()))?;
        for element in elements.iter().flatten() {
            if !element.is_instance_of(self, class)? {
                return Err(Error::Type(format!("an element is no instance of {}", class.name())));
            }
        }
        self.try_java(|t| {
            let array = match alloc::ref_array(t, class.class_ref(self)?, length) {
                Ok(array) => array,
                Err(thrown) => return Ok(Err(thrown)),
            };
            for (i, element) in elements.iter().enumerate() {
                let element = element.as_ref().map_or(Ok(ObjRef::NULL), |e| e.resolve(self))?;
                // SAFETY: a new array of that length, and an element of its type.
                unsafe { t.vm().heap.store_ref(array, caturra_heap::layout::ARRAY_BASE + 4 * i, element) };
            }
            Ok(Ok(Object::root(self, array)))
        })
    }

    /// Resolves the type of a parameter, field or result as code of `class` would.
    pub(crate) fn resolve_type(
        t: &Thread,
        class: caturra_kernel::ClassRef,
        ty: FieldType<'_>,
    ) -> JResult<caturra_kernel::ClassRef> {
        let name = ty.class_name().expect("only reference types are resolved");
        loader::load_class(t, class.loader, t.vm().symbols.intern_bytes(name))
    }
}

impl Drop for Env<'_> {
    fn drop(&mut self) {
        if !self.counted {
            return;
        }
        let mut attached = ATTACHED.get();
        attached.count -= 1;
        if attached.count == 0 && attached.ours {
            attached.ours = false;
            thread_list::detach(self.thread);
        }
        ATTACHED.set(attached);
    }
}
