//! Execution on Caturra's engine: the translated class runs on a bare VM.

use crate::machine::{End, Limits};
use crate::translate::{STATUS_RESULT, TranslateError, Translation, translate};
use crate::verify::Verified;
use caturra_vm::bare::{
    BareClass, BareOptions, BareVm, Compiled, Interrupter, JitOptions, MachineCode, Printed, Throwable,
};
use std::cell::Cell;
use std::fmt;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How the engine runs code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Mode {
    /// Bytecode only.
    Interpreter,
    /// Every method is compiled at its first call, by the best compiler there is.
    Compiled,
    /// As `Compiled`, by the first tier.
    Tier1,
    /// Hot methods and loops are compiled while the program runs.
    Auto,
}

/// Why the engine cannot run a program.
#[derive(Debug)]
pub enum EngineError {
    Boot(String),
    /// Compiled execution was asked for, and there are no compilers.
    NoCompilers,
    Translate(TranslateError),
    /// The engine did not accept or did not finish the translated program: a defect of ours.
    Unexpected(Throwable),
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EngineError::Boot(why) => write!(f, "the engine cannot start: {why}"),
            EngineError::NoCompilers => {
                f.write_str("there are no compilers on this machine; use --engine interpreter or auto")
            }
            EngineError::Translate(e) => e.fmt(f),
            EngineError::Unexpected(throwable) => {
                write!(f, "the engine failed on the translated program: {throwable}")?;
                throwable
                    .trace
                    .iter()
                    .try_for_each(|t| write!(f, "\n    at {}.{} bci {}", t.class, t.method, t.bci))
            }
        }
    }
}

impl std::error::Error for EngineError {}

impl From<TranslateError> for EngineError {
    fn from(e: TranslateError) -> EngineError {
        EngineError::Translate(e)
    }
}

/// A booted engine, bound to its thread.
pub struct Engine {
    vm: BareVm,
    loaded: Cell<u32>,
    /// The compilers work for the engine itself, too.
    compiled_at_boot: Option<Compiled>,
}

/// A program that the engine has loaded.
pub struct Loaded<'p> {
    program: &'p Verified,
    translation: Translation,
    class: BareClass,
}

impl Loaded<'_> {
    pub fn translation(&self) -> &Translation {
        &self.translation
    }
}

fn jit_options(mode: Mode) -> JitOptions {
    let options = JitOptions { code_cache_size: 16 << 20, ..JitOptions::default() };
    match mode {
        Mode::Interpreter => JitOptions { stop_at_level: 0, ..options },
        Mode::Compiled => JitOptions { compile_all: true, background: false, stop_at_level: 4, ..options },
        Mode::Tier1 => JitOptions { compile_all: true, background: false, stop_at_level: 1, ..options },
        Mode::Auto => JitOptions { stop_at_level: 4, ..options },
    }
}

impl Engine {
    /// Boots the engine on the calling thread.
    ///
    /// # Errors
    /// When memory cannot be reserved, the thread belongs to a VM already, or compilers are asked for and absent.
    pub fn boot(mode: Mode) -> Result<Engine, EngineError> {
        let options = BareOptions {
            // Frames of the deepest recursion, and of the widest functions.
            stack_size: 64 << 20,
            interpret_only: mode == Mode::Interpreter,
            jit: jit_options(mode),
            ..BareOptions::default()
        };
        let vm = BareVm::boot(options).map_err(|e| EngineError::Boot(e.to_string()))?;
        if matches!(mode, Mode::Compiled | Mode::Tier1) && !vm.has_compilers() {
            return Err(EngineError::NoCompilers);
        }
        let compiled_at_boot = vm.compiled();
        Ok(Engine { vm, loaded: Cell::new(0), compiled_at_boot })
    }

    /// Translates and loads a program. Limits other than time are part of the translation.
    ///
    /// # Errors
    /// When the program is too large for a class file.
    pub fn load<'p>(
        &self,
        program: &'p Verified,
        name: &str,
        limits: Limits,
    ) -> Result<Loaded<'p>, EngineError> {
        // A class of that name may be there already.
        let n = self.loaded.replace(self.loaded.get() + 1);
        let name = if n == 0 { name.to_owned() } else { format!("{name}_{n}") };
        let translation = translate(program, &name, limits)?;
        let class = self.vm.define(&translation.class_file).map_err(EngineError::Unexpected)?;
        Ok(Loaded { program, translation, class })
    }

    /// Where what programs print goes from now on.
    pub fn set_output(&self, mut sink: impl FnMut(i32) + 'static) {
        self.vm.set_output(Box::new(move |printed| {
            if let Printed::Int(value) = printed {
                sink(value);
            }
        }));
    }

    /// Runs a program. Inputs that are not given have their defaults.
    ///
    /// # Errors
    /// Only defects; what the program does wrong is a fault.
    pub fn run(
        &self,
        loaded: &Loaded<'_>,
        inputs: &[i32],
        time: Option<Duration>,
    ) -> Result<End, EngineError> {
        let defaults = &loaded.program.program().inputs;
        let arguments: Vec<i32> =
            (0..).zip(defaults).map(|(i, d)| inputs.get(i).copied().unwrap_or(d.default)).collect();
        let watch = time.map(|time| Watch::new(time, self.vm.interrupter()));
        let result = self.vm.call(loaded.class, "run", &arguments);
        drop(watch);
        let int = |field| self.vm.static_int(loaded.class, field).unwrap_or(0);
        match result {
            Ok(STATUS_RESULT) => Ok(End::Halted(Some(int("result")))),
            Ok(_) => Ok(End::Halted(None)),
            Err(throwable) => {
                let fuel = self.vm.static_long(loaded.class, "fuel");
                let trace: Vec<(String, i32)> =
                    throwable.trace.iter().map(|t| (t.method.clone(), t.bci)).collect();
                loaded
                    .translation
                    .fault(loaded.program, &throwable.class, int("reason"), fuel, &trace)
                    .map(End::Fault)
                    .ok_or(EngineError::Unexpected(throwable))
            }
        }
    }

    /// What has been compiled since the engine was ready; `None` without compilers.
    pub fn compiled(&self) -> Option<Compiled> {
        let now = self.vm.compiled()?;
        let before = self.compiled_at_boot?;
        Some(Compiled {
            methods: now.methods - before.methods,
            code_bytes: now.code_bytes - before.code_bytes,
            time: now.time.saturating_sub(before.time),
        })
    }

    /// The machine code of a function of a loaded program, when it has been compiled.
    pub fn machine_code(&self, loaded: &Loaded<'_>, function: usize) -> Option<MachineCode> {
        self.vm.machine_code(loaded.class, loaded.translation.method_of(function)?)
    }

    /// A handle by which another thread ends a run, as a time limit does.
    pub fn interrupter(&self) -> Interrupter {
        self.vm.interrupter()
    }
}

/// A thread that ends a run after some time; dropped when the run has ended by itself.
struct Watch {
    done: Option<mpsc::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Watch {
    fn new(time: Duration, interrupter: Interrupter) -> Watch {
        let (done, ended) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let mut wait = time;
            // Again and again: the run may not have begun at the first attempt.
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                interrupter.interrupt();
                wait = Duration::from_millis(5);
            }
        });
        Watch { done: Some(done), thread: Some(thread) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
