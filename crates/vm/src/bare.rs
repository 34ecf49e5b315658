//! The bare profile: the engine without a class library.
//!
//! A bare VM knows only the classes of [`bare_classes`](crate::bare_classes), written when it boots. It runs class
//! files whose code keeps to ints, longs, arrays, calls and throwables; `System.out.println` of an int or a string
//! goes to a sink of the host program. It boots in about a millisecond and needs no JDK.

use crate::bare_classes;
use crate::{CreateError, boot, natives};
use caturra_heap::{HeapConfig, ObjRef};
use caturra_kernel::linking::init;
use caturra_kernel::loading::boot_path::BootPath;
use caturra_kernel::loading::define::{self, DefineRequest};
use caturra_kernel::loading::module::Module;
use caturra_kernel::runtime::exceptions::{self, JResult};
pub use caturra_kernel::runtime::options::JitOptions;
use caturra_kernel::runtime::options::Options;
use caturra_kernel::runtime::safepoint::JavaScope;
use caturra_kernel::runtime::thread::POLL_ASYNC_EXCEPTION;
use caturra_kernel::runtime::vm::{InternalNative, Phase};
use caturra_kernel::runtime::{alloc, calls, safepoint, stack_trace, strings, thread_list};
use caturra_kernel::{ClassRef, MethodRef, Thread, Vm};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What can be chosen of a bare VM.
pub struct BareOptions {
    /// Bytes of the Java stack, on which the interpreter's frames lie.
    pub stack_size: usize,
    /// Bytes that objects may take.
    pub heap_size: usize,
    /// No compilers.
    pub interpret_only: bool,
    pub jit: JitOptions,
}

impl Default for BareOptions {
    fn default() -> BareOptions {
        BareOptions {
            stack_size: 16 << 20,
            heap_size: 16 << 20,
            interpret_only: false,
            jit: JitOptions::default(),
        }
    }
}

/// What a program prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Printed<'a> {
    Int(i32),
    Text(&'a str),
}

type Sink = Box<dyn FnMut(Printed<'_>)>;

thread_local! {
    /// Where `System.out` of the bare VM on this thread goes; standard output when nothing is set.
    static SINK: RefCell<Option<Sink>> = const { RefCell::new(None) };
}

/// A booted bare VM, bound to the thread that booted it. It lives until the process ends.
pub struct BareVm {
    vm: &'static Vm,
    thread: &'static Thread,
    /// A thread of a VM runs on one OS thread only.
    not_send: PhantomData<*const ()>,
}

/// A class of a bare VM.
#[derive(Clone, Copy)]
pub struct BareClass(ClassRef);

/// What the compilers have done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Compiled {
    /// Methods, and loops of running methods.
    pub methods: u64,
    /// Bytes of machine code.
    pub code_bytes: u64,
    /// Time spent on it, by all threads.
    pub time: Duration,
}

/// A method's machine code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MachineCode {
    /// The compiler that made it: 1, or above for the optimising ones.
    pub tier: u8,
    /// Where it lies.
    pub address: u64,
    pub bytes: Vec<u8>,
}

/// A throwable that ended a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Throwable {
    /// The name of its class, with dots.
    pub class: String,
    pub message: Option<String>,
    /// Class, method and bytecode index of the frames in which it was made, innermost first; -1 in native methods.
    pub trace: Vec<TraceEntry>,
}

/// A frame of a stack trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TraceEntry {
    pub class: String,
    pub method: String,
    pub bci: i32,
}

impl std::fmt::Display for Throwable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.message {
            Some(m) => write!(f, "{}: {m}", self.class),
            None => f.write_str(&self.class),
        }
    }
}

impl std::error::Error for Throwable {}

