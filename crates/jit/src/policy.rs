//! What is compiled, and when.

use crate::install::OPTIMISED;
use crate::nmethod::{LockSlot, Parts};
use crate::queue::Task;
use crate::tier2::{self, policy::Thresholds};
use crate::translate;
use crate::{Jit, Rejected};
use caturra_kernel::oops::method::{MethodFlags, MethodKind};
use caturra_kernel::runtime::options::JitOptions;
use caturra_kernel::runtime::vm::Phase;
use caturra_kernel::{MethodRef, Thread};
use cranelift_codegen::Context;
use cranelift_frontend::FunctionBuilderContext;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Bytes of bytecode up to which tier 1 code is made with the least effort where tier 2 follows.
const SHORT_METHOD: usize = 1000;

/// So many bytes of bytecode double the number of loop iterations that are enough.
const LONG_METHOD: usize = 1000;
/// Calls from which on a method whose loop is compiled is compiled from its start, too.
const LOOPING_INVOCATIONS: u32 = 4;

/// When methods are compiled, in HotSpot's terms for its tier 3.
pub struct Policy {
    compile_all: bool,
    background: bool,
    pub osr: bool,
    /// Tier 2 is used: tier 1 code makes profiles for it.
    pub optimise: bool,
    /// Nothing but tier 2 is used, where it takes the method.
    pub only_optimised: bool,
    /// When tier 2 is used.
    pub tier4: Thresholds,
    /// Guards fail for no reason, now and then.
    pub stress_deoptimisation: bool,
    /// The seed of what is inlined by chance.
    pub stress_inlining: Option<u32>,
    pub print_inlining: bool,
    /// Calls that are enough.
    invocations: u32,
    /// Calls that are enough together with `total` calls and loop iterations.
    least_invocations: u32,
    total: u32,
    /// Loop iterations that are enough.
    back_edges: u32,
}

impl Policy {
    pub fn new(options: &JitOptions) -> Policy {
        let scaled =
            |n: u32| (f64::from(n) * options.threshold_scaling).clamp(1.0, f64::from(u32::MAX)) as u32;
        let (invocations, least, total, back_edges) = match options.threshold {
            Some(n) => (n, n, n, n.saturating_mul(10)),
            None => (
                options.tier3_invocations,
                options.tier3_least_invocations,
                options.tier3_total,
                options.tier3_back_edges,
            ),
        };
        Policy {
            compile_all: options.compile_all,
            background: options.background && !options.compile_all,
            osr: options.osr,
            optimise: options.stop_at_level >= 4,
            only_optimised: options.stop_at_level >= 4 && !options.tiered && options.compile_all,
            tier4: Thresholds::new(options),
            stress_deoptimisation: options.stress_deoptimisation,
            stress_inlining: options.stress_inlining.then_some(options.stress_seed),
            print_inlining: options.print_inlining,
            invocations: scaled(invocations),
            least_invocations: scaled(least),
            total: scaled(total),
            back_edges: scaled(back_edges),
        }
    }

    fn is_hot(&self, method: MethodRef) -> bool {
        let calls = method.invocations.load(Ordering::Relaxed);
        let loops = method.back_edges.load(Ordering::Relaxed);
        self.compile_all
            || calls >= self.invocations
            || calls >= self.least_invocations && calls.saturating_add(loops) >= self.total
    }
}

/// Methods whose interpreter frames somebody reads local variables from (`exports`), and those that go on after
/// `OutOfMemoryError`: a compiled frame may still hold, in a place that is not used any more, what they have let go of.
pub fn needs_interpreter_frame(method: MethodRef) -> bool {
    let cp = method.holder.cp;
    method.name == "executePrivileged" && method.holder.name == "java/security/AccessController"
        || method
            .exception_table
            .iter()
            .any(|row| row.catch_type != 0 && cp.symbol(row.catch_type) == "java/lang/OutOfMemoryError")
}

impl Jit {
    pub fn may_compile(&self, method: MethodRef) -> bool {
        !method.has(MethodFlags::NOT_COMPILABLE)
            && method.kind() == MethodKind::Bytecode
            && !self.full.load(Ordering::Relaxed)
            && self.vm().phase() >= Phase::Basics
    }

    /// Compiles, or has compiled soon.
    fn request(self: &Arc<Jit>, method: MethodRef, osr: Option<u32>) {
        if !self.may_compile(method) {
            return;
        }
        if needs_interpreter_frame(method) || !self.commands.may_compile(method) {
            method.set(MethodFlags::NOT_COMPILABLE);
            return;
        }
        // For the warning about a method that cannot be what it is meant to be.
        self.commands.is_blackhole(self.vm(), method);
        let tier = if self.policy.only_optimised && !method.has(MethodFlags::NOT_OPTIMISABLE) {
            OPTIMISED
        } else {
            1
        };
        self.request_task(Task { method, osr, tier });
    }

    pub fn request_task(self: &Arc<Jit>, task: Task) {
        if self.policy.background {
            let queue = if task.tier >= OPTIMISED { &self.optimising_queue } else { &self.queue };
            queue.add(self, task);
        } else {
            self.compile(task, &mut Workspace::default());
        }
    }

