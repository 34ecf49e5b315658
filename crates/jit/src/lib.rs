//! The just-in-time compilers: hot methods become machine code.
//!
//! - `code_cache`: memory for code, and the way from an address to its method;
//! - `nmethod`: a compiled method and its tables;
//! - `x86_64`: stubs between compiled code, the VM and the interpreter;
//! - `shapes`: stubs that call compiled code from Java slots;
//! - `runtime_calls`, `helpers`: what compiled code calls in the VM;
//! - `translate`: tier 1, bytecode to Cranelift's intermediate representation; `profile`: what its code counts;
//! - `tier2`: the optimiser's environment, its lowering, deoptimisation and invalidation;
//! - `compiler`: intermediate representation to code;
//! - `intrinsics`: which methods are operations of both tiers;
//! - `install`: code to methods; `sweep`: its end;
//! - `policy`: what is compiled when; `queue`: compile threads; `commands`: `-XX:CompileCommand`;
//! - `print`: `-XX:+PrintCompilation` and its kin, perf maps.
//!
//! # How compiled code runs
//!
//! It lives on the native stack with frame pointers, follows the C calling convention with Java's types (references are
//! 32 bits wide), and has the thread in r15. An exception is pending on the thread when a call returns; the result is
//! then zero. Nobody walks the stack of a running thread but from a call that has linked an anchor (see `x86_64`).
//! Roots on the stack and in registers are found conservatively, so there are no stack maps.

mod big_integers;
mod checksums;
pub mod code_cache;
mod commands;
mod compiler;
mod helpers;
mod install;
mod intrinsics;
pub mod nmethod;
mod policy;
mod print;
mod profile;
mod queue;
mod redefine;
pub mod runtime_calls;
mod shapes;
mod string_helpers;
mod sweep;
mod tier2;
mod translate;
mod x86_64;

use caturra_kernel::oops::call_site::HandleCall;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::frames::{Frame, FrameImage, Resume};
use caturra_kernel::runtime::vm::{CodeMemory, CompiledSite, CompilerHooks};
use caturra_kernel::{MethodRef, ObjRef, Thread, Vm};
use code_cache::CodeCache;
use commands::Commands;
use compiler::Effort;
use cranelift_codegen::isa::OwnedTargetIsa;
use nmethod::NMethod;
use parking_lot::{Mutex, RwLock};
use policy::Policy;
use print::Printer;
use queue::Queue;
use runtime_calls::RuntimeCall;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
use tier2::dependencies::{self, Dependents};
use tier2::traps::Traps;

pub use translate::flow::Rejected;