/// Ends a running call from another thread, by `java.lang.ThreadDeath`.
#[derive(Clone, Copy)]
pub struct Interrupter(&'static Thread);

impl Interrupter {
    /// The name of the class by which a call ends that was interrupted.
    pub const THROWS: &'static str = "java.lang.ThreadDeath";

    /// Makes the call that runs now end at its next safepoint poll. Without a running call it does nothing.
    pub fn interrupt(self) {
        // Under the lock, as `disarm`: a request never outlives the call it is meant for.
        let armed = self.0.async_exception.lock();
        if !armed.is_null() {
            self.0.poll.fetch_or(POLL_ASYNC_EXCEPTION, Ordering::SeqCst);
        }
    }
}

fn failed(e: impl std::fmt::Display) -> CreateError {
    CreateError::Failed(e.to_string())
}

impl BareVm {
    /// Boots a bare VM on the calling thread, which must not be attached to a VM.
    ///
    /// # Errors
    /// When memory cannot be reserved, or the thread belongs to a VM already.
    pub fn boot(options: BareOptions) -> Result<BareVm, CreateError> {
        if Thread::current().is_some() {
            return Err(failed("the thread belongs to a virtual machine already"));
        }
        let heap =
            HeapConfig { max: options.heap_size.max(4 << 20), initial: 1 << 20, ..HeapConfig::default() };
        let vm = boot::new_vm(Options {
            bare: true,
            runtime_version: "bare".into(),
            thread_stack_size: options.stack_size,
            heap,
            interpret_only: options.interpret_only,
            jit: options.jit,
            reduce_signal_usage: true,
            ..Options::default()
        })?;
        natives::install_with(vm, internal_native);
        natives::install_compilers(vm).map_err(failed)?;
        boot::install_reports(vm);
        let mut path = BootPath::new(None, Vec::new(), Vec::new());
        let boot_loader = vm.loaders.boot();
        for (name, bytes) in bare_classes::class_files(vm).map_err(failed)? {
            let kept = boot_loader.arena().copy_bytes(&bytes).map_err(|_| failed("Metaspace"))?;
            path.builtin.insert(name, kept);
        }
        let _ = vm.loaders.boot_path.set(path);
        // Open: there is no module system that would export its packages.
        let java_base = Module::new(Some(vm.sym.java_base), boot_loader, true);
        vm.modules.set_java_base(boot_loader.add_module(java_base));
        let thread = thread_list::register_current(vm, false).map_err(failed)?;
        if start(thread).is_err() {
            return Err(failed(boot::describe_pending(thread)));
        }
        safepoint::end_boot(thread);
        Ok(BareVm { vm, thread, not_send: PhantomData })
    }

    /// The VM itself.
    pub fn vm(&self) -> &'static Vm {
        self.vm
    }

    /// Whether hot methods become machine code here.
    pub fn has_compilers(&self) -> bool {
        self.vm.compiler.get().is_some()
    }

    /// What has been compiled so far; `None` without compilers.
    pub fn compiled(&self) -> Option<Compiled> {
        let (methods, code_bytes, time) = caturra_jit::totals(self.vm)?;
        Some(Compiled { methods, code_bytes, time })
    }

    /// The machine code of a class's method, the first of that name; `None` when it has none.
    pub fn machine_code(&self, class: BareClass, method: &str) -> Option<MachineCode> {
        let _java = JavaScope::enter(self.thread);
        let name = self.vm.symbols.lookup(method.as_bytes())?;
        let method = class.0.methods.iter().copied().find(|m| m.name == name)?;
        let (_, tier, start, size) = caturra_jit::compiled_code_of(method, self.vm)?;
        let mut bytes = vec![0; size];
        // SAFETY: installed code is readable, and is freed only at a safepoint, which this thread holds up.
        unsafe { std::ptr::copy_nonoverlapping(start as *const u8, bytes.as_mut_ptr(), size) };
        Some(MachineCode { tier, address: start as u64, bytes })
    }

    /// Where `System.out` goes from now on.
    pub fn set_output(&self, sink: Sink) {
        SINK.set(Some(sink));
    }

    /// Defines and initialises a class.
    ///
    /// # Errors
    /// What the definition or `<clinit>` throws.
    pub fn define(&self, class_file: &[u8]) -> Result<BareClass, Throwable> {
        self.in_java(|t| {
            let request = DefineRequest {
                loader: self.vm.loaders.boot(),
                name: None,
                bytes: class_file,
                protection_domain: ObjRef::NULL,
                source: Some("bare profile"),
                hidden: None,
            };
            let class = define::define_class(t, &request)?;
            init::initialize(t, class)?;
            Ok(BareClass(class))
        })
    }

    /// Calls a static method that takes ints only and returns an int or nothing (then the result is 0).
    ///
    /// # Errors
    /// What it throws; `NoSuchMethodError`.
    pub fn call(&self, class: BareClass, method: &str, arguments: &[i32]) -> Result<i32, Throwable> {
        self.in_java(|t| {
            let parameters = format!("({})", "I".repeat(arguments.len()));
            let found = ["I", "V"].iter().find_map(|result| {
                calls::find_method(t, class.0, method, &format!("{parameters}{result}"))
                    .filter(|m| m.is_static())
            });
            let Some(found) = found else {
                let what = format!("{}.{method}{parameters}", class.0.external_name());
                return Err(exceptions::throw(t, "java/lang/NoSuchMethodError", &what));
            };
            let slots: Vec<u64> = arguments.iter().map(|a| u64::from(*a as u32)).collect();
            self.arm(t)?;
            let result = calls::invoke(t, found, &slots);
            disarm(t);
            Ok(result? as u32 as i32)
        })
    }

    /// The value of a static int field, `None` when there is none of that name.
    pub fn static_int(&self, class: BareClass, field: &str) -> Option<i32> {
        self.static_value(class, field, "I", |mirror, offset| {
            // SAFETY: a static int field of that class lies there in its mirror.
            unsafe { mirror.load::<i32>(offset) }
        })
    }

    /// The value of a static long field, `None` when there is none of that name.
    pub fn static_long(&self, class: BareClass, field: &str) -> Option<i64> {
        self.static_value(class, field, "J", |mirror, offset| {
            // SAFETY: a static long field of that class lies there in its mirror.
            unsafe { mirror.load::<i64>(offset) }
        })
    }

    fn static_value<T>(
        &self,
        class: BareClass,
        name: &str,
        ty: &str,
        read: fn(ObjRef, usize) -> T,
    ) -> Option<T> {
        let _java = JavaScope::enter(self.thread);
        let symbol = |s: &str| self.vm.symbols.lookup(s.as_bytes());
        let field = class.0.declared_field(symbol(name)?, symbol(ty)?)?;
        field.is_static().then(|| read(class.0.mirror(), field.offset as usize))
    }

    /// A handle by which another thread ends a call in progress.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.thread)
    }

    /// Puts the error in place with which [`Interrupter::interrupt`] ends the call that is about to begin: another
    /// thread cannot allocate it.
    fn arm(&self, t: &Thread) -> JResult<()> {
        let vm = t.vm();
        let name = vm.symbols.intern("java/lang/ThreadDeath");
        let class = caturra_kernel::loading::loader::load_class(t, vm.loaders.boot(), name)?;
        init::initialize(t, class)?;
        let error = alloc::instance(t, class)?;
        *t.async_exception.lock() = error;
        Ok(())
    }

    fn in_java<T>(&self, f: impl FnOnce(&Thread) -> JResult<T>) -> Result<T, Throwable> {
        let t = self.thread;
        let _java = JavaScope::enter(t);
        f(t).map_err(|_| describe(t))
    }
}

