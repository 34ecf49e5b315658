//! Functions give the same before and after the passes, all of them and each alone, inlined or not.

mod support;

use caturra_hir::build::{Options, build};
use caturra_hir::cfg::Cfg;
use caturra_hir::env::{CompilerEnv, FieldId, MethodId};
use caturra_hir::ir::Function;
use caturra_hir::passes::{Passes, optimise};
use caturra_hir::print::print;
use caturra_hir::validate::validate;
use std::path::Path;
use support::classes::Classes;
use support::evaluator::{Machine, Outcome, V};

const ARGUMENTS: &[i32] =
    &[0, 1, 2, 3, 4, 5, 7, 8, 10, 12, 13, 31, 39, 40, 41, 100, -1, -7, i32::MAX, i32::MIN];

fn subject() -> Classes {
    Classes::compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java/Subject.java"))
}

/// All methods of the subject that take an int and return one.
fn methods(env: &Classes) -> Vec<MethodId> {
    let class = env.class("Subject");
    let all = (0..200).map(|n| MethodId(u64::from(class.0) << 16 | n)).take(env.count("Subject"));
    all.filter(|m| env.method(*m).descriptor == b"(I)I").collect()
}

struct Run {
    outcome: Outcome,
    shared: Vec<i32>,
    locks: i32,
    allocations: usize,
    checks: usize,
    loads: usize,
    lock_operations: usize,
    resumed: usize,
}

fn run(env: &Classes, f: &Function, argument: i32) -> Run {
    run_replacing(env, f, argument, None)
}

fn run_replacing(env: &Classes, f: &Function, argument: i32, replace_at: Option<usize>) -> Run {
    let mut machine = Machine::new(env);
    machine.replaced = f.method;
    machine.initialise(env.named("Subject", "<clinit>"));
    let (allocations, checks, loads) = (machine.allocations, machine.checks, machine.loads);
    machine.replace_at = replace_at;
    let outcome = machine.run(f, &[V::I(argument)]);
    let shared = FieldId(u64::from(env.class("Subject").0) << 16 | 1);
    Run {
        outcome,
        shared: machine.static_ints(shared),
        locks: machine.locks,
        allocations: machine.allocations - allocations,
        checks: machine.checks - checks,
        loads: machine.loads - loads,
        lock_operations: machine.lock_operations,
        resumed: machine.resumed,
    }
}

fn built(env: &Classes, method: MethodId, inline: bool) -> Function {
    let f = build(env, method, None, &Options { inline, ..Options::default() });
    let f = f.unwrap_or_else(|e| panic!("{}: {e:?}", env.method_name(method)));
    if let Err(e) = validate(&f) {
        panic!("{e}\n{}", print(&f, Some(env), true));
    }
    f
}

fn optimised(env: &Classes, method: MethodId, inline: bool, passes: Passes) -> Function {
    let mut f = built(env, method, inline);
    optimise(&mut f, env, passes, &mut |_, _| {});
    f
}

fn compare(passes: Passes, inline: bool) {
    compare_in(&subject(), passes, inline);
}

fn compare_in(env: &Classes, passes: Passes, inline: bool) {
    for method in methods(env) {
        let plain = built(env, method, false);
        let f = optimised(env, method, inline, passes);
        for &n in ARGUMENTS {
            // Loops of that many rounds take the evaluator too long.
            if env.method_name(method).ends_with(".sum") && n == i32::MAX {
                continue;
            }
            if matches!(n, i32::MAX) && env.method_name(method).ends_with(".invariant") {
                continue;
            }
            let (before, after) = (run(env, &plain, n), run(env, &f, n));
            let same = match (&before.outcome, &after.outcome) {
                (Outcome::Left(r, bci, _), Outcome::Left(s, other, depth)) => {
                    r == s && (bci == other || *depth > 0)
                }
                (a, b) => a == b && before.shared == after.shared && before.locks == after.locks,
            };
            assert!(
                same,
                "{}({n}) inline {inline} {passes:?}: {:?} is {:?}\n{}",
                env.method_name(method),
                before.outcome,
                after.outcome,
                print(&f, Some(env), true)
            );
        }
    }
}

#[test]
fn built_with_inlining() {
    compare(Passes::NONE, true);
}

#[test]
fn cleaned() {
    compare(Passes::CLEAN, true);
}

