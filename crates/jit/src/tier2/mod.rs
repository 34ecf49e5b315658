//! Tier 2: the optimiser's work in this VM.
//!
//! - `env`: what the optimiser sees of the VM;
//! - `lower`: its representation to Cranelift's;
//! - `deopt`: the way from its code into the interpreter; `traps`: how often that was gone;
//! - `dependencies`: what its code assumes, and its end when that is broken;
//! - `policy`: when it is called.

pub mod deopt;
pub mod dependencies;
mod env;
mod lower;
pub mod policy;
pub mod traps;

use crate::nmethod::{LockSlot, Parts, Speculation};
use crate::policy::Workspace;
use crate::queue::Task;
use crate::{Jit, Rejected};
use caturra_hir::env::{CompilerEnv, MethodId};
use caturra_hir::ir::Function as Hir;
use caturra_hir::passes::Passes;
use caturra_kernel::oops::method::MethodFlags;
use dependencies::Assumption;
use env::Env;

/// Compiles a method or loop; gives the code's address and size.
///
/// # Errors
/// Why there is no code.
pub fn compile(
    jit: &Jit,
    task: Task,
    id: u32,
    workspace: &mut Workspace,
) -> Result<(usize, usize), Rejected> {
    let env = Env::new(jit);
    let result = compile_in(jit, &env, task, id, workspace);
    // What the code has not taken over.
    for handle in env.take_handles() {
        jit.vm().globals.delete_weak(handle as *mut u8);
    }
    result
}

fn compile_in(
    jit: &Jit,
    env: &Env<'_>,
    task: Task,
    id: u32,
    workspace: &mut Workspace,
) -> Result<(usize, usize), Rejected> {
    let Task { method, osr, .. } = task;
    let print = jit.commands.prints(method);
    let hir = optimised(jit, env, task, print)?;
    if jit.policy.print_inlining {
        print_inlining(env, &hir);
    }
    let Workspace { context, builders } = workspace;
    context.clear();
    let lowered = match lower::lower(jit, &hir, &mut context.func, builders) {
        Ok(lowered) => lowered,
        Err(why) => {
            // A builder that was left in the middle of a function cannot be used again.
            *workspace = Workspace::default();
            return Err(why);
        }
    };
    if print {
        jit.printer.ir(method, &context.func.display().to_string());
        context.set_disasm(true);
    }
    let code = crate::compiler::emit(&*jit.optimising_isa, context, &lowered.slots)?;
    if print {
        let text = context.compiled_code().and_then(|c| c.vcode.clone()).unwrap_or_default();
        jit.printer.machine_code(method, &text, &code.bytes);
        context.set_disasm(false);
    }
    let size = code.bytes.len();
    let start = jit.install(
        &code,
        Parts {
            method,
            id,
            tier: crate::install::OPTIMISED,
            osr_bci: osr,
            sites: Vec::new(),
            scopes: lowered.scopes,
            inline_caches: lowered.inline_caches,
            frame: code.frame,
            buffer: code.slots.first().copied().unwrap_or_default(),
            lock_slots: std::iter::zip(code.slots.iter().skip(1), &lowered.lock_scopes)
                .map(|(&below, &scope)| LockSlot { below, scope })
                .collect(),
            speculation: Speculation {
                deopt_sites: lowered.sites,
                assumptions: hir.assumptions.iter().map(Assumption::new).collect(),
                invalid: lowered.invalid,
                metadata: lowered.metadata,
                constants: env.take_handles(),
            },
        },
    )?;
    Ok((start, size))
}

/// The method's representation after all passes.
fn optimised(jit: &Jit, env: &Env<'_>, task: Task, print: bool) -> Result<Hir, Rejected> {
    if task.method.has(MethodFlags::OBJECT_INITIALIZER) {
        // As an operation it registers objects with finalizers; by itself it stays in tier 1, which does so, too.
        return Err(Rejected::Optimiser("Object.<init>".into()));
    }
    let method = MethodId(task.method.as_raw());
    let options = caturra_hir::build::Options {
        stress_inlining: jit.policy.stress_inlining,
        ..caturra_hir::build::Options::default()
    };
    let mut hir = caturra_hir::build::build(env, method, task.osr, &options)
        .map_err(|why| Rejected::Optimiser(format!("{why:?}")))?;
    if print {
        println!("; HIR as built\n{}", caturra_hir::print::print(&hir, Some(env), false));
    }
    let passes = Passes(jit.vm().options.jit.hir_passes as u32);
    caturra_hir::passes::optimise(&mut hir, env, passes, &mut |_, _| ());
    if print {
        println!(
            "; HIR of {}\n{}",
            env.method_name(method),
            caturra_hir::print::print(&hir, Some(env), true)
        );
    }
    Ok(hir)
}

/// `-XX:+PrintInlining`, in the form of HotSpot's.
fn print_inlining(env: &Env<'_>, hir: &Hir) {
    for i in &hir.inlined {
        let indent = "  ".repeat(i.depth as usize + 1);
        let size = env.method(i.callee).code.len();
        println!(
            "{:28}{indent}@ {}   {} ({size} bytes)   {}",
            "",
            i.bci,
            env.method_name(i.callee),
            i.verdict
        );
    }
}