fn disarm(t: &Thread) {
    let mut armed = t.async_exception.lock();
    *armed = ObjRef::NULL;
    t.poll.fetch_and(!POLL_ASYNC_EXCEPTION, Ordering::SeqCst);
}

/// Loads what the VM itself refers to, and the errors that it may have to throw when nothing can be loaded.
fn start(t: &Thread) -> JResult<()> {
    let vm = t.vm();
    boot::load_well_known(t)?;
    vm.set_phase(Phase::Basics);
    for name in ["java/lang/String", "java/lang/System", "java/lang/Class"] {
        boot::initialize_named(t, name)?;
    }
    boot::preallocate(t)?;
    boot::initialize_named(t, "java/lang/StackOverflowError")?;
    vm.set_phase(Phase::Live);
    Ok(())
}

/// Takes the pending exception.
fn describe(t: &Thread) -> Throwable {
    let e = exceptions::take_pending(t);
    // SAFETY: the exception that was pending is a live throwable, in a local.
    let (class, message) =
        unsafe { (ClassRef::of(e), e.load_ref(t.vm().off.throwable_detail_message() as usize)) };
    let trace = stack_trace::backtrace(t, e)
        .into_iter()
        .map(|(m, bci)| TraceEntry { class: m.holder.external_name(), method: m.name.to_str(), bci })
        .collect();
    Throwable {
        class: class.external_name(),
        message: (!message.is_null()).then(|| strings::to_rust(message)),
        trace,
    }
}

fn print(value: Printed<'_>) {
    SINK.with_borrow_mut(|sink| match sink {
        Some(sink) => sink(value),
        None => match value {
            Printed::Int(i) => println!("{i}"),
            Printed::Text(s) => println!("{s}"),
        },
    });
}

/// `PrintStream.println(int)`.
///
/// # Safety
/// `args` are the slots of a call in progress: the receiver, the int.
unsafe fn println_int(_: &Thread, args: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    print(Printed::Int(unsafe { *args.add(1) } as u32 as i32));
    Ok(0)
}