#[test]
fn numbered() {
    compare(Passes(Passes::CLEAN.0 | Passes::GVN.0), true);
    compare(Passes(Passes::CLEAN.0 | Passes::GVN.0), false);
}

#[test]
fn all_passes() {
    compare(Passes::ALL, true);
    compare(Passes::ALL, false);
}

#[test]
fn memory_alone() {
    compare(Passes(Passes::CLEAN.0 | Passes::MEMORY.0), true);
}

#[test]
fn loops_alone() {
    compare(Passes(Passes::CLEAN.0 | Passes::LOOPS.0 | Passes::RANGE.0), false);
}

#[test]
fn several_rounds_at_a_time() {
    compare(Passes(Passes::CLEAN.0 | Passes::UNROLL.0 | Passes::LOOPS.0), false);
    let all = Passes::CLEAN.0 | Passes::GVN.0 | Passes::LOOPS.0 | Passes::RANGE.0;
    compare(Passes(all | Passes::VECTOR.0), false);
    compare(Passes(all | Passes::VECTOR.0 | Passes::UNROLL.0 | Passes::MEMORY.0), false);
}

#[test]
fn elements_side_by_side_are_lanes() {
    let env = subject();
    let stores = |name: &str| {
        let f = optimised(&env, env.named("Subject", name), true, Passes::ALL.without(Passes::UNROLL));
        let insts = f.blocks.iter().flat_map(|b| &b.insts);
        insts.filter(|i| matches!(f.inst(**i).op, caturra_hir::op::Op::StoreLanes(_))).count()
    };
    // Not where a counter or a conversion is stored, nor where another round may load what this one stores.
    assert_eq!((stores("lanes"), stores("offsets")), (3, 0));
}

#[test]
fn locks_within_locks_are_none() {
    compare(Passes(Passes::CLEAN.0 | Passes::GVN.0 | Passes::LOCKS.0), true);
    let env = subject();
    let f = optimised(&env, env.named("Subject", "lockedTwice"), true, Passes::ALL.without(Passes::UNROLL));
    assert_eq!(run(&env, &f, 13).lock_operations, 2 * 13);
    // Rounds that are done at a time keep it.
    assert!(cost("lockedTwice", 13).lock_operations < 2 * 13);
}

/// What an evaluation of the optimised method with that argument costs.
fn cost(name: &str, argument: i32) -> Run {
    let env = subject();
    let f = optimised(&env, env.named("Subject", name), true, Passes::ALL);
    run(&env, &f, argument)
}

#[test]
fn range_checks_are_made_once() {
    // The array's size and the entry of each loop may be checked, but no round.
    for (name, most) in
        [("fill", 6), ("bounded", 4), ("offsets", 6), ("backwards", 4), ("strided", 4), ("affine", 24)]
    {
        let checks = cost(name, 31).checks;
        assert!(checks <= most, "{name}: {checks} checks");
    }
    // A test that fails leaves to the interpreter, once, at the loop's entry.
    assert_eq!(cost("bounded", 100).resumed, 1);
    assert_eq!(cost("maybeNull", 11).resumed, 1);
}

#[test]
fn invariant_loads_leave_loops() {
    // Three elements a round, and the array once.
    assert!(cost("offsets", 31).loads <= 3 * 29 + 1);
    assert!(cost("matrix", 7).loads <= 2 * 343 + 12 * 49);
}

#[test]
fn locks_are_balanced() {
    let run = cost("locks", 3);
    assert_eq!((run.locks, run.lock_operations % 2), (0, 0));
    assert!(run.allocations <= 1);
}

#[test]
fn escape_alone() {
    compare(Passes(Passes::CLEAN.0 | Passes::GVN.0 | Passes::ESCAPE.0), true);
    compare(Passes(Passes::CLEAN.0 | Passes::GVN.0 | Passes::ESCAPE.0), false);
}

#[test]
fn objects_that_stay_are_values() {
    assert_eq!(cost("points", 15).allocations, 0);
    assert_eq!(cost("casts", 5).allocations, 1, "merged with another");
    // One escapes in a call, the other does not.
    assert_eq!(cost("escapes", 3).allocations, 1);
    assert_eq!((cost("locks", 3).allocations, cost("locks", 3).lock_operations), (0, 2));
}

