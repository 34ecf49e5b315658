//! The boot sequence: from nothing to a VM that runs application classes.
//!
//! Well-known classes are loaded first without mirrors; when `java.lang.Class` is laid out, mirrors and primitive
//! types follow; then the class library initialises itself in its three phases (`System.initPhase1` to `3`).

use crate::args::Settings;
use crate::{CreateError, natives, periodic};
use caturra_exports::properties::{VM_NAME, VM_VERSION};
use caturra_heap::{Heap, ObjRef, WellKnownOffsets};
use caturra_kernel::linking::init;
use caturra_kernel::loading::boot_path::{BootPath, PathEntry};
use caturra_kernel::loading::jimage::Image;
use caturra_kernel::loading::loader::{self, LoaderSet};
use caturra_kernel::loading::mirrors;
use caturra_kernel::loading::module::Module;
use caturra_kernel::oops::metaspace::Metaspace;
use caturra_kernel::oops::symbol::{KnownSymbols, SymbolTable};
use caturra_kernel::platform::crash;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::log_config::Level;
use caturra_kernel::runtime::options::Options;
use caturra_kernel::runtime::vm::{Phase, Preallocated};
use caturra_kernel::runtime::{calls, log, safepoint, signals, strings, thread_list};
use caturra_kernel::{ClassRef, Thread, Vm};
use std::ffi::CString;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

fn failed(what: &str, e: &dyn std::fmt::Display) -> CreateError {
    CreateError::Failed(format!("{what}: {e}"))
}

/// A VM in which nothing is loaded yet.
pub(crate) fn new_vm(options: Options) -> Result<&'static Vm, CreateError> {
    let started = Instant::now();
    let metaspace = Metaspace::reserve(options.max_metaspace, options.metaspace_threshold)
        .map_err(CreateError::Failed)?;
    let symbols = SymbolTable::new(metaspace.clone());
    let sym = KnownSymbols::new(&symbols);
    let heap = Heap::new(options.heap.clone())
        .map_err(|e| failed("Could not reserve enough space for object heap", &e))?;
    let started_millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64);
    Ok(Box::leak(Box::new(Vm {
        started,
        started_millis,
        loaders: LoaderSet::new(metaspace.clone()),
        metaspace,
        symbols,
        sym,
        heap,
        modules: Default::default(),
        wk: Default::default(),
        off: Default::default(),
        methods: Default::default(),
        strings: Default::default(),
        threads: thread_list::ThreadList::new(),
        safepoint: safepoint::Safepoint::new(),
        monitors: caturra_kernel::runtime::monitor::MonitorTable::new(),
        identity: Default::default(),
        globals: caturra_kernel::runtime::handles::GlobalHandles::new(),
        engine: OnceLock::new(),
        compiler: OnceLock::new(),
        compiler_data: OnceLock::new(),
        invoke_data: OnceLock::new(),
        primitives: std::array::from_fn(|_| AtomicU64::new(0)),
        primitive_arrays: std::array::from_fn(|_| AtomicU64::new(0)),
        init_lock: Default::default(),
        init_cond: Default::default(),
        hierarchy_lock: Default::default(),
        jni_functions: AtomicPtr::new(std::ptr::null_mut()),
        invoke_interface: AtomicPtr::new(std::ptr::null_mut()),
        phase: AtomicU8::new(Phase::Start as u8),
        mirror_fields_end: AtomicU32::new(0),
        next_class_serial: AtomicU32::new(1),
        classes_loaded: AtomicU64::new(0),
        classes_unloaded: AtomicU64::new(0),
        exiting: AtomicBool::new(false),
        ending: Default::default(),
        tools: Default::default(),
        redefinitions: AtomicU32::new(0),
        traced_out_of_memory: AtomicU32::new(0),
        preallocated: OnceLock::new(),
        options,
    })))
}