/// `PrintStream.println(String)`.
///
/// # Safety
/// `args` are the slots of a call in progress: the receiver, the string.
unsafe fn println_string(_: &Thread, args: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let s = ObjRef::from_raw(unsafe { *args.add(1) } as u32);
    let text = if s.is_null() { "null".into() } else { strings::to_rust(s) };
    print(Printed::Text(&text));
    Ok(0)
}

fn internal_native(m: MethodRef) -> Option<InternalNative> {
    if m.holder.name == "java/io/PrintStream" && m.name == "println" {
        return if m.signature.symbol == "(I)V" { Some(println_int) } else { Some(println_string) };
    }
    caturra_exports::internal_native(m)
}

#[cfg(test)]
mod tests {
    use super::*;
    use caturra_bytecode::{Opcode, access as acc};
    use caturra_classfile::writer::{ClassWriter, CodeBuilder, Frame};
    use std::rc::Rc;

    fn program() -> Vec<u8> {
        let flags = acc::ACC_PUBLIC | acc::ACC_SUPER;
        let mut w = ClassWriter::new(61, flags, "Program", Some("java/lang/Object"));
        let out = w.pool.field_ref("java/lang/System", "out", "Ljava/io/PrintStream;");
        let println = w.pool.method_ref("java/io/PrintStream", "println", "(I)V");
        let mut code = CodeBuilder::new(2, 2);
        code.constant(Opcode::Getstatic, out).op(Opcode::Iload0).constant(Opcode::Invokevirtual, println);
        code.op(Opcode::Iload0).op(Opcode::Iload1).op(Opcode::Idiv).op(Opcode::Ireturn);
        w.method(acc::ACC_STATIC, "divide", "(II)I").code(&code);

        let recurse = w.pool.method_ref("Program", "recurse", "()V");
        let mut code = CodeBuilder::new(0, 0);
        code.constant(Opcode::Invokestatic, recurse).op(Opcode::Return);
        w.method(acc::ACC_STATIC, "recurse", "()V").code(&code);

        let mut spin = CodeBuilder::new(0, 0);
        let top = spin.here();
        spin.frame(Frame::Same).branch(Opcode::Goto, top);
        w.method(acc::ACC_STATIC, "spin", "()V").code(&spin);
        w.field(acc::ACC_STATIC, "count", "I");
        w.finish().unwrap()
    }

    #[test]
    fn runs_without_a_class_library() {
        let bare = BareVm::boot(BareOptions::default()).unwrap();
        let printed = Rc::new(RefCell::new(Vec::new()));
        let sink = printed.clone();
        bare.set_output(Box::new(move |p| {
            if let Printed::Int(i) = p {
                sink.borrow_mut().push(i);
            }
        }));
        let class = bare.define(&program()).unwrap();
        assert_eq!(bare.call(class, "divide", &[-7, 2]), Ok(-3));
        assert_eq!(*printed.borrow(), [-7]);
        let e = bare.call(class, "divide", &[1, 0]).unwrap_err();
        assert_eq!(
            (e.class.as_str(), e.message.as_deref()),
            ("java.lang.ArithmeticException", Some("/ by zero"))
        );
        assert_eq!(e.trace, [TraceEntry { class: "Program".into(), method: "divide".into(), bci: 9 }]);
        assert_eq!(bare.call(class, "recurse", &[]).unwrap_err().class, "java.lang.StackOverflowError");
        assert_eq!(bare.call(class, "absent", &[]).unwrap_err().class, "java.lang.NoSuchMethodError");
        assert_eq!(bare.static_int(class, "count"), Some(0));
        assert_eq!(bare.static_int(class, "other"), None);

        let interrupter = bare.interrupter();
        let other = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            interrupter.interrupt();
        });
        assert_eq!(bare.call(class, "spin", &[]).unwrap_err().class, Interrupter::THROWS);
        other.join().unwrap();
        assert_eq!(bare.call(class, "divide", &[6, 2]), Ok(3));

        // Nothing else of the class library is there.
        let w = ClassWriter::new(61, acc::ACC_SUPER, "Other", Some("java/util/ArrayList"));
        assert_eq!(bare.define(&w.finish().unwrap()).err().unwrap().class, "java.lang.NoClassDefFoundError");
        assert!(BareVm::boot(BareOptions::default()).is_err());
    }
}
