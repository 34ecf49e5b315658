//! Making and stopping a virtual machine.

use crate::env::Env;
use crate::error::Error;
use crate::{Result, bridge, native};
use caturra_kernel::runtime::thread_list;
use caturra_vm::{args::Argument, invocation};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Options of a VM to be.
#[derive(Clone, Debug, Default)]
pub struct VmBuilder {
    java_home: Option<PathBuf>,
    class_path: Option<OsString>,
    options: Vec<String>,
}

impl VmBuilder {
    /// The JDK whose class library to use. Without it: `JAVA_HOME`, the `java` on the `PATH`, or an installed JDK.
    pub fn java_home(mut self, path: impl Into<PathBuf>) -> VmBuilder {
        self.java_home = Some(path.into());
        self
    }

    /// Adds a directory or jar file to the class path, or several, separated by colons.
    pub fn class_path(mut self, path: impl AsRef<Path>) -> VmBuilder {
        match &mut self.class_path {
            Some(before) => {
                before.push(":");
                before.push(path.as_ref());
            }
            none => *none = Some(path.as_ref().into()),
        }
        self
    }

    /// Adds an option as the JNI invocation interface takes them: `-Xmx64m`, `-Dkey=value`, `-ea`,
    /// `--add-opens=java.base/java.lang=ALL-UNNAMED`. Options of the `java` launcher are none of them.
    pub fn option(mut self, option: impl Into<String>) -> VmBuilder {
        self.options.push(option.into());
        self
    }

    /// Adds several options.
    pub fn options<S: Into<String>>(mut self, options: impl IntoIterator<Item = S>) -> VmBuilder {
        self.options.extend(options.into_iter().map(Into::into));
        self
    }

    /// Sets a system property.
    pub fn property(self, key: &str, value: &str) -> VmBuilder {
        self.option(format!("-D{key}={value}"))
    }

    /// Makes the VM and initialises its class library.
    ///
    /// # Errors
    /// [`Error::AlreadyRunning`] while another VM lives in the process; [`Error::Create`].
    pub fn build(self) -> Result<Vm> {
        let mut options = Vec::new();
        if let Some(home) = &self.java_home {
            let home = home.canonicalize().map_err(|e| Error::Create(format!("{}: {e}", home.display())))?;
            options.push(format!("-XX:JavaHome={}", home.display()));
        }
        if let Some(path) = &self.class_path {
            options.push(format!("-Djava.class.path={}", path.to_string_lossy()));
        }
        options.extend(self.options);
        bridge::make_visible().map_err(Error::Create)?;
        let arguments =
            options.into_iter().map(|text| Argument { text, extra: std::ptr::null_mut() }).collect();
        let (vm, thread) = invocation::create_one(arguments, false)?;
        let life = Arc::new(Life { vm, alive: RwLock::new(true) });
        let ending = life.clone();
        vm.ending.at_end(move |_| ending.end());
        // Every thread is attached in the same way, this one too.
        thread_list::detach(thread);
        Ok(Vm { life })
    }
}

/// Whether a VM is there still: its memory goes when it ends, roots may stay.
pub(crate) struct Life {
    vm: &'static caturra_kernel::Vm,
    alive: RwLock<bool>,
}

impl Life {
    /// The VM; only for those who keep it alive by borrowing its [`Vm`].
    pub(crate) fn vm(&self) -> &'static caturra_kernel::Vm {
        self.vm
    }

    /// Runs `f` unless the VM has ended, which waits until `f` is done.
    pub(crate) fn while_alive(&self, f: impl FnOnce(&caturra_kernel::Vm) -> bool) -> bool {
        let alive = self.alive.read().unwrap_or_else(PoisonError::into_inner);
        *alive && f(self.vm)
    }

    fn end(&self) {
        *self.alive.write().unwrap_or_else(PoisonError::into_inner) = false;
    }
}

/// A running virtual machine. Dropping it waits for the Java threads that are not daemons, runs the shutdown hooks
/// and stops it.
pub struct Vm {
    life: Arc<Life>,
}

impl std::fmt::Debug for Vm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vm").field("java_home", &self.java_home()).finish_non_exhaustive()
    }
}

impl Vm {
    pub fn builder() -> VmBuilder {
        VmBuilder::default()
    }

    /// Attaches the calling thread until the result is dropped. May be nested.
    ///
    /// # Errors
    /// [`Error::Attach`] when memory is out, or the VM is stopping.
    pub fn attach(&self) -> Result<Env<'_>> {
        Env::attach(&self.life, None, false)
    }

    /// As [`Vm::attach`], with a name for the Java thread, and whether it is a daemon: one that [`Vm::destroy`] does
    /// not wait for. Both matter only where the thread is not attached yet.
    ///
    /// # Errors
    /// As `attach`.
    pub fn attach_as(&self, name: &str, daemon: bool) -> Result<Env<'_>> {
        Env::attach(&self.life, Some(name), daemon)
    }

    /// The full version of the class library: "17.0.15+6-Debian-1deb12u1".
    pub fn runtime_version(&self) -> &str {
        &self.life.vm().options.runtime_version
    }

    /// The JDK whose class library it is.
    pub fn java_home(&self) -> &Path {
        Path::new(&self.life.vm().options.java_home)
    }

    /// Stops the VM, as dropping it does.
    pub fn destroy(self) {
        drop(self);
    }
}

impl Drop for Vm {
    fn drop(&mut self) {
        caturra_vm::destroy(self.life.vm());
        native::forget_all();
    }
}