/// Crash reports and the log of collections.
pub(crate) fn install_reports(vm: &'static Vm) {
    signals::set_reduced_usage(vm.options.reduce_signal_usage);
    signals::survive_failed_writes();
    crash::install(crash::Identity {
        runtime: format!("OpenJDK Runtime Environment (build {})", vm.options.runtime_version),
        vm: format!("{VM_NAME} ({VM_VERSION}, {})", vm.options.vm_info()),
        command_line: vm.options.vm_arguments.join(" "),
        error_file: vm.options.error_file.clone(),
    });
    vm.heap.set_event_callback(Box::new(move |event| {
        caturra_exports::management::record_collection(vm, event);
        log::collection(vm, event);
    }));
}

/// Makes a VM by `settings` and boots it on the calling thread.
pub fn boot(settings: Settings) -> Result<(&'static Vm, &'static Thread), CreateError> {
    let Settings { options, patches, boot_append, management_agent, agents } = settings;
    let vm = new_vm(options)?;
    natives::install(vm);
    natives::install_compilers(vm).map_err(CreateError::Failed)?;
    install_reports(vm);
    let image_path = Path::new(&vm.options.java_home).join("lib/modules");
    let image =
        Image::open(&image_path).map_err(|e| failed(&format!("cannot open {}", image_path.display()), &e))?;
    let patches = patches.into_iter().filter_map(|(m, p)| Some((m, PathEntry::new(&p)?))).collect();
    let append = boot_append.iter().filter_map(|p| PathEntry::new(p)).collect();
    let _ = vm.loaders.boot_path.set(BootPath::new(Some(image), patches, append));
    let boot = vm.loaders.boot();
    vm.modules.set_java_base(boot.add_module(Module::new(Some(vm.sym.java_base), boot, false)));

    load_java_library(vm)?;
    caturra_tooling::start_agents(vm, &agents).map_err(CreateError::Failed)?;
    let t =
        thread_list::register_current(vm, false).map_err(|e| failed("cannot attach the main thread", &e))?;
    match run(t) {
        Ok(true) => {}
        // `System.initPhase2` has said why.
        Ok(false) => return Err(CreateError::Reported),
        Err(_thrown) => return Err(CreateError::Failed(describe_pending(t))),
    }
    caturra_tooling::vm_initialized(t);
    if management_agent {
        start_management_agent(t)?;
    }
    if periodic::start(t).is_err() {
        return Err(CreateError::Failed(describe_pending(t)));
    }
    safepoint::end_boot(t);
    Ok((vm, t))
}

fn load_java_library(vm: &Vm) -> Result<(), CreateError> {
    let path = format!("{}/lib/libjava.so", vm.options.java_home);
    let c_path = CString::new(path.clone()).map_err(|e| CreateError::Failed(e.to_string()))?;
    // SAFETY: loads a library of the JDK, whose initialisers expect no VM yet.
    let handle = unsafe { libc::dlopen(c_path.as_ptr(), libc::RTLD_LAZY) };
    if handle.is_null() {
        // SAFETY: `dlerror` gives the message of the failed call.
        let why = unsafe { std::ffi::CStr::from_ptr(libc::dlerror()) }.to_string_lossy().into_owned();
        return Err(CreateError::Failed(format!("Unable to load native library {path}: {why}")));
    }
    vm.ending.library_opened(handle);
    caturra_jni::set_java_library(handle);
    Ok(())
}

/// The exception that ended the boot, as text.
pub(crate) fn describe_pending(t: &Thread) -> String {
    let e = exceptions::take_pending(t);
    let mut text = String::new();
    let mut next = e;
    // SAFETY: live throwables.
    unsafe {
        while !next.is_null() {
            let off = &t.vm().off;
            let message = next.load_ref(off.throwable_detail_message() as usize);
            text.push_str(&ClassRef::of(next).external_name());
            if !message.is_null() {
                text.push_str(": ");
                text.push_str(&strings::to_rust(message));
            }
            text.push('\n');
            for (m, bci) in caturra_kernel::runtime::stack_trace::backtrace(t, next) {
                text.push_str(&format!(
                    "\tat {}\n",
                    caturra_kernel::runtime::stack_trace::frame_text(m, bci)
                ));
            }
            let cause = next.load_ref(off.throwable_cause() as usize);
            next = if cause == next { ObjRef::NULL } else { cause };
        }
    }
    text
}