#[test]
fn entered_at_loops() {
    let env = subject();
    for method in methods(&env) {
        let plain = built(&env, method, false);
        for n in [0, 1, 5, 13, 31, 41] {
            let expected = run(&env, &plain, n);
            for at in [1, 2, 3, 7, 20] {
                let replaced = run_replacing(&env, &plain, n, Some(at));
                let same = match (&expected.outcome, &replaced.outcome) {
                    (Outcome::Left(r, ..), Outcome::Left(s, ..)) => r == s,
                    (a, b) => a == b && expected.shared == replaced.shared,
                };
                let (name, is, was) = (env.method_name(method), &replaced.outcome, &expected.outcome);
                assert!(same, "{name}({n}) from poll {at}: {is:?}, not {was:?}");
            }
        }
    }
}

#[test]
fn short_loops_do_not_poll() {
    let env = subject();
    let polls = |name: &str| {
        let f = optimised(&env, env.named("Subject", name), true, Passes::ALL);
        let insts = f.blocks.iter().flat_map(|b| &b.insts);
        insts.filter(|i| f.inst(**i).op == caturra_hir::op::Op::Poll).count()
    };
    assert_eq!((polls("divisions"), polls("bytes")), (0, 0));
    // Of the loop and its copy that does several rounds at a time.
    assert_eq!((polls("sum"), polls("triangle")), (2, 3));
}

#[test]
fn what_a_loop_does_not_assign_is_no_parameter_of_it() {
    let env = subject();
    // The array's local comes before that of the loop's variable.
    let f = built(&env, env.named("Subject", "invariant"), false);
    let references =
        |params: &[caturra_hir::ir::Value]| params.iter().any(|v| f.ty(*v) == caturra_hir::ir::Type::Ref);
    assert!(f.blocks.iter().all(|b| !references(&b.params)), "{}", print(&f, Some(&env), true));
}

#[test]
fn tests_of_what_is_known_are_passed_by() {
    compare(Passes(Passes::CLEAN.0 | Passes::THREADING.0), true);
    let env = subject();
    let branches = |passes: Passes| {
        let f = optimised(&env, env.named("Subject", "tests"), true, passes);
        let branch =
            |b: &&caturra_hir::ir::BlockData| matches!(b.end, caturra_hir::ir::Terminator::Branch { .. });
        f.blocks.iter().filter(branch).count()
    };
    let all = Passes::ALL.without(Passes::UNROLL);
    assert!(branches(all) < branches(all.without(Passes::THREADING)));
}

#[test]
fn calls_that_promise_most_are_inlined_first() {
    let mut env = subject();
    let method = env.named("Subject", "calls");
    let inlined = |env: &Classes, inline_nodes: usize| -> Vec<String> {
        let f = build(env, method, None, &Options { inline_nodes, ..Options::default() }).expect("builds");
        let inlined = f.inlined.iter().filter(|i| i.verdict == "inlined");
        inlined.map(|i| env.method_name(i.callee)).collect()
    };
    let room_for_one = 4;
    let code = env.method(method).code.to_vec();
    let sites: Vec<u32> = caturra_bytecode::Instructions::new(&code)
        .flatten()
        .filter(|i| i.opcode == caturra_bytecode::Opcode::Invokestatic)
        .map(|i| i.pc)
        .collect();
    assert_eq!(inlined(&env, 1000), ["Subject.first", "Subject.second"]);
    for (counts, best) in [([1000, 2000], "Subject.second"), ([2000, 1000], "Subject.first")] {
        env.calls.extend(sites.iter().zip(counts).map(|(bci, count)| ((method, *bci), count)));
        assert_eq!(inlined(&env, room_for_one), [best]);
    }
}

#[test]
fn loops_of_few_rounds_are_none() {
    let mut env = subject();
    // Without a profile loops that may be left early stay as they are.
    env.branches = Some((1, 1));
    compare_in(&env, Passes(Passes::CLEAN.0 | Passes::ROUNDS.0), false);
    compare_in(&env, Passes(Passes::CLEAN.0 | Passes::ROUNDS.0 | Passes::GVN.0 | Passes::LOOPS.0), true);
    let loops = |name: &str| {
        let f = optimised(&env, env.named("Subject", name), true, Passes::ALL);
        Cfg::new(&f).loops().len()
    };
    for name in ["neighbours", "seenOutside", "leftEarly", "smallArray"] {
        assert_eq!(loops(name), 0, "{name}");
    }
    // Its elements are at known places then.
    assert_eq!(cost("smallArray", 3).allocations, 0);
}