    /// Compiles a method on the calling thread. Failures are kept with the method, so that it is not tried again.
    pub fn compile(&self, task: Task, workspace: &mut Workspace) {
        let Task { method, osr, tier } = task;
        let _metadata = self.metadata.read_recursive();
        let present = match osr {
            None if tier >= OPTIMISED => self.is_optimised(method),
            None => !method.compiled.load(Ordering::Acquire).is_null() || self.revive(method),
            Some(bci) if tier >= OPTIMISED => self.optimised_osr_code(method, bci) != 0,
            Some(bci) => self.osr_code(method, bci) != 0,
        };
        if present || !self.may_compile(method) {
            return;
        }
        if tier >= OPTIMISED && (method.has(MethodFlags::NOT_OPTIMISABLE) || !self.traps.may_compile(method))
        {
            method.set(MethodFlags::NOT_OPTIMISABLE);
            return;
        }
        let started = Instant::now();
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let attempt = AssertUnwindSafe(|| self.compile_as(task, id, workspace));
        let result = catch_unwind(attempt).unwrap_or_else(|_| Err(Rejected::CodeGenerator("panic".into())));
        match result {
            Ok(size) => self.printer.compiled(self, method, id, tier, osr, size, started.elapsed()),
            Err(Rejected::CacheFull) => self.cache_is_full(),
            Err(why) => {
                self.printer.rejected(method, id, tier, osr, &why);
                match why {
                    Rejected::AssumptionBroken => {}
                    // The method itself may be optimised though the loop cannot be entered.
                    _ if tier >= OPTIMISED && osr.is_some() => self.refuse_osr(method, osr),
                    _ if tier >= OPTIMISED => method.set(MethodFlags::NOT_OPTIMISABLE),
                    _ => method.set(MethodFlags::NOT_COMPILABLE),
                }
                if tier >= OPTIMISED && self.policy.only_optimised {
                    self.compile(Task { tier: 1, ..task }, workspace);
                }
            }
        }
    }

    /// Whether tier 1 code need not be good: it is optimised when it is hot. A long method has many values that live across
    /// blocks, which cost too much in memory, and takes longer to be optimised. A place in memory that is not read any more
    /// keeps its object alive until the activation ends, so that this is for methods which have been called often: their
    /// activations are short.
    fn is_soon_replaced(&self, method: MethodRef, osr: Option<u32>) -> bool {
        let policy = &self.policy;
        policy.optimise
            && !policy.compile_all
            && osr.is_none()
            && method.bytecode.len() <= SHORT_METHOD
            && method.invocations.load(Ordering::Relaxed) >= policy.least_invocations
            && !method.has(MethodFlags::NOT_OPTIMISABLE)
    }

    fn compile_as(&self, task: Task, id: u32, workspace: &mut Workspace) -> Result<(usize, usize), Rejected> {
        let Task { method, osr, tier } = task;
        if tier >= OPTIMISED {
            return tier2::compile(self, task, id, workspace);
        }
        let Workspace { context, builders } = workspace;
        context.clear();
        let extra = match translate::translate(self, method, osr, &mut context.func, builders) {
            Ok(extra) => extra,
            Err(why) => {
                // A builder that was left in the middle of a function cannot be used again.
                *workspace = Workspace::default();
                return Err(why);
            }
        };
        let print = self.commands.prints(method);
        if print {
            self.printer.ir(method, &context.func.display().to_string());
            context.set_disasm(true);
        }
        let isa = if self.is_soon_replaced(method, osr) { &*self.quick_isa } else { &*self.isa };
        let code = crate::compiler::emit(isa, context, &extra.lock_slots)?;
        if print {
            let text = context.compiled_code().and_then(|c| c.vcode.clone()).unwrap_or_default();
            self.printer.machine_code(method, &text, &code.bytes);
            context.set_disasm(false);
        }
        let size = code.bytes.len();
        let start = self.install(
            &code,
            Parts {
                method,
                id,
                tier: 1,
                osr_bci: osr,
                sites: Vec::new(),
                scopes: extra.scopes,
                inline_caches: extra.inline_caches,
                speculation: Default::default(),
                frame: code.frame,
                buffer: 0,
                lock_slots: code.slots.iter().map(|&below| LockSlot { below, scope: 0 }).collect(),
            },
        )?;
        Ok((start, size))
    }
}

/// What a compiling thread uses again and again.
pub struct Workspace {
    pub context: Context,
    pub builders: FunctionBuilderContext,
}

impl Default for Workspace {
    fn default() -> Workspace {
        Workspace { context: Context::new(), builders: FunctionBuilderContext::new() }
    }
}

/// The interpreter's notification of calls.
pub fn invoked(t: &Thread, method: MethodRef) {
    let jit = Jit::of(t.vm());
    jit.sweep_if_wanted(t);
    if jit.revive(method) || jit.policy.compile_all && method.is_class_initializer() {
        return;
    }
    if jit.policy.is_hot(method) {
        jit.request(method, None);
    }
}

/// The interpreter's notification of loop iterations.
pub fn looped(t: &Thread, method: MethodRef, bci: u32) -> *const u8 {
    let jit = Jit::of(t.vm());
    jit.sweep_if_wanted(t);
    let policy = &jit.policy;
    // What a method costs grows with its length, a round of its loop hardly.
    let weight = 1 + (method.bytecode.len() / LONG_METHOD) as u32;
    if method.back_edges.load(Ordering::Relaxed) / weight < policy.back_edges && !policy.compile_all {
        return std::ptr::null();
    }
    let is_called = policy.compile_all || method.invocations.load(Ordering::Relaxed) >= LOOPING_INVOCATIONS;
    if is_called && method.compiled.load(Ordering::Acquire).is_null() && !method.is_class_initializer() {
        jit.request(method, None);
    }
    if !policy.osr {
        return std::ptr::null();
    }
    let code = jit.osr_code(method, bci);
    if code != 0 {
        return code as *const u8;
    }
    jit.request(method, Some(bci));
    jit.osr_code(method, bci) as *const u8
}