/// Starts the JDK's management agent, which reads its properties (`com.sun.management…`) itself.
fn start_management_agent(t: &Thread) -> Result<(), CreateError> {
    let failed = |why: String| CreateError::Failed(format!("Management agent initialization failure: {why}"));
    let name = t.vm().symbols.intern("jdk/internal/agent/Agent");
    let started = loader::load_class(t, t.vm().loaders.boot(), name)
        .and_then(|agent| calls::call_static(t, agent, "startAgent", "()V", &[]));
    started.map(|_| ()).map_err(|_thrown| failed(describe_pending(t)))
}

/// Initialises the class library; false when the module system has refused its options.
fn run(t: &'static Thread) -> JResult<bool> {
    let vm = t.vm();
    load_well_known(t)?;
    vm.set_phase(Phase::Basics);
    for name in [
        "java/lang/String",
        "java/lang/System",
        "java/lang/Class",
        "java/lang/ThreadGroup",
        "java/lang/Thread",
    ] {
        initialize_named(t, name)?;
    }
    thread_list::create_initial_objects(t)?;
    // `Unsafe` copies the constants when it is initialised, which reflection leads to.
    for name in ["java/lang/Module", "jdk/internal/misc/UnsafeConstants"] {
        initialize_named(t, name)?;
    }
    set_unsafe_constants(vm);
    for name in ["java/lang/reflect/Method", "java/lang/ref/Finalizer"] {
        initialize_named(t, name)?;
    }
    preallocate(t)?;
    calls::invoke(t, vm.methods.system_init_phase1(), &[])?;
    vm.set_phase(Phase::Phase1);
    for name in [
        "java/lang/OutOfMemoryError",
        "java/lang/NullPointerException",
        "java/lang/ClassCastException",
        "java/lang/ArrayStoreException",
        "java/lang/ArithmeticException",
        "java/lang/StackOverflowError",
        "java/lang/IllegalMonitorStateException",
        "java/lang/IllegalArgumentException",
    ] {
        initialize_named(t, name)?;
    }
    if !vm.options.reduce_signal_usage {
        signals::start_dispatcher(t)?;
    }
    // Errors go to standard output, with a stack trace only where that is logged.
    let trace = vm.options.log.enabled(Level::Debug, "init");
    let status = calls::invoke(t, vm.methods.system_init_phase2(), &[0, u64::from(trace)])?;
    if status as i32 != 0 {
        return Ok(false);
    }
    vm.set_phase(Phase::Modules);
    caturra_tooling::vm_started(t);
    calls::invoke(t, vm.methods.system_init_phase3(), &[])?;
    vm.set_phase(Phase::Live);
    Ok(true)
}

pub(crate) fn initialize_named(t: &Thread, name: &str) -> JResult<()> {
    let vm = t.vm();
    let c = loader::load_class(t, vm.loaders.boot(), vm.symbols.intern(name))?;
    init::initialize(t, c)
}

/// The root of all classes must be that of a class library, not something that a patch has put in its place.
fn check_object(vm: &Vm) -> JResult<()> {
    let object = vm.wk.object();
    let has = |name: &str| {
        let name = vm.symbols.lookup(name.as_bytes());
        name.is_some_and(|n| object.methods.iter().any(|m| m.name == n))
    };
    if vm.options.bare || ["equals", "hashCode", "toString", "clone", "finalize"].iter().all(|n| has(n)) {
        return Ok(());
    }
    caturra_kernel::runtime::vm::exit_during_initialization("Incompatible definition of java.lang.Object")
}

