//! Agents: native libraries with `Agent_OnLoad` or `Agent_OnAttach` (JVMTI, "Starting Agents"). A Java agent
//! (`-javaagent`) is one of them, run by the JDK's library `instrument`.

use crate::state;
use caturra_jni::types::{JNI_OK, JavaVM, jint};
use caturra_kernel::loading::loader;
use caturra_kernel::runtime::exceptions;
use caturra_kernel::runtime::safepoint::NativeScope;
use caturra_kernel::runtime::tools::AgentRequest;
use caturra_kernel::runtime::{calls, strings};
use caturra_kernel::{ClassRef, Thread, Vm};
use parking_lot::Mutex;
use std::ffi::{CStr, CString, c_char, c_void};

/// How an option names an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AgentKind {
    /// `-agentlib:`: a library of the JDK or the system, by its name.
    Library,
    /// `-agentpath:`.
    Path,
    /// `-Xrun`: as `Library`, possibly with the older `JVM_OnLoad`.
    Run,
}

/// An agent to start with the VM.
#[derive(Clone, Debug)]
pub struct Agent {
    pub kind: AgentKind,
    pub name: String,
    pub options: String,
}

/// Libraries of the agents that run, by the handles of `dlopen`.
#[derive(Default)]
pub(crate) struct Agents(Mutex<Vec<usize>>);

type OnLoad = unsafe extern "C" fn(JavaVM, *mut c_char, *mut c_void) -> jint;
type OnUnload = unsafe extern "C" fn(JavaVM);

fn open(path: &str) -> Result<*mut c_void, String> {
    let c_path = CString::new(path).map_err(|e| e.to_string())?;
    // SAFETY: opens a library that the user has named; its initialisers run. `dlerror` tells of the failed call.
    unsafe {
        let handle = libc::dlopen(c_path.as_ptr(), libc::RTLD_LAZY);
        if !handle.is_null() {
            return Ok(handle);
        }
        let error = libc::dlerror();
        Err(if error.is_null() {
            String::new()
        } else {
            CStr::from_ptr(error).to_string_lossy().into_owned()
        })
    }
}

/// Opens a library by its name: the JDK's, else the system's.
fn open_by_name(vm: &Vm, name: &str) -> Result<*mut c_void, String> {
    let of_jdk = format!("{}/lib/lib{name}.so", vm.options.java_home);
    let handle =
        if std::path::Path::new(&of_jdk).exists() { open(&of_jdk) } else { open(&format!("lib{name}.so")) };
    handle.inspect(|h| vm.ending.library_opened(*h))
}

fn symbol(handle: *mut c_void, name: &CStr) -> *mut c_void {
    // SAFETY: a handle of `dlopen`.
    unsafe { libc::dlsym(handle, name.as_ptr()) }
}

/// Calls an agent's entry.
///
/// # Safety
/// `entry` is a function of that type.
unsafe fn enter(vm: &Vm, entry: *mut c_void, options: &str) -> jint {
    let options = CString::new(options).unwrap_or_default();
    // SAFETY: the caller's promise; the agent may write to its options.
    unsafe {
        let entry = std::mem::transmute::<*mut c_void, OnLoad>(entry);
        let options = libc::strdup(options.as_ptr());
        let result = entry(caturra_jni::java_vm(vm), options, std::ptr::null_mut());
        libc::free(options.cast());
        result
    }
}

/// Loads an agent of the command line.
pub(crate) fn load_early(vm: &Vm, agent: &Agent) -> Result<(), String> {
    let name = &agent.name;
    let opened = match agent.kind {
        AgentKind::Path => open(name).map_err(|why| {
            format!("Could not find agent library {name} in absolute path, with error: {why}")
        }),
        AgentKind::Library | AgentKind::Run => open_by_name(vm, name).map_err(|why| {
            format!("Could not find agent library {name} on the library path, with error: {why}")
        }),
    };
    let handle = opened?;
    let mut entry = symbol(handle, c"Agent_OnLoad");
    if entry.is_null() && agent.kind == AgentKind::Run {
        entry = symbol(handle, c"JVM_OnLoad");
    }
    if entry.is_null() {
        let what = if agent.kind == AgentKind::Run { "JVM_OnLoad" } else { "Agent_OnLoad" };
        return Err(format!("Could not find {what} function in the agent library: {name}"));
    }
    // SAFETY: JVMTI names this function.
    if unsafe { enter(vm, entry, &agent.options) } != JNI_OK {
        return Err(format!("agent library failed to init: {name}"));
    }
    state(vm).agents.0.lock().push(handle as usize);
    Ok(())
}

/// Makes sure that the module of Java agents is there.
fn load_instrument_module(t: &Thread) -> Result<(), String> {
    let vm = t.vm();
    let name = vm.symbols.intern("jdk/internal/module/Modules");
    let loaded = strings::new_string(t, "java.instrument").and_then(|module| {
        let class = loader::load_class(t, vm.loaders.boot(), name)?;
        let signature = "(Ljava/lang/String;)Ljava/lang/Module;";
        calls::call_static(t, class, "loadModule", signature, &[u64::from(module.raw())])
    });
    loaded.map(|_| ()).map_err(|_| describe(t))
}

/// Takes the pending exception as text.
pub(crate) fn describe(t: &Thread) -> String {
    let e = exceptions::take_pending(t);
    // SAFETY: the exception that was pending.
    let (class, message) =
        unsafe { (ClassRef::of(e), e.load_ref(t.vm().off.throwable_detail_message() as usize)) };
    let class = class.external_name();
    if message.is_null() { class } else { format!("{class}: {}", strings::to_rust(message)) }
}

/// Starts an agent in a running VM (`jcmd JVMTI.agent_load`, `VirtualMachine.loadAgent`): whether it could be called,
/// and what the other side is told.
pub(crate) fn load_late(t: &Thread, request: &AgentRequest<'_>) -> (bool, String) {
    let vm = t.vm();
    if !request.absolute
        && request.library == "instrument"
        && let Err(why) = load_instrument_module(t)
    {
        return (false, format!("{why}\n"));
    }
    let _native = NativeScope::enter(t);
    let opened = if request.absolute { open(request.library) } else { open_by_name(vm, request.library) };
    let handle = match opened {
        Ok(handle) => handle,
        Err(why) => {
            let why = if why.is_empty() { why } else { format!("{why}\n") };
            return (false, format!("{} was not loaded.\n{why}", request.library));
        }
    };
    let entry = symbol(handle, c"Agent_OnAttach");
    if entry.is_null() {
        return (false, format!("Agent_OnAttach is not available in {}\n", request.library));
    }
    // SAFETY: JVMTI names this function.
    let result = unsafe { enter(vm, entry, request.options) };
    t.pending.set(caturra_kernel::ObjRef::NULL);
    if result == JNI_OK {
        let mut running = state(vm).agents.0.lock();
        if !running.contains(&(handle as usize)) {
            running.push(handle as usize);
        }
    }
    (true, format!("return code: {result}\n"))
}

/// Tells all agents that they end with the VM.
pub(crate) fn unload(vm: &Vm) {
    for handle in std::mem::take(&mut *state(vm).agents.0.lock()) {
        let entry = symbol(handle as *mut c_void, c"Agent_OnUnload");
        if !entry.is_null() {
            // SAFETY: JVMTI gives a function of this name that type.
            unsafe { std::mem::transmute::<*mut c_void, OnUnload>(entry)(caturra_jni::java_vm(vm)) };
        }
    }
}
