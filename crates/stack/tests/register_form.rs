//! Random programs in register form do what they do in stack form.

mod support;

use caturra_stack::machine::{End, FaultKind, Limits, run};
use caturra_stack::register::translate;
use support::{LIMITS, count, describe, random_program};

#[test]
fn random_programs() {
    // The register machine does not check the size of the stack, and its fuel burns at another rate.
    let limits = Limits { stack: 1 << 20, ..LIMITS };
    for seed in 0..count() {
        let program = random_program(seed);
        let (end, output, _) = run(&program, &[], limits);
        let fuel = Limits { fuel: Some(20_000), ..limits };
        let (other, printed, _) = translate(&program).run(&program, &[], fuel);
        if matches!(&end, End::Fault(f) if f.kind == FaultKind::OutOfFuel) {
            let n = output.len().min(printed.len());
            assert_eq!(output[..n], printed[..n], "seed {seed}");
        } else {
            assert_eq!(describe(&end, &output), describe(&other, &printed), "seed {seed}");
        }
    }
}