/// Call sites that the interpreter and the compilers share; functions of the interpreter.
#[derive(Clone, Copy)]
pub struct SiteHooks {
    /// Links the `invokedynamic` of a method at a bytecode index.
    pub link_dynamic: fn(&Thread, MethodRef, u32) -> JResult<*const HandleCall>,
    /// Links the `invokevirtual` of a signature-polymorphic method at an index of a method's constant pool.
    pub link_handle: fn(&Thread, MethodRef, u16) -> JResult<*const HandleCall>,
    /// Throws unless a method may use the intrinsic of `MethodHandle` at an index of its constant pool.
    pub check_intrinsic: fn(&Thread, MethodRef, u16) -> JResult<()>,
    /// The selected method of an `invokespecial` that has been executed.
    pub special_target: fn(MethodRef, u32) -> Option<MethodRef>,
    /// Makes interpreter frames, the oldest first; gives the youngest, `None` where there is no room.
    pub push_frames: unsafe fn(&Thread, &[FrameImage<'_>]) -> Option<*mut Frame>,
    /// Runs such frames, given the youngest and the slots on its operand stack.
    pub resume: unsafe fn(&Thread, *mut Frame, usize, Resume) -> JResult<u64>,
}

/// The compilers of one VM.
pub struct Jit {
    vm: &'static Vm,
    pub cache: CodeCache,
    isa: OwnedTargetIsa,
    /// As `isa`, with the least effort.
    quick_isa: OwnedTargetIsa,
    /// As `isa`, and the code generator optimises.
    optimising_isa: OwnedTargetIsa,
    sites: SiteHooks,
    /// Address of each runtime call's stub.
    stubs: Vec<usize>,
    /// The way from compiled code to a method that is not compiled.
    to_interpreter: usize,
    shapes: Mutex<HashMap<Vec<u8>, usize>>,
    entries: Mutex<install::DirectEntries>,
    installed: Mutex<install::Installed>,
    /// Shared by compilations; unloading of classes excludes them.
    metadata: RwLock<()>,
    policy: Policy,
    commands: Commands,
    queue: Queue,
    optimising_queue: Queue,
    traps: Traps,
    dependents: Mutex<Dependents>,
    /// Activations of optimised code given up so far.
    deoptimisations: AtomicU64,
    printer: Printer,
    next_id: AtomicU32,
    /// The code cache is full: nothing is compiled until there is room again.
    full: AtomicBool,
    sweeper: sweep::Sweeper,
}

impl Jit {
    fn new(vm: &'static Vm, sites: SiteHooks) -> Result<Jit, String> {
        let options = &vm.options.jit;
        let cache = CodeCache::new(options.code_cache_size)
            .map_err(|e| format!("cannot reserve the code cache: {e}"))?;
        let add = |code: Vec<u8>| -> Result<usize, String> {
            let block = cache.allocate(code.len()).ok_or("the code cache is too small")?;
            cache.write(block, &code);
            Ok(cache.address(block))
        };
        let stubs = RuntimeCall::ALL.iter().map(|c| add(c.stub())).collect::<Result<Vec<usize>, String>>()?;
        let to_interpreter = add(x86_64::to_interpreter(helpers::call_interpreter as *const () as usize))?;
        Ok(Jit {
            vm,
            isa: compiler::target(Effort::Usual)?,
            quick_isa: compiler::target(Effort::Least)?,
            optimising_isa: compiler::target(Effort::Most)?,
            sites,
            stubs,
            to_interpreter,
            shapes: Mutex::default(),
            entries: Mutex::default(),
            installed: Mutex::default(),
            metadata: RwLock::new(()),
            policy: Policy::new(options),
            commands: Commands::parse(&vm.options),
            queue: Queue::default(),
            optimising_queue: Queue::default(),
            traps: Traps::default(),
            dependents: Mutex::default(),
            deoptimisations: AtomicU64::new(0),
            printer: Printer::new(vm),
            next_id: AtomicU32::new(1),
            full: AtomicBool::new(false),
            sweeper: sweep::Sweeper::default(),
            cache,
        })
    }

    /// The compilers of a VM that has them.
    fn of(vm: &Vm) -> &Arc<Jit> {
        let data = vm.compiler_data.get().and_then(|d| d.downcast_ref::<Arc<Jit>>());
        data.expect("compiled code and notifications exist only with compilers")
    }

    fn vm(&self) -> &'static Vm {
        self.vm
    }
    fn stub(&self, call: RuntimeCall) -> usize {
        self.stubs[call as usize]
    }

    fn locate(vm: &Vm, pc: usize, depth: u32) -> Option<CompiledSite> {
        let data = vm.compiler_data.get().and_then(|d| d.downcast_ref::<Arc<Jit>>())?;
        let code = data.cache.find(pc)?;
        let (method, bci, outermost) = code.activation(pc, depth)?;
        Some(CompiledSite { method, bci: bci as i32, outermost, replaced: code.is_replaced(pc) })
    }

    fn code_memory(vm: &Vm) -> CodeMemory {
        let cache = &Jit::of(vm).cache;
        CodeMemory { used: cache.used(), committed: cache.high(), max: cache.size() }
    }

    fn locks(vm: &Vm, pc: usize, fp: usize, depth: u32, visit: &mut dyn FnMut(ObjRef)) {
        let Some(code) = Jit::of(vm).cache.find(pc).filter(|n| !n.lock_slots.is_empty()) else { return };
        let scope = code.scope_at(pc, depth);
        for slot in code.lock_slots.iter().rev().filter(|s| Some(s.scope) == scope) {
            // SAFETY: a slot of the frame, of a thread that is stopped.
            visit(unsafe { *((fp - slot.below as usize) as *const ObjRef) });
        }
    }
}

/// Gives a new VM its compilers, unless options forbid them. Before the first class is loaded.
///
/// # Errors
/// When the code cache cannot be reserved.
pub fn install(vm: &'static Vm, sites: SiteHooks) -> Result<(), String> {
    let options = &vm.options;
    if options.interpret_only
        || options.jit.stop_at_level == 0
        || options.trace_bytecodes
        || options.bytecode_verification_checked
    {
        // Commands are checked and repeated all the same.
        Commands::parse(options);
        return Ok(());
    }
    let jit = Arc::new(Jit::new(vm, sites)?);
    let compiled_to_interpreter = jit.to_interpreter as *mut u8;
    print::dump_at_exit(&jit);
    vm.ending.at_end(end);
    let _ = vm.compiler_data.set(Box::new(jit));
    let _ = vm.compiler.set(CompilerHooks {
        compiled_to_interpreter,
        locate: Jit::locate,
        locks: Jit::locks,
        invoked: policy::invoked,
        looped: policy::looped,
        class_added: dependencies::class_added,
        call_site_changed: dependencies::call_site_changed,
        unloading: install::unloading,
        redefined: redefine::redefined,
        code_memory: Jit::code_memory,
    });
    Ok(())
}

/// The VM ends: no compile thread may look at its metadata any more.
fn end(vm: &Vm) {
    shut_down(vm);
    if let Some(jit) = vm.compiler_data.get().and_then(|d| d.downcast_ref::<Arc<Jit>>()) {
        // Each compile thread holds one.
        while Arc::strong_count(jit) > 1 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
}

/// Ends the compile threads; compiled code stays.
pub fn shut_down(vm: &Vm) {
    if let Some(jit) = vm.compiler_data.get().and_then(|d| d.downcast_ref::<Arc<Jit>>()) {
        jit.queue.close();
        jit.optimising_queue.close();
        jit.printer.print_times(&jit.traps, jit.deoptimisations.load(std::sync::atomic::Ordering::Relaxed));
    }
}

/// What has been compiled so far: methods and loops, bytes of their code, time spent. `None` without compilers.
pub fn totals(vm: &Vm) -> Option<(u64, u64, std::time::Duration)> {
    let jit = vm.compiler_data.get().and_then(|d| d.downcast_ref::<Arc<Jit>>())?;
    Some(jit.printer.totals())
}

/// A compiled method's number, tier and code, for listings.
pub fn compiled_code_of(method: MethodRef, vm: &Vm) -> Option<(u32, u8, usize, usize)> {
    let code = method.compiled.load(std::sync::atomic::Ordering::Acquire) as usize;
    let data = vm.compiler_data.get().and_then(|d| d.downcast_ref::<Arc<Jit>>())?;
    let n: &NMethod = data.cache.find(code)?;
    Some((n.id, n.tier, n.start, n.size))
}