/// Loads the well-known classes, finds their fields and methods, makes all mirrors. The bare profile has only some.
pub(crate) fn load_well_known(t: &Thread) -> JResult<()> {
    let vm = t.vm();
    let boot = vm.loaders.boot();
    for (name, optional, slot) in vm.wk.rows() {
        let sym = vm.symbols.intern(name);
        match loader::find_boot_class(t, boot, sym)? {
            Some(c) => slot.store(c.as_raw(), Ordering::Release),
            None if optional || vm.options.bare => continue,
            None => caturra_kernel::runtime::vm::fatal(&format!("the class library has no class {name}")),
        }
        if name == "java/lang/Object" {
            check_object(vm)?;
        }
        if name == "java/lang/Class" {
            mirrors::rebase_early_statics(vm, vm.wk.class());
        }
    }
    for (class, field, signature, optional, slot) in vm.off.rows() {
        let found = vm.symbols.lookup(class.as_bytes()).and_then(|n| boot.find(n)).and_then(|c| {
            let (f, s) = (vm.symbols.lookup(field.as_bytes())?, vm.symbols.lookup(signature.as_bytes())?);
            c.declared_field(f, s)
        });
        match found {
            Some(f) => slot.store(f.offset, Ordering::Release),
            None if optional || vm.options.bare => {}
            None => caturra_kernel::runtime::vm::fatal(&format!(
                "the class library has no field {class}.{field} {signature}"
            )),
        }
    }
    for (class, method, signature, optional, slot) in vm.methods.rows() {
        let found = vm.symbols.lookup(class.as_bytes()).and_then(|n| boot.find(n)).and_then(|c| {
            let (m, s) = (vm.symbols.lookup(method.as_bytes())?, vm.symbols.lookup(signature.as_bytes())?);
            c.declared_method(m, s)
        });
        match found {
            Some(m) => slot.store(m.as_raw(), Ordering::Release),
            None if optional || vm.options.bare => {}
            None => {
                caturra_kernel::runtime::vm::fatal(&format!(
                    "the class library has no method {class}.{method}{signature}"
                ));
            }
        }
    }
    let off = &vm.off;
    vm.heap.set_wellknown(WellKnownOffsets {
        reference_referent: off.reference_referent(),
        reference_next: off.reference_next(),
        reference_discovered: off.reference_discovered(),
        soft_timestamp: off.soft_reference_timestamp(),
        mirror_size: off.class_oop_size(),
        mirror_class: off.class_klass(),
        mirror_static_offset: off.class_static_refs_start(),
        mirror_static_count: off.class_static_ref_count(),
    });
    mirrors::create_primitives(t)?;
    mirrors::create_early_mirrors(t)
}

fn set_unsafe_constants(vm: &Vm) {
    let mirror = vm.wk.unsafe_constants().mirror();
    let off = &vm.off;
    // SAFETY: static fields of that class with these types.
    unsafe {
        mirror.store::<i32>(off.unsafe_constants_address_size0() as usize, 8);
        mirror.store::<i32>(
            off.unsafe_constants_page_size() as usize,
            libc::sysconf(libc::_SC_PAGESIZE) as i32,
        );
        mirror.store::<u8>(off.unsafe_constants_big_endian() as usize, 0);
        mirror.store::<u8>(
            off.unsafe_constants_unaligned_access() as usize,
            u8::from(cfg!(target_arch = "x86_64")),
        );
    }
}

/// Errors to throw when nothing can be allocated.
pub(crate) fn preallocate(t: &Thread) -> JResult<()> {
    let vm = t.vm();
    let class = vm.wk.out_of_memory_error();
    let make = |message: &str| -> JResult<ObjRef> {
        let e = caturra_kernel::runtime::exceptions::new_throwable(t, class, Some(message), ObjRef::NULL)?;
        vm.globals.new_strong(e);
        // SAFETY: a live throwable; the shared error has no trace.
        unsafe { vm.put_ref(e, vm.off.throwable_backtrace() as usize, ObjRef::NULL) };
        Ok(e)
    };
    let all = Preallocated {
        java_heap_space: make("Java heap space")?,
        array_size: make("Requested array size exceeds VM limit")?,
        metaspace: make("Metaspace")?,
        native_thread: make(
            "unable to create native thread: possibly out of memory or process/resource limits reached",
        )?,
    };
    let _ = vm.preallocated.set(all);
    Ok(())
}
