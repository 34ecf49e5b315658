//! Random programs on Caturra's engine, interpreter: what they do, and where they fail, is what the reference machine says.

mod support;

use caturra_stack::engine::{Engine, Mode};
use caturra_stack::machine::run;
use std::cell::RefCell;
use std::rc::Rc;
use support::{LIMITS, count, random_program};

#[test]
fn random_programs() {
    let engine = Engine::boot(Mode::Interpreter).unwrap();
    let printed = Rc::new(RefCell::new(Vec::new()));
    let sink = printed.clone();
    engine.set_output(move |value| sink.borrow_mut().push(value));
    for seed in 0..count() {
        let program = random_program(seed);
        let (end, output, _) = run(&program, &[], LIMITS);
        let loaded = engine.load(&program, "Program", LIMITS).unwrap();
        printed.borrow_mut().clear();
        let found = engine.run(&loaded, &[], None).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        assert_eq!((&found, &*printed.borrow()), (&end, &output), "seed {seed}");
    }
}
