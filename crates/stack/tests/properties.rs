//! Properties: what an expression is worth, and that no way from one form of a program to another changes it.
//! `PROPTEST_CASES` sets how often each is tried.

mod support;

use caturra_stack::asm::assemble;
use caturra_stack::cbc;
use caturra_stack::check;
use caturra_stack::isa::InstructionSet;
use caturra_stack::language::compile;
use caturra_stack::machine::{End, FaultKind, Limits, run};
use caturra_stack::program::{Code, Program};
use caturra_stack::register;
use caturra_stack::verify::verify;
use proptest::prelude::*;
use support::random_program;

/// An expression as a tree, made without the language's own parser.
#[derive(Clone, Debug)]
enum Tree {
    Number(u32),
    Minus(Box<Tree>),
    Operate(char, Box<Tree>, Box<Tree>),
}

/// The integer that 32 bits keep of a number.
fn wrap(value: i128) -> i128 {
    (value + (1 << 31)).rem_euclid(1 << 32) - (1 << 31)
}

impl Tree {
    /// The value, by arithmetic on large integers; `None` for a division by zero.
    fn value(&self) -> Option<i128> {
        Some(match self {
            Tree::Number(n) => i128::from(*n),
            Tree::Minus(t) => wrap(-t.value()?),
            Tree::Operate(op, a, b) => {
                let (a, b) = (a.value()?, b.value()?);
                match op {
                    '+' => wrap(a + b),
                    '-' => wrap(a - b),
                    '*' => wrap(a * b),
                    '/' => wrap(a.checked_div(b)?),
                    _ => wrap(a.checked_rem(b)?),
                }
            }
        })
    }

    fn level(&self) -> u32 {
        match self {
            Tree::Operate('+' | '-', ..) => 0,
            Tree::Operate(..) => 1,
            Tree::Minus(_) | Tree::Number(_) => 2,
        }
    }

    /// As text, with the parentheses that precedence demands and, `extra`, some that it does not.
    fn text(&self, extra: bool) -> String {
        let inside = |t: &Tree, least: u32| {
            let text = t.text(extra);
            if t.level() < least || extra && t.level() < 2 { format!("( {text})") } else { text }
        };
        match self {
            Tree::Number(n) => n.to_string(),
            Tree::Minus(t) => format!("-{}", inside(t, 2)),
            Tree::Operate(op, a, b) => {
                format!("{} {op} {}", inside(a, self.level()), inside(b, self.level() + 1))
            }
        }
    }
}

fn tree(operators: &'static [char]) -> impl Strategy<Value = Tree> {
    let number = prop_oneof![
        4 => 0u32..20,
        2 => 0u32..70_000,
        1 => 0u32..=i32::MAX as u32,
        1 => Just(i32::MAX as u32),
    ];
    number.prop_map(Tree::Number).prop_recursive(6, 60, 2, move |inner| {
        let operator = prop::sample::select(operators);
        prop_oneof![
            1 => inner.clone().prop_map(|t| Tree::Minus(Box::new(t))),
            6 => (operator, inner.clone(), inner).prop_map(|(op, a, b)| Tree::Operate(op, Box::new(a), Box::new(b))),
        ]
    })
}

fn check(tree: &Tree, set: InstructionSet) -> Result<(), TestCaseError> {
    for extra in [false, true] {
        let text = tree.text(extra);
        let program = compile(&text, "t.bean", Some(set))
            .map_err(|e| TestCaseError::fail(format!("{text}: {}", e[0])))?;
        let verified = verify(program).map_err(|e| TestCaseError::fail(format!("{text}: {}", e[0])))?;
        let (end, _, _) = run(&verified, &[], Limits::default());
        let (other, _, _) = register::translate(&verified).run(&verified, &[], Limits::default());
        for end in [end, other] {
            match (&end, tree.value()) {
                (End::Halted(Some(found)), Some(value)) => {
                    prop_assert_eq!(i128::from(*found), value, "{}", text)
                }
                (End::Fault(fault), None) => {
                    prop_assert_eq!(fault.kind, FaultKind::DivisionByZero, "{}", text)
                }
                other => prop_assert!(false, "{}: {:?}", text, other),
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn expressions_in_the_expression_set(tree in tree(&['+', '-', '*', '/'])) {
        check(&tree, InstructionSet::Expression)?;
    }

    #[test]
    fn expressions_in_the_mini_set(tree in tree(&['+', '-', '*', '/', '%'])) {
        check(&tree, InstructionSet::Mini)?;
    }

    #[test]
    fn compiled_expressions_round_trip(tree in tree(&['+', '-', '*', '/'])) {
        for set in [InstructionSet::Expression, InstructionSet::Mini] {
            check::program(&compile(&tree.text(false), "t.bean", Some(set)).unwrap());
        }
    }

    /// Whatever numbers the code consists of, it is accepted or rejected, shown, and if accepted it runs.
    #[test]
    fn any_words(words in prop::collection::vec(prop_oneof![6 => 0..24, 2 => -2..60, 1 => any::<i32>()], 0..40)) {
        check::program(&Program::from_code(Code::Mini(words)));
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(prop_oneof![5 => prop::sample::select(&[20u8, 21, 23, 24, 100, 0][..]), 1 => any::<u8>()], 0..40)) {
        check::program(&Program::from_code(Code::Expression(bytes)));
    }

    /// A file that was damaged, and sealed again with the right checksum.
    #[test]
    fn damaged_files(seed in 0..2000u64, damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)) {
        let mut bytes = cbc::write(random_program(seed).program()).unwrap();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        check::file(&bytes);
    }

    #[test]
    fn any_file(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check::file(&bytes);
    }

    /// The assembler takes any text without a panic.
    #[test]
    fn any_text(text in "([.a-zA-Z_0-9:;\" \\-\n]|PUSH |JZ |CALL |\\.function |\\.line )*") {
        if let Ok(program) = assemble(&text) {
            let _ = verify(program);
        }
        let _ = compile(&text, "t.bean", None);
    }
}

#[test]
fn random_programs_round_trip() {
    for seed in 0..support::count() {
        let program = random_program(seed);
        let file = cbc::write(program.program()).unwrap();
        check::file(&file);
    }
}

#[test]
fn the_examples_round_trip() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/stack");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let program = if name.ends_with(".bean") {
            compile(&text, &name, None).unwrap()
        } else {
            assemble(&text).unwrap()
        };
        check::file(&cbc::write(&program).unwrap());
        verify(program).unwrap();
        seen += 1;
    }
    assert!(seen >= 7);
}
